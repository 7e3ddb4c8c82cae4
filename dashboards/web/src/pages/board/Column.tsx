// One column of the board: its letter, the month as a calendar in that letter, and its figures.
import { useSeries, type UnitRef } from '../../api/queries';
import { useShell, useText } from '../../components/context';
import { LetterCalendar } from '../../components/LetterCalendar';
import { Tile } from '../../components/Tile';
import { figureOf } from '../../components/figure';
import { formatPeriod, monthEnd, monthStart } from '../../format/date';
import { formatFixed, withUnit } from '../../format/number';
import type { GetKpiSnapshotResponse_Entry as Entry, KpiValue } from '../../gen/yokoten/insight/v1/service_pb';
import { Grain } from '../../gen/yokoten/kpi/v1/kpi_pb';
import type { MessageKey } from '../../i18n/messages';
import type { Cell, CellState, Letter } from '../../judge/calendar';
import { calendarOf, leadOf, safetyCross } from '../../judge/calendar';
import { kpiName } from '../../judge/headline';

interface Safety {
  recordables: readonly KpiValue[];
  nearMisses: readonly KpiValue[];
  safe: { days: number; more: boolean } | undefined;
  kpiId: string;
}

interface Props {
  letter: Letter;
  // Runs down past the lower block instead of ending above it.
  long: boolean;
  entries: readonly Entry[];
  unit: UnitRef;
  day: string;
  moved: ReadonlyMap<string, number>;
  safety: Safety | undefined;
}

const words: Record<CellState, MessageKey> = {
  good: 'letter.good',
  near: 'letter.near',
  missed: 'letter.missed',
  unjudged: 'letter.notJudged',
  none: 'letter.none',
  future: 'letter.future',
};
const safetyWords: Record<CellState, MessageKey> = { ...words, good: 'letter.safe', missed: 'letter.recordable' };

export function Column({ letter, long, entries, unit, day, moved, safety }: Props) {
  const t = useText();
  const { lang, move } = useShell();
  const lead = safety ? undefined : leadOf(entries);
  const series = useSeries(unit, lead?.kpi?.id, Grain.DAY, day ? monthStart(day) : '', day);
  const name = t(`pillar.${letter}`);
  const month = formatPeriod(Grain.MONTH, monthStart(day), monthEnd(day), lang);
  const cells = safety
    ? safetyCross(safety.recordables, safety.nearMisses, day)
    : calendarOf(series.data?.values ?? [], series.data?.target ?? lead?.target, lead?.kpi?.direction ?? 0, day);
  const opens = safety ? safety.kpiId : lead?.kpi?.id;
  const describe = (cell: Cell) => {
    if (safety) return cell.marks > 0 ? ` · ${t('letter.nearMiss')} × ${cell.marks}` : '';
    if (!cell.value || !lead?.kpi) return '';
    const figure = figureOf(cell.value, lead.kpi, lang);
    return ` · ${withUnit(figure.text, figure.unit)}`;
  };
  return (
    <section className={`column column-${letter}${long ? ' column-long' : ''}`} aria-labelledby={`column-${letter}`}>
      <div className="column-head">
        <h2 id={`column-${letter}`}>
          <span className="initial" aria-hidden="true">
            {letter}
          </span>{' '}
          {name}
        </h2>
        <p className="column-sub">
          {safety?.safe ? (
            <>
              <b className="figure">
                {safety.safe.more
                  ? t('safety.daysMore', { n: formatFixed(safety.safe.days, 0, lang) })
                  : formatFixed(safety.safe.days, 0, lang)}
              </b>{' '}
              {t('safety.days')}
            </>
          ) : lead?.kpi ? (
            t('letter.basis', { name: lang === 'zh' ? `“${kpiName(lead.kpi, lang)}”` : kpiName(lead.kpi, lang) })
          ) : (
            ''
          )}
        </p>
        <div className="letter-box">
          <LetterCalendar
            letter={letter}
            cells={cells}
            today={day}
            words={safety ? safetyWords : words}
            describe={describe}
            label={t(safety ? 'letter.safetyOf' : 'letter.of', { name, month })}
            open={opens ? cell => move({ kpi: opens, facts: '', grain: 'day', at: cell.day }) : undefined}
          />
          <p className="letter-basis">
            {safety ? (
              <>
                <span className="key key-missed">{t('letter.keyRecordable')}</span>
                <span className="key key-mark">{t('letter.keyNearMiss')}</span>
              </>
            ) : entries.length > 0 &&
              cells.every(cell => cell.state === 'unjudged' || cell.state === 'none' || cell.state === 'future') ? (
              t(lead ? 'letter.tooFew' : 'letter.noBasis')
            ) : (
              ''
            )}
          </p>
        </div>
      </div>
      <div className="tiles">
        {entries.map(entry => (
          <Tile key={entry.kpi!.id} entry={entry} fresh={moved.get(entry.kpi!.id) ?? 0} day={day} />
        ))}
        {entries.length === 0 && <p className="quiet">{t('board.columnEmpty')}</p>}
      </div>
    </section>
  );
}
