// A series as a chart: points with their interval, target, and control limits where they make sense. The same picture
// is shown on the page and saved to a file.
import type { EChartsCoreOption } from 'echarts/core';
import { formatPeriod, formatPeriodShort } from '../format/date';
import { absent, formatFixed, formatValue, withUnit } from '../format/number';
import type { KpiValue, Target } from '../gen/yokoten/insight/v1/service_pb';
import { KpiStatus } from '../gen/yokoten/insight/v1/service_pb';
import type { Grain, KpiDefinition } from '../gen/yokoten/kpi/v1/kpi_pb';
import type { Lang } from '../i18n/lang';
import { message } from '../i18n/messages';
import { kpiUnit, targetText } from '../judge/headline';
import { judge } from '../judge/standing';
import { analyse, meaning } from './analysis';

export interface Palette {
  ink: string;
  ink2: string;
  ink3: string;
  line: string;
  card: string;
  data: string;
  dataSoft: string;
  good: string;
  near: string;
  missed: string;
  font: string;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: get('--ink'),
    ink2: get('--ink-2'),
    ink3: get('--ink-3'),
    line: get('--line'),
    card: get('--card'),
    data: get('--data'),
    dataSoft: get('--data-soft'),
    good: get('--good'),
    near: get('--near'),
    missed: get('--missed'),
    font: get('--font').replaceAll('"', "'"),
  };
}

// Paper is white whatever the screen is.
export function readPaperPalette(): Palette {
  const root = document.documentElement;
  const theme = root.dataset['theme'];
  root.dataset['theme'] = 'light';
  const palette = readPalette();
  if (theme) root.dataset['theme'] = theme;
  return { ...palette, card: '#fff' };
}

export interface Picture {
  values: readonly KpiValue[];
  kpi: KpiDefinition;
  target: Target | undefined;
  grain: Grain;
  lang: Lang;
  // First day of the period that is marked; '' = none.
  selected: string;
  palette: Palette;
  // Font size in pixels that everything else follows.
  size: number;
  // A narrow picture writes the names of its lines inside.
  narrow?: boolean;
  // For a saved picture: what it shows, written above it.
  title?: { text: string; subtext: string };
}

// The limits of a period that has hardly begun are so wide that drawing them would only hide the others.
const isOpen = (value: KpiValue) => value.status === KpiStatus.PROVISIONAL;
const judgedStatus = (value: KpiValue) => value.status === KpiStatus.OK || value.status === KpiStatus.PROVISIONAL;

