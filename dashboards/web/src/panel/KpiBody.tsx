// The panel of one KPI.
import { useState } from 'react';
import { useSeries } from '../api/queries';
import { analyse, verdict } from '../charts/analysis';
import { Chart } from '../charts/Chart';
import { csv } from '../charts/csv';
import { pngOf, save, stamp, svgOf } from '../charts/download';
import { readPalette } from '../charts/option';
import { useShell, useText } from '../components/context';
import { figureOf, periodOf } from '../components/figure';
import { Standing } from '../components/Standing';
import { Failed, Loading } from '../components/States';
import { Change } from '../components/Tile';
import { formatPeriod } from '../format/date';
import { absent, formatExact, formatFixed, formatValue, withUnit } from '../format/number';
import type { GetKpiSnapshotResponse_Entry as Entry, KpiValue } from '../gen/yokoten/insight/v1/service_pb';
import { KpiStatus } from '../gen/yokoten/insight/v1/service_pb';
import type { KpiDefinition } from '../gen/yokoten/kpi/v1/kpi_pb';
import { Aggregation, Direction, Grain } from '../gen/yokoten/kpi/v1/kpi_pb';
import { kpiName, kpiUnit, sinceText, targetText } from '../judge/headline';
import { judge, missedSince, standingOf } from '../judge/standing';
import type { GrainName } from '../url/state';
import { grainNames } from '../url/state';
import { Breakdown } from './Breakdown';
import { Facts } from './Facts';
import type { PanelProps } from './Panel';
import { chartFrom, grainOf, nameOf } from './periods';

interface Props extends PanelProps {
  entry: Entry;
  kpi: KpiDefinition;
}

// The figure as an equation: 1,000 × 231 ÷ 15,800 = 14.62.
function Equation({ value, kpi }: { value: KpiValue; kpi: KpiDefinition }) {
  const t = useText();
  const { lang } = useShell();
  if (value.numerator === '' || value.denominator === '' || kpi.numerator === Aggregation.VALUES) return null;
  const part = (text: string, label: string) => (
    <span className="part">
      <b className="figure">{text}</b>
      <small>{label}</small>
    </span>
  );
  const figure = figureOf(value, kpi, lang);
  return (
    <p className="equation">
      {kpi.factor !== '1' && (
        <>
          {part(formatExact(kpi.factor, lang), t('panel.factor'))}
          <span className="operator">×</span>
        </>
      )}
      {part(formatExact(value.numerator, lang), t('panel.numerator'))}
      {kpi.denominator !== Aggregation.ONE && (
        <>
          <span className="operator">÷</span>
          {part(formatExact(value.denominator, lang), t('panel.denominator'))}
        </>
      )}
      <span className="operator">=</span>
      {part(withUnit(figure.text, figure.unit), t('panel.value'))}
    </p>
  );
}

// True when the address is on the clipboard. Where the browser gives a page none (no TLS, or it was refused), the
// address is shown to be copied by hand.
async function copyLink(label: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(window.location.href);
    return true;
  } catch {
    window.prompt(label, window.location.href);
    return false;
  }
}

const csvStatus = (status: KpiStatus): string => KpiStatus[status].toLowerCase();

