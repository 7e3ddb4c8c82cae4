// What is behind a number: the formula in words, the figure's parts, its course, its units, its facts. It is a place
// with an address; closing it goes back to the page below.
import { useEffect, useRef } from 'react';
import type { UnitRef } from '../api/queries';
import { useKpis, useSnapshot } from '../api/queries';
import { useShell, useText } from '../components/context';
import { Go } from '../components/Go';
import { Empty, Failed, Loading } from '../components/States';
import { formatPeriod, isIsoDay, monthEnd, monthStart } from '../format/date';
import type { ListPlantsResponse_Plant as Plant } from '../gen/yokoten/insight/v1/service_pb';
import { Grain } from '../gen/yokoten/kpi/v1/kpi_pb';
import { eventName } from '../i18n/events';
import { kpiName } from '../judge/headline';
import { Facts } from './Facts';
import { KpiBody } from './KpiBody';

export interface PanelProps {
  plant: Plant;
  unit: UnitRef;
  unitName: string;
  day: string;
}

export function Panel({ plant, unit, unitName, day }: PanelProps) {
  const t = useText();
  const { lang, view, move } = useShell();
  const dialog = useRef<HTMLDialogElement>(null);
  const snapshot = useSnapshot(unit, day);
  const entry = snapshot.data?.entries.find(one => one.kpi?.id === view.kpi);
  const kpis = useKpis();
  const close = () => move({ kpi: '', facts: '', grain: undefined, at: '', inert: false });

  useEffect(() => {
    const shown = dialog.current;
    if (shown && !shown.open) shown.showModal();
    return () => shown?.close();
  }, []);

  const month = isIsoDay(view.at) ? view.at : day;
  const title = view.kpi ? (entry?.kpi ? kpiName(entry.kpi, lang) : view.kpi) : eventName(view.facts, lang);
  let body;
  if (!view.kpi) {
    body = (
      <Facts
        plant={plant}
        title={formatPeriod(Grain.MONTH, monthStart(month), monthEnd(month), lang)}
        query={{
          unit,
          kpiId: '',
          eventTypes: [view.facts],
          from: monthStart(month),
          to: monthEnd(month),
          inert: view.inert,
        }}
      />
    );
  } else if (!snapshot.data) {
    body = snapshot.error !== undefined ? <Failed error={snapshot.error} /> : <Loading rows={6} />;
  } else if (!entry?.kpi) {
    const known = kpis.data?.kpis.find(one => one.id === view.kpi);
    body =
      known && unit.workshopId ? (
        <Empty title={t('panel.tooFine', { name: kpiName(known, lang) })}>
          <Go className="button" to={{ workshop: '', line: '' }}>
            {t('panel.up', { unit: t('header.wholePlant') })}
          </Go>
        </Empty>
      ) : (
        <Empty title={t('panel.unknownKpi', { kpi: view.kpi })} />
      );
  } else {
    body = <KpiBody plant={plant} unit={unit} unitName={unitName} day={day} entry={entry} kpi={entry.kpi} />;
  }

  return (
    <dialog
      ref={dialog}
      className="panel"
      aria-labelledby="panel-title"
      onCancel={event => {
        event.preventDefault();
        close();
      }}
      onPointerDown={event => {
        if (event.target === dialog.current) close();
      }}
    >
      <div className="panel-inner">
        <header className="panel-head">
          <div>
            <p className="panel-where">
              {unitName} · <time dateTime={day}>{day}</time>
            </p>
            <h2 id="panel-title">{title}</h2>
          </div>
          <button
            type="button"
            className="icon close"
            aria-label={t('panel.close')}
            title={t('panel.close')}
            onClick={close}
          >
            ×
          </button>
        </header>
        {body}
      </div>
    </dialog>
  );
}
