// The plant board (日常管理板): the answer in a sentence, what needs attention, S Q D C M with a month at a glance, whether
// the error rate is stable, and the loop from standard to new standard.
import { type CSSProperties, useMemo } from 'react';
import { useSeries, useSnapshot } from '../../api/queries';
import { useShell, useText } from '../../components/context';
import { Empty, Failed, Loading } from '../../components/States';
import { addDays } from '../../format/date';
import type { GetKpiSnapshotResponse_Entry as Entry } from '../../gen/yokoten/insight/v1/service_pb';
import { Grain } from '../../gen/yokoten/kpi/v1/kpi_pb';
import { letters, safeDays } from '../../judge/calendar';
import { composeHeadline } from '../../judge/headline';
import { placeLower } from '../../judge/layout';
import type { PageProps } from '../page';
import { Attention } from './Attention';
import { Column } from './Column';
import { Loop } from './Loop';
import { Missing } from './Missing';
import { Stability } from './Stability';

// Figures the safety cross is made of: their numerators are the cases of each day.
const recordableKpi = 'trir';
const nearMissKpi = 'near_miss_rate';
const controlledKpi = 'operation_error_rate';
const safeDaysBack = 399;

const hasFigure = (entry: Entry) =>
  entry.current !== undefined && (entry.current.value !== undefined || entry.current.lowerBound !== undefined);

export function Board({ plant, unit, unitName, day, moved }: PageProps) {
  const t = useText();
  const { lang } = useShell();
  const snapshot = useSnapshot(unit, day);
  const entries = snapshot.data?.entries ?? [];
  const known = (id: string) => (entries.some(entry => entry.kpi?.id === id) ? id : undefined);
  const recordables = useSeries(unit, known(recordableKpi), Grain.DAY, day ? addDays(day, -safeDaysBack) : '', day);
  const nearMisses = useSeries(unit, known(nearMissKpi), Grain.DAY, day ? `${day.slice(0, 7)}-01` : '', day);
  const safe = useMemo(() => safeDays(recordables.data?.values ?? [], day), [recordables.data, day]);
  const headline = useMemo(
    () => composeHeadline({ unit: unitName, entries, safeDays: safe }, lang),
    [unitName, entries, safe, lang],
  );

  if (!snapshot.data)
    return snapshot.error !== undefined ? (
      <Failed error={snapshot.error} />
    ) : (
      <div className="board">
        <Loading rows={8} />
      </div>
    );
  if (!entries.some(hasFigure)) {
    return (
      <Empty
        title={t('board.noFigures')}
        {...(plant.firstDay
          ? { help: t('board.noFiguresHelp', { first: plant.firstDay, last: plant.lastDay }) }
          : {})}
      >
        <Missing plantId={plant.plantId} />
      </Empty>
    );
  }
  const ofColumn = letters.map(letter => entries.filter(entry => entry.kpi?.board === letter));
  const lower = placeLower(ofColumn.map(some => some.length));
  const controlled = entries.find(entry => entry.kpi?.id === controlledKpi);
  return (
    <div className="board">
      <h1 className="hidden">{`${unitName} · ${t('app.board')}`}</h1>
      <section className="headline" aria-label={t('board.headline')} aria-live="polite">
        {headline.map((sentence, index) => (
          <p key={index}>{sentence}</p>
        ))}
      </section>
      <Attention entries={entries} />
      <section className="columns" aria-label={t('board.columns')}>
        {letters.map((letter, index) => (
          <Column
            key={letter}
            letter={letter}
            long={index < lower.from || index > lower.to}
            unit={unit}
            day={day}
            moved={moved}
            entries={ofColumn[index]!}
            safety={
              letter === 'S' && recordables.data
                ? {
                    recordables: recordables.data.values,
                    nearMisses: nearMisses.data?.values ?? [],
                    safe,
                    kpiId: recordableKpi,
                  }
                : undefined
            }
          />
        ))}
        <div
          className={`lower${lower.stacked ? ' lower-stacked' : ''}`}
          style={
            {
              '--from': lower.from + 1,
              '--to': lower.to + 2,
              '--columns': lower.to - lower.from + 1,
            } as CSSProperties
          }
        >
          {controlled && <Stability entry={controlled} unit={unit} day={day} />}
          <Loop plantId={plant.plantId} day={day} wholePlant={unit.workshopId === ''} />
        </div>
      </section>
    </div>
  );
}
