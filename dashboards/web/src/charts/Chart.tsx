// A chart on the page. It follows the size of its box, the colours in force and the root's font size; a click on a
// period selects it. The figures are there as a table too, so the picture itself is one image to a screen reader.
import { useEffect, useRef } from 'react';
import { useShell, useText } from '../components/context';
import { formatPeriod } from '../format/date';
import { formatValue, withUnit } from '../format/number';
import type { KpiValue, Target } from '../gen/yokoten/insight/v1/service_pb';
import type { Grain, KpiDefinition } from '../gen/yokoten/kpi/v1/kpi_pb';
import { kpiName, kpiUnit } from '../judge/headline';
import { analyse } from './analysis';
import type { Chart as EChart } from './echarts';
import { init } from './echarts';
import { chartOption, readPalette, readPaperPalette } from './option';

// The A3 board is 402 mm wide: its widths relate to those on screen as this to the window's, the height is set.
const paper = { width: (402 / 25.4) * 96, height: 190, size: 9.5 };

interface Props {
  values: readonly KpiValue[];
  kpi: KpiDefinition;
  target: Target | undefined;
  grain: Grain;
  selected: string;
  compact?: boolean;
  onSelect: (periodStart: string) => void;
}

export function Chart({ values, kpi, target, grain, selected, compact = false, onSelect }: Props) {
  const t = useText();
  const { lang, theme } = useShell();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChart | undefined>(undefined);
  const select = useRef(onSelect);
  select.current = onSelect;

  useEffect(() => {
    const made = init(box.current, null, { renderer: 'svg' });
    chart.current = made;
    return () => {
      made.dispose();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => {
    const drawn = chart.current;
    if (!drawn || !box.current) return undefined;
    const draw = () => {
      const size = parseFloat(getComputedStyle(box.current!).fontSize);
      drawn.resize();
      drawn.setOption(
        chartOption({
          values,
          kpi,
          target,
          grain,
          lang,
          selected,
          palette: readPalette(),
          size,
          narrow: box.current!.clientWidth < size * 40,
        }),
        { notMerge: true },
      );
    };
    draw();
    const sizes = new ResizeObserver(draw);
    sizes.observe(box.current);
    // Paper is laid out without a resize that scripts could see: the sheet's measures are known, so draw for them.
    const print = () => {
      drawn.resize({
        width: (box.current!.clientWidth / document.documentElement.clientWidth) * paper.width,
        height: paper.height,
      });
      drawn.setOption(
        chartOption({ values, kpi, target, grain, lang, selected, palette: readPaperPalette(), size: paper.size }),
        { notMerge: true },
      );
    };
    if (compact) {
      window.addEventListener('beforeprint', print);
      window.addEventListener('afterprint', draw);
    }
    const onClick = (event: { offsetX: number; offsetY: number }) => {
      const index = (drawn.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]) as number[])[0];
      const value = index === undefined ? undefined : values[Math.round(index)];
      if (value) select.current(value.periodStart);
    };
    drawn.getZr().on('click', onClick);
    return () => {
      window.removeEventListener('beforeprint', print);
      window.removeEventListener('afterprint', draw);
      sizes.disconnect();
      if (!drawn.isDisposed()) drawn.getZr().off('click', onClick);
    };
  }, [values, kpi, target, grain, lang, theme, selected, compact]);

  const first = values[0];
  const last = values.at(-1);
  const { limits } = analyse(values, kpi, grain);
  const label = t('chart.summary', {
    name: kpiName(kpi, lang),
    n: values.length,
    first: first ? formatPeriod(grain, first.periodStart, first.periodEnd, lang) : '',
    last: last ? formatPeriod(grain, last.periodStart, last.periodEnd, lang) : '',
    value: withUnit(formatValue(last?.value, kpi, lang), kpiUnit(kpi, lang)),
  });
  return (
    <figure className="chart">
      <div ref={box} className={compact ? 'chart-box chart-compact' : 'chart-box'} role="img" aria-label={label} />
      <figcaption>
        {limits ? (
          <>
            <span className="legend legend-limits">{t('chart.limits')}</span>{' '}
            {t(limits.laney ? 'chart.laney' : 'chart.baseline', { n: limits.baseline })}
          </>
        ) : (
          values.some(value => value.ciLow !== undefined) && (
            <span className="legend legend-band">{t('chart.interval')}</span>
          )
        )}
      </figcaption>
    </figure>
  );
}
