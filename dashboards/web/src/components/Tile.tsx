// One figure of the board: value, unit, period, how it stands, whether it moved by more than chance, and its past.
import { memo } from 'react';
import {
  absent,
  differenceUnit,
  formatCompact,
  formatFixed,
  formatSigned,
  formatValue,
  withUnit,
} from '../format/number';
import type { GetKpiSnapshotResponse_Entry as Entry } from '../gen/yokoten/insight/v1/service_pb';
import { Aggregation, Direction } from '../gen/yokoten/kpi/v1/kpi_pb';
import { kpiName, kpiUnit, targetText } from '../judge/headline';
import { moveOf, standingOf } from '../judge/standing';
import { useShell, useText } from './context';
import { figureOf, periodOf } from './figure';
import { Go } from './Go';
import { Sparkline } from './Sparkline';
import { Standing } from './Standing';

// What the change says. An arrow only where the change is more than chance; a wiggle gets words in grey.
export function Change({ entry }: { entry: Entry }) {
  const t = useText();
  const { lang } = useShell();
  const kpi = entry.kpi!;
  if (entry.change === undefined)
    return <span className="change change-none">{entry.previous ? '' : t('change.first')}</span>;
  const diff = withUnit(
    formatSigned(entry.change, kpi.decimals, lang),
    differenceUnit(kpiUnit(kpi, lang).length <= 2 ? kpiUnit(kpi, lang) : '', lang),
  );
  const move = moveOf(entry);
  if (move) {
    return (
      <span className={`change change-${move}`}>
        <span aria-hidden="true">{entry.change > 0 ? '↑' : '↓'}</span> {diff}{' '}
        <span className="change-words">{t(`change.${move}`)}</span>
      </span>
    );
  }
  const judged = entry.current?.ciLow !== undefined;
  return <span className="change change-none">{judged ? t('change.none') : t('change.noneKnown', { diff })}</span>;
}

interface Props {
  entry: Entry;
  // Raised when new facts moved the figure; the tile then glows once.
  fresh: number;
  // Production day shown: a period that reaches it is open.
  day: string;
}

export const Tile = memo(function Tile({ entry, fresh, day }: Props) {
  const t = useText();
  const { lang } = useShell();
  const kpi = entry.kpi!;
  const { current, target } = entry;
  const figure = figureOf(current, kpi, lang);
  const standing = standingOf[entry.targetState];
  const goal = target && kpi.direction !== Direction.CONTEXT ? targetText(target, kpi, lang) : undefined;
  const name = kpiName(kpi, lang);
  const period = current ? periodOf(current, entry.grain, day, lang) : absent;
  const counted =
    kpi.numerator === Aggregation.VALUES
      ? current && current.n > 0n
        ? t('panel.n', { n: formatFixed(Number(current.n), 0, lang) })
        : ''
      : current && current.numerator !== '' && current.denominator !== '' && current.denominator !== '1'
        ? `${formatCompact(Number(current.numerator), lang)} / ${formatCompact(Number(current.denominator), lang)}`
        : '';
  const interval =
    current?.ciLow !== undefined && current.ciHigh !== undefined
      ? t('value.intervalShort', {
          low: formatFixed(current.ciLow, kpi.decimals, lang),
          high: formatFixed(current.ciHigh, kpi.decimals, lang),
        })
      : '';
  const spark = t('chart.summary', {
    name,
    n: entry.history.length,
    first: formatValue(entry.history[0]?.value, kpi, lang),
    last: formatValue(entry.history.at(-1)?.value, kpi, lang),
    value: withUnit(figure.text, figure.unit),
  });
  return (
    <Go
      key={fresh}
      to={{ kpi: kpi.id, facts: '', at: '', grain: undefined }}
      className={`tile tile-${standing}${fresh ? ' tile-fresh' : ''}`}
      data-kpi={kpi.id}
    >
      <span className="tile-head">
        <span className="tile-name">{name}</span> <span className="tile-period">{period}</span>
      </span>
      <span className={`tile-value${figure.faint ? ' faint' : ''}`}>
        <b className="figure">{figure.text}</b>
        {figure.unit && (
          <small className={/^[%‰]$/.test(figure.unit) ? 'unit unit-sign' : 'unit'}>{figure.unit}</small>
        )}
        {figure.note && <em className="note">{t(figure.note)}</em>}
      </span>
      <Sparkline values={entry.history} target={target} standing={figure.faint ? 'none' : standing} label={spark} />
      <Standing standing={standing} target={goal} context={kpi.direction === Direction.CONTEXT} />
      {moveOf(entry) && <Change entry={entry} />}
      <span className="tile-small">{[interval, counted].filter(Boolean).join(' · ')}</span>
    </Go>
  );
});