export function chartOption(picture: Picture): EChartsCoreOption {
  const { values, kpi, target, grain, lang, palette, size, selected, title, narrow = false } = picture;
  const { limits, signals, runs } = analyse(values, kpi, grain);
  const starts = new Set(runs.map(run => run.from));
  const unit = kpiUnit(kpi, lang);
  const hair = Math.max(1, size / 12);
  const fixed = (value: number | undefined) => (value === undefined ? absent : formatValue(value, kpi, lang));
  const known = values.flatMap(value => (value.value === undefined ? [] : [value]));

  // The scale follows the values and target; wide intervals are cut off rather than flatten everything else.
  const shown = [
    ...known.map(v => v.value!),
    ...(target && known.length ? [target.green] : []),
    ...(limits ? [limits.centre] : []),
  ];
  const soft = [
    ...known.filter(judgedStatus).flatMap(v => [v.ciLow, v.ciHigh]),
    ...(limits ? [...limits.upper, ...limits.lower] : []),
  ].filter((v): v is number => v !== undefined);
  const low0 = Math.min(...shown);
  const high0 = Math.max(...shown);
  const room = Math.max(high0 - low0, Math.abs(high0) * 0.05, 1e-6);
  const low = Math.max(Math.min(low0, ...soft), low0 - room);
  const high = Math.min(Math.max(high0, ...soft), high0 + room);
  const percent = unit === '%';
  const min = shown.length === 0 ? 0 : Math.max(low >= 0 ? 0 : -Infinity, low - room * 0.08);
  const max = shown.length === 0 ? 1 : Math.min(percent && high <= 100 ? 100 : Infinity, high + room * 0.08);
  const clip = (v: number | undefined) => (v === undefined ? null : Math.max(min, Math.min(max, v)));

  const signalAt = new Map(signals.map(signal => [signal.index, signal]));
  const colourOf = (value: KpiValue, index: number): string => {
    if (!judgedStatus(value)) return palette.ink3;
    const signal = signalAt.get(index);
    if (signal) return { better: palette.good, worse: palette.missed, neutral: palette.data }[meaning(signal, kpi)];
    if (limits) return palette.data;
    const standing = judge(value, target, kpi.direction);
    return standing === 'red' ? palette.missed : standing === 'yellow' ? palette.near : palette.data;
  };
  const text = { color: palette.ink2, fontFamily: palette.font, fontSize: size };
  const dense = values.length > 40;

  const marks: Record<string, unknown>[] = [];
  if (target && known.length) {
    marks.push({
      yAxis: clip(target.green),
      lineStyle: { color: palette.good, type: 'dashed', width: 1.5 * hair },
      label: { formatter: `${message(lang, 'chart.target')} ${targetText(target, kpi, lang)}`, color: palette.good },
    });
  }
  if (limits) {
    marks.push({
      yAxis: clip(limits.centre),
      lineStyle: { color: palette.ink3, type: 'solid', width: 1 * hair },
      label: { formatter: message(lang, 'chart.centre', { value: fixed(limits.centre) }), color: palette.ink2 },
    });
  }
  if (marks.length === 2 && Math.abs((target!.green - limits!.centre) / (max - min)) < 0.07) {
    const lower = target!.green <= limits!.centre ? 0 : 1;
    marks.forEach((mark, index) => {
      (mark['label'] as Record<string, unknown>)['verticalAlign'] = index === lower ? 'top' : 'bottom';
    });
  }

  const line = (name: string, data: (number | null)[], extra: Record<string, unknown>) => ({
    name,
    type: 'line',
    data,
    silent: true,
    symbol: 'none',
    animation: false,
    z: 1,
    ...extra,
  });
  const interval = known.some(v => v.ciLow !== undefined) && !limits;
  return {
    animation: false,
    textStyle: text,
    aria: { enabled: false },
    ...(title
      ? {
          backgroundColor: palette.card,
          title: {
            text: title.text,
            subtext: title.subtext,
            left: size,
            top: size * 0.7,
            textStyle: { color: palette.ink, fontFamily: palette.font, fontSize: size * 1.5, fontWeight: 600 },
            subtextStyle: { ...text },
          },
        }
      : {}),
    grid: {
      left: size * 0.5,
      right: narrow ? size : size * 11,
      top: title ? size * 6 : size * 1.4,
      bottom: title ? size : size * 0.4,
      containLabel: true,
    },
    xAxis: {
      type: 'category',
      boundaryGap: true,
      data: values.map(value => formatPeriodShort(grain, value.periodStart, value.periodEnd)),
      axisLine: { lineStyle: { color: palette.line } },
      axisTick: { show: false },
      axisLabel: { ...text, color: palette.ink3, hideOverlap: true, fontSize: size * 0.9 },
    },
    yAxis: {
      type: 'value',
      min,
      max,
      splitNumber: 4,
      name: unit,
      nameLocation: 'end',
      nameGap: size * 0.4,
      nameTextStyle: { ...text, align: 'left', color: palette.ink3, fontSize: size * 0.9 },
      splitLine: { lineStyle: { color: palette.line, width: 0.75 * hair } },
      axisLabel: {
        ...text,
        color: palette.ink3,
        fontSize: size * 0.9,
        showMinLabel: min === 0,
        showMaxLabel: false,
        formatter: (v: number) => formatFixed(v, max - min < 4 ? Math.max(1, kpi.decimals) : 0, lang),
      },
    },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      backgroundColor: palette.card,
      borderColor: palette.line,
      borderWidth: 1,
      padding: size * 0.6,
      textStyle: { ...text, color: palette.ink },
      axisPointer: { type: 'line', lineStyle: { color: palette.ink3, width: 1 * hair } },
      formatter: (raw: unknown) => {
        const index = (raw as { dataIndex: number }[])[0]?.dataIndex ?? 0;
        const value = values[index];
        if (!value) return '';
        const lines = [
          formatPeriod(grain, value.periodStart, value.periodEnd, lang),
          withUnit(fixed(value.value), unit),
        ];
        if (value.ciLow !== undefined && value.ciHigh !== undefined)
          lines.push(message(lang, 'value.interval', { low: fixed(value.ciLow), high: fixed(value.ciHigh) }));
        const signal = signalAt.get(index);
        if (signal) lines.push(message(lang, `chart.signal.${signal.rule}.${signal.side}`));
        return lines.join('\n');
      },
    },
    series: [
      ...(interval
        ? [
            line(
              'low',
              values.map(v => clip(v.ciLow)),
              { stack: 'interval', lineStyle: { opacity: 0 } },
            ),
            line(
              'range',
              values.map(v =>
                v.ciLow === undefined || v.ciHigh === undefined ? null : clip(v.ciHigh)! - clip(v.ciLow)!,
              ),
              { stack: 'interval', lineStyle: { opacity: 0 }, areaStyle: { color: palette.dataSoft, opacity: 1 } },
            ),
          ]
        : []),
      ...(limits
        ? [
            line(
              'upper',
              limits.upper.map((v, i) => (isOpen(values[i]!) ? null : clip(v))),
              { step: 'middle', lineStyle: { color: palette.ink3, width: 1 * hair, type: [2, 3] } },
            ),
            line(
              'lower',
              limits.lower.map((v, i) => (isOpen(values[i]!) ? null : clip(v))),
              { step: 'middle', lineStyle: { color: palette.ink3, width: 1 * hair, type: [2, 3] } },
            ),
          ]
        : []),
      {
        name: 'value',
        type: 'line',
        z: 3,
        showAllSymbol: true,
        symbol: 'circle',
        symbolSize: dense ? size * 0.4 : size * 0.55,
        lineStyle: { color: palette.data, width: 1.75 * hair },
        connectNulls: false,
        cursor: 'pointer',
        triggerLineEvent: false,
        data: values.map((value, index) => {
          const colour = colourOf(value, index);
          const signal = signalAt.get(index);
          const picked = value.periodStart === selected;
          const faint = !judgedStatus(value);
          return {
            value: value.value ?? null,
            symbol: starts.has(index) || signal?.rule === 1 ? 'diamond' : 'circle',
            symbolSize: picked
              ? size * 1.1
              : starts.has(index) || signal?.rule === 1
                ? size * 0.95
                : colour === palette.data && dense
                  ? size * 0.4
                  : size * 0.6,
            itemStyle: {
              color: faint ? palette.card : colour,
              borderColor: picked ? palette.ink : colour,
              borderWidth: (picked ? 2.5 : 1.5) * hair,
            },
            ...(index === values.length - 1 && value.value !== undefined
              ? {
                  label: {
                    show: true,
                    position: 'top',
                    formatter: fixed(value.value),
                    color: palette.ink,
                    fontWeight: 700,
                    fontSize: size,
                    fontFamily: palette.font,
                    distance: size * 0.5,
                    backgroundColor: palette.card,
                    padding: [1, 3],
                    borderRadius: 3,
                    offset: [-size * 0.9, 0],
                  },
                }
              : {}),
          };
        }),
        markLine: {
          silent: true,
          symbol: 'none',
          animation: false,
          data: marks,
          label: {
            position: narrow ? 'insideStartTop' : 'end',
            fontFamily: palette.font,
            fontSize: size * 0.9,
            distance: size * 0.4,
            ...(narrow ? { backgroundColor: palette.card, padding: [0, 2] } : {}),
          },
        },
      },
    ],
  };
}
