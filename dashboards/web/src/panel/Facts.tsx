// The stored facts behind a number, newest first, page by page; those that do not count only when asked for, with the
// reason.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useState } from 'react';
import type { FactQuery } from '../api/queries';
import { useFacts } from '../api/queries';
import { errorText } from '../api/client';
import { csv } from '../charts/csv';
import { save } from '../charts/download';
import { useShell, useText } from '../components/context';
import { Failed, Loading } from '../components/States';
import { formatInstant } from '../format/date';
import type { Fact, ListPlantsResponse_Plant as Plant } from '../gen/yokoten/insight/v1/service_pb';
import { eventName } from '../i18n/events';
import type { MessageKey } from '../i18n/messages';
import { messages } from '../i18n/messages';

function fieldsOf(fact: Fact): [string, string][] {
  try {
    const parsed = JSON.parse(fact.fieldsJson) as Record<string, unknown>;
    return Object.entries(parsed)
      .filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))
      .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
  } catch {
    return fact.fieldsJson ? [['json', fact.fieldsJson]] : [];
  }
}

// An id may have been sent twice; a place in the log is there once.
const placeOf = ({ position }: Fact): string => `${position?.topic} ${position?.partition} ${position?.offset}`;

export function Facts({ plant, title, query }: { plant: Plant; title: string; query: FactQuery }) {
  const t = useText();
  const { lang, view, move } = useShell();
  const { answer, more } = useFacts(query);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState('');
  const facts = answer.data?.facts ?? [];
  const where = (fact: Fact) =>
    [fact.unit?.workshopId, fact.unit?.lineId]
      .filter(Boolean)
      .map(id => {
        const found = plant.units.find(one => one.unitId === id);
        return (found && (lang === 'zh' ? found.nameZh : found.nameEn)) || id;
      })
      .join(' · ');
  const why = (reason: string) => {
    const key = `inert.${reason}`;
    return key in messages.en ? t(key as MessageKey) : reason;
  };
  const fetchMore = () => {
    setBusy(true);
    setFailed('');
    more()
      .catch((error: unknown) => setFailed(errorText(error)))
      .finally(() => setBusy(false));
  };
  const saveCsv = () =>
    save(
      new Blob(
        [
          csv([
            [
              'event_type',
              'source',
              'id',
              'plant_id',
              'workshop_id',
              'line_id',
              'entity',
              'production_day',
              'occurred_at',
              'recorded_at',
              'counts',
              'inert_reason',
              'corrects_id',
              'topic',
              'partition',
              'offset',
              'fields_json',
            ],
            ...facts.map(fact => [
              fact.eventType,
              fact.source,
              fact.id,
              fact.unit?.plantId,
              fact.unit?.workshopId,
              fact.unit?.lineId,
              fact.entity,
              fact.productionDay,
              fact.occurredAt && new Date(timestampMs(fact.occurredAt)).toISOString(),
              fact.recordedAt && new Date(timestampMs(fact.recordedAt)).toISOString(),
              String(fact.counts),
              fact.inertReason,
              fact.correctsId,
              fact.position?.topic,
              fact.position?.partition,
              fact.position && String(fact.position.offset),
              fact.fieldsJson,
            ]),
          ]),
        ],
        { type: 'text/csv;charset=utf-8' },
      ),
      `facts_${query.kpiId || query.eventTypes.join('-')}_${query.unit.plantId}_${query.from}_${query.to}.csv`,
    );

  return (
    <section aria-labelledby="panel-facts">
      <div className="bar">
        <h3 id="panel-facts">
          {t('panel.facts')} <small>{title}</small>
        </h3>
        <label className="check">
          <input
            type="checkbox"
            checked={view.inert}
            onChange={event => move({ inert: event.target.checked }, true)}
          />{' '}
          {t('panel.inert')}
        </label>
      </div>
      {answer.error !== undefined && !answer.data ? (
        <Failed error={answer.error} />
      ) : !answer.data ? (
        <Loading rows={4} />
      ) : facts.length === 0 ? (
        <p className="quiet">{t('panel.factsNone')}</p>
      ) : (
        <>
          <div className="scroll" tabIndex={0} role="region" aria-labelledby="panel-facts">
            <table className="facts">
              <thead>
                <tr>
                  <th scope="col">{t('fact.day')}</th>
                  <th scope="col">{t('fact.type')}</th>
                  <th scope="col">{t('fact.where')}</th>
                  <th scope="col">{t('fact.entity')}</th>
                  <th scope="col">{t('fact.fields')}</th>
                  <th scope="col">{t('fact.from')}</th>
                </tr>
              </thead>
              <tbody>
                {facts.map(fact => (
                  <tr key={placeOf(fact)} className={fact.counts ? '' : 'inert'}>
                    <td className="nowrap">
                      <time dateTime={fact.productionDay}>{fact.productionDay}</time>
                      {fact.occurredAt && (
                        <small>{formatInstant(timestampMs(fact.occurredAt), plant.timeZone)}</small>
                      )}
                    </td>
                    <td>
                      {eventName(fact.eventType, lang)}
                      {!fact.counts && (
                        <small className="warn">
                          {t('fact.inert')}: {why(fact.inertReason)}
                        </small>
                      )}
                      {fact.correctsId && <small>{t('fact.corrects', { id: fact.correctsId })}</small>}
                    </td>
                    <td>{where(fact)}</td>
                    <td className="code">{fact.entity}</td>
                    <td>
                      <dl className="fields">
                        {fieldsOf(fact).map(([name, value]) => (
                          <div key={name}>
                            <dt>{name}</dt>
                            <dd>{value}</dd>
                          </div>
                        ))}
                      </dl>
                    </td>
                    <td className="code">
                      {fact.source}
                      <small>{fact.id}</small>
                      {fact.recordedAt && (
                        <small>
                          {t('fact.recorded')} {formatInstant(timestampMs(fact.recordedAt), plant.timeZone, true)}
                        </small>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div className="bar bar-tools">
            <span className="panel-small">{t('panel.factsShown', { n: facts.length })}</span>
            {answer.data.next && (
              <button type="button" className="button" disabled={busy} onClick={fetchMore}>
                {busy ? t('load.loading') : t('panel.factsMore')}
              </button>
            )}
            <button type="button" className="button" onClick={saveCsv}>
              {t('panel.csv')}
            </button>
            {failed && (
              <span className="warn" role="alert">
                {t('load.error')} {failed}
              </span>
            )}
          </div>
        </>
      )}
    </section>
  );
}