export function KpiBody({ plant, unit, unitName, day, entry, kpi }: Props) {
  const t = useText();
  const { lang, view, move, theme } = useShell();
  const [table, setTable] = useState(false);
  const [copied, setCopied] = useState(false);
  const [failed, setFailed] = useState(false);
  const own = entry.grain;
  const grain = view.grain ? grainOf(view.grain) : own;
  // With the KPI's own grain the series follows the snapshot, so that both show one figure.
  const series = useSeries(unit, kpi.id, grain, chartFrom(grain, day), day);
  const values = series.data?.values ?? [];
  const target = series.data?.target ?? entry.target;
  const current = grain === own ? entry.current : values.at(-1);
  const selected = (view.at && values.find(value => value.periodStart === view.at)) || undefined;
  const looked = selected ?? current;
  const since = missedSince(entry);
  const figure = figureOf(looked, kpi, lang);
  const isCurrent = looked?.periodStart === entry.current?.periodStart && grain === own;
  const standing = isCurrent ? standingOf[entry.targetState] : looked ? judge(looked, target, kpi.direction) : 'none';
  const analysis = analyse(values, kpi, grain);
  const named = kpiName(kpi, lang);
  const formula = lang === 'zh' ? kpi.formulaZh : kpi.formulaEn;
  const pitfalls = lang === 'zh' ? kpi.pitfallsZh : kpi.pitfallsEn;
  const grains: GrainName[] = kpi.numerator === Aggregation.VALUES ? ['month', 'quarter', 'year'] : [...grainNames];
  const fileName = `${kpi.id}_${[unit.plantId, unit.workshopId, unit.lineId].filter(Boolean).join('-')}_${day}`;

  const picture = () =>
    svgOf({
      values,
      kpi,
      target,
      grain,
      lang,
      selected: '',
      palette: readPalette(),
      title: {
        text: `${named} · ${unitName}`,
        subtext: [
          values[0] &&
            [values[0], values.at(-1)!]
              .map(value => formatPeriod(grain, value.periodStart, value.periodEnd, lang))
              .join(' – '),
          t('footer.asOf', {
            time: stamp(plant.timeZone)
              .replace('T', ' ')
              .replace(/(\d\d)(\d\d)$/, '$1:$2'),
            zone: plant.timeZone,
          }),
          series.data?.freshness?.simulated ? t('app.simulated') : '',
        ]
          .filter(Boolean)
          .join(' · '),
      },
    });
  const saveCsv = () =>
    save(
      new Blob(
        [
          csv([
            [
              'kpi_id',
              'name_zh',
              'name_en',
              'unit',
              'definition_version',
              'plant_id',
              'workshop_id',
              'line_id',
              'grain',
              'period_start',
              'period_end',
              'value',
              'numerator',
              'denominator',
              'n',
              'ci_low',
              'ci_high',
              'status',
              'completeness',
              'lower_bound',
              'target_green',
              'target_yellow',
              'simulated',
            ],
            ...values.map(value => [
              kpi.id,
              kpi.nameZh,
              kpi.nameEn,
              kpiUnit(kpi, lang),
              kpi.version,
              unit.plantId,
              unit.workshopId,
              unit.lineId,
              Grain[grain].toLowerCase(),
              value.periodStart,
              value.periodEnd,
              value.value,
              value.numerator,
              value.denominator,
              String(value.n),
              value.ciLow,
              value.ciHigh,
              csvStatus(value.status),
              value.completeness,
              value.lowerBound,
              target?.green,
              target?.yellow,
              String(series.data?.freshness?.simulated ?? false),
            ]),
          ]),
        ],
        { type: 'text/csv;charset=utf-8' },
      ),
      `${fileName}.csv`,
    );

  return (
    <>
      <section className={`answer answer-${standing}`}>
        <p className="answer-period">{looked ? periodOf(looked, grain, day, lang) : absent}</p>
        <p className={`answer-value${figure.faint ? ' faint' : ''}`}>
          <b className="figure">{figure.text}</b> <small className="unit">{figure.unit}</small>
          {figure.note && <em className="note">{t(figure.note)}</em>}
        </p>
        <p className="answer-line">
          <Standing
            standing={standing}
            target={target && kpi.direction !== Direction.CONTEXT ? targetText(target, kpi, lang) : undefined}
            context={kpi.direction === Direction.CONTEXT}
          />
          {isCurrent && since && <span>{sinceText(since, entry.grain, lang)}</span>}
          {isCurrent && <Change entry={entry} />}
        </p>
        <p className="answer-small">
          {[
            looked?.ciLow !== undefined &&
              looked.ciHigh !== undefined &&
              t('value.interval', {
                low: formatFixed(looked.ciLow, kpi.decimals, lang),
                high: formatFixed(looked.ciHigh, kpi.decimals, lang),
              }),
            looked && looked.n > 0n && t('panel.n', { n: formatFixed(Number(looked.n), 0, lang) }),
            looked?.completeness !== undefined &&
              t('value.complete', { share: `${formatFixed(looked.completeness * 100, 1, lang)}%` }),
            target &&
              kpi.direction !== Direction.CONTEXT &&
              t('panel.greenYellow', {
                green: formatValue(target.green, kpi, lang),
                yellow: formatValue(target.yellow, kpi, lang),
              }),
            target &&
              kpi.direction !== Direction.CONTEXT &&
              target.validFrom &&
              t('panel.targetFrom', { day: target.validFrom }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
        {figure.note && <p className="answer-help">{t(figure.help)}</p>}
      </section>

      <section aria-labelledby="panel-formula">
        <h3 id="panel-formula">{t('panel.formula')}</h3>
        <p className="formula">{formula}</p>
        {looked && <Equation value={looked} kpi={kpi} />}
        {pitfalls && (
          <p className="pitfalls">
            <b>{t('panel.pitfalls')}</b> {pitfalls}
          </p>
        )}
        <p className="panel-small">
          {[t('panel.version', { n: kpi.version }), kpi.source && t('panel.source', { source: kpi.source }), kpi.id]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </section>

      <section aria-labelledby="panel-history">
        <div className="bar">
          <h3 id="panel-history">{t('panel.history')}</h3>
          <div className="segmented" role="group" aria-label={t('panel.grain')}>
            {own === Grain.ROLLING_12_MONTHS && (
              <button
                type="button"
                aria-pressed={view.grain === undefined}
                onClick={() => move({ grain: undefined, at: '' }, true)}
              >
                {t('grain.rolling')}
              </button>
            )}
            {grains.map(name => (
              <button
                key={name}
                type="button"
                aria-pressed={grain === grainOf(name)}
                onClick={() => move({ grain: name === nameOf(own) ? undefined : name, at: '' }, true)}
              >
                {t(`grain.${name}`)}
              </button>
            ))}
          </div>
        </div>
        {series.error !== undefined && !series.data ? (
          <Failed error={series.error} />
        ) : !series.data ? (
          <Loading rows={5} label={t('chart.loading')} />
        ) : values.length === 0 ? (
          <p className="quiet">{t('board.noFigures')}</p>
        ) : (
          <>
            <Chart
              key={theme}
              values={values}
              kpi={kpi}
              target={kpi.direction === Direction.CONTEXT ? undefined : target}
              grain={grain}
              selected={looked?.periodStart ?? ''}
              onSelect={at => move({ at }, true)}
            />
            {analysis.limits && <p className="verdict">{verdict(values, analysis, kpi, grain, lang)}</p>}
            <div className="bar bar-tools">
              <button type="button" className="button" aria-expanded={table} onClick={() => setTable(!table)}>
                {t('panel.table')}
              </button>
              <button type="button" className="button" onClick={saveCsv}>
                {t('panel.csv')}
              </button>
              <button
                type="button"
                className="button"
                onClick={() => {
                  pngOf(picture()).then(
                    blob => save(blob, `${fileName}.png`),
                    () => setFailed(true),
                  );
                }}
              >
                {t('panel.png')}
              </button>
              <button
                type="button"
                className="button"
                onClick={() => save(new Blob([picture()], { type: 'image/svg+xml' }), `${fileName}.svg`)}
              >
                {t('panel.svg')}
              </button>
              <button
                type="button"
                className="button"
                onClick={() => {
                  void copyLink(t('panel.link')).then(setCopied);
                }}
              >
                {t(copied ? 'panel.copied' : 'panel.link')}
              </button>
              {failed && (
                <span className="warn" role="alert">
                  {t('load.error')}
                </span>
              )}
            </div>
            {table && (
              <SeriesTable
                values={values}
                kpi={kpi}
                grain={grain}
                selected={looked?.periodStart ?? ''}
                onSelect={at => move({ at }, true)}
              />
            )}
          </>
        )}
      </section>

      <Breakdown
        plant={plant}
        unit={unit}
        kpi={kpi}
        day={looked && looked.periodEnd < day ? looked.periodEnd : day}
        grain={grain}
        target={target}
      />

      {looked && (
        <Facts
          plant={plant}
          title={formatPeriod(grain, looked.periodStart, looked.periodEnd, lang)}
          query={{
            unit,
            kpiId: kpi.id,
            eventTypes: [],
            from: looked.periodStart,
            to: looked.periodEnd < day ? looked.periodEnd : day,
            inert: view.inert,
          }}
        />
      )}
    </>
  );
}

const numberColumns = ['panel.value', 'panel.low', 'panel.high', 'panel.numerator', 'panel.denominator'] as const;

function SeriesTable({
  values,
  kpi,
  grain,
  selected,
  onSelect,
}: {
  values: readonly KpiValue[];
  kpi: KpiDefinition;
  grain: Grain;
  selected: string;
  onSelect: (at: string) => void;
}) {
  const t = useText();
  const { lang } = useShell();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t('panel.table')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('panel.period')}</th>
            {numberColumns.map(column => (
              <th key={column} scope="col" className="number">
                {t(column)}
              </th>
            ))}
            <th scope="col">{t('panel.state')}</th>
          </tr>
        </thead>
        <tbody>
          {[...values].reverse().map(value => {
            const figure = figureOf(value, kpi, lang);
            return (
              <tr key={value.periodStart} className={value.periodStart === selected ? 'picked' : ''}>
                <th scope="row">
                  <button type="button" className="text-button" onClick={() => onSelect(value.periodStart)}>
                    {formatPeriod(grain, value.periodStart, value.periodEnd, lang)}
                  </button>
                </th>
                <td className="number">{figure.text}</td>
                <td className="number">{formatFixed(value.ciLow, kpi.decimals, lang)}</td>
                <td className="number">{formatFixed(value.ciHigh, kpi.decimals, lang)}</td>
                <td className="number">{formatExact(value.numerator, lang)}</td>
                <td className="number">{formatExact(value.denominator, lang)}</td>
                <td>{t(figure.note ?? 'status.ok')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
