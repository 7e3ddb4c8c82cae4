// The shell: address, language, colours, the live stream, the head and foot of every page, and the panel that opens
// behind every number.
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { cache, useInterval } from './api/cache';
import type { UnitRef } from './api/queries';
import { refreshFigures, snapshotKey, touchFigures, usePlants, useSnapshot } from './api/queries';
import { useWatch } from './api/watch';
import { ShellContext } from './components/context';
import { useFit } from './components/fit';
import { Header } from './components/Header';
import { Empty, Failed, Loading } from './components/States';
import { formatInstant } from './format/date';
import type { WatchKpisResponse_Change } from './gen/yokoten/insight/v1/service_pb';
import { message } from './i18n/messages';
import { pages } from './pages';
import { langOf, themeOf, useDocument, useView } from './url/location';

const Panel = lazy(() => import('./panel/Panel').then(module => ({ default: module.Panel })));

const plantsEveryMs = 60_000;

export function App() {
  const [view, move] = useView();
  const lang = langOf(view);
  const plants = usePlants();
  const plant = view.plant ? plants.data?.plants.find(one => one.plantId === view.plant) : plants.data?.plants[0];
  const page = pages.find(one => one.id === view.page);
  const plantName = plant ? (lang === 'zh' ? plant.nameZh : plant.nameEn) || plant.plantId : '';
  const theme = useDocument(
    lang,
    themeOf(view),
    view.tv,
    [plantName, page?.title[lang], message(lang, 'app.name')].filter(Boolean).join(' · '),
  );
  useFit(view.tv);
  const shell = useMemo(() => ({ lang, view, move, theme }), [lang, view, move, theme]);

  const plantId = plant?.plantId;
  const day = view.day || plant?.productionDay || '';
  const unit = useMemo<UnitRef | undefined>(
    () => (plantId === undefined ? undefined : { plantId, workshopId: view.workshop, lineId: view.line }),
    [plantId, view.workshop, view.line],
  );
  const snapshot = useSnapshot(day ? unit : undefined, day);

  // The stream outlives what is looked at, so it reads the present choice from here.
  const shown = useRef({ unit, day });
  shown.current = { unit, day };
  const [moved, setMoved] = useState<ReadonlyMap<string, number>>(new Map());
  const onChange = useCallback((changes: WatchKpisResponse_Change[]) => {
    const now = shown.current;
    const mine = changes.filter(change => change.plantId === now.unit?.plantId);
    const kpiIds = [...new Set(mine.flatMap(change => change.kpiIds))];
    if (!now.unit || kpiIds.length === 0) return;
    touchFigures(now.unit.plantId, kpiIds);
    refreshFigures(now.unit, now.day, kpiIds).then(
      () => setMoved(old => new Map([...old, ...kpiIds.map((id): [string, number] => [id, (old.get(id) ?? 0) + 1])])),
      () => cache.invalidate(tags => tags.includes('snapshot') && tags.includes(`plant:${now.unit!.plantId}`)),
    );
  }, []);
  const onBack = useCallback(() => {
    cache.invalidate(tags => !tags.includes('catalogue'));
  }, []);
  const live = useWatch(plantId, onChange, onBack);
  useInterval(
    useCallback(() => cache.invalidate(tags => tags.includes('plants')), []),
    plantsEveryMs,
  );

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 't' || event.key === 'T') move({ tv: !view.tv, kpi: '', facts: '' });
      else if (event.key === 'Escape' && view.tv) move({ tv: false });
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [move, view.tv]);

  // Whichever answer is the youngest knows best.
  const freshness =
    live.heardAt >= snapshot.at
      ? (live.freshness ?? snapshot.data?.freshness)
      : (snapshot.data?.freshness ?? live.freshness);
  const simulated = freshness?.simulated ?? plants.data?.freshness?.simulated ?? false;
  const unitInfo = plant?.units.find(
    one => one.unitId === (view.line || view.workshop) && one.level === (view.line ? 'line' : 'workshop'),
  );
  const unitName = view.workshop
    ? (unitInfo && (lang === 'zh' ? unitInfo.nameZh : unitInfo.nameEn)) || view.line || view.workshop
    : plantName;
  const text = (key: Parameters<typeof message>[1], values = {}) => message(lang, key, values);
  const down = live.state === 'down' || (plants.error !== undefined && plants.data !== undefined);

  let body;
  if (!page) {
    body = (
      <Empty title={text('page.unknown')}>
        <a className="button" href="/">
          {text('page.toBoard')}
        </a>
      </Empty>
    );
  } else if (!plants.data) {
    body = plants.error !== undefined ? <Failed error={plants.error} /> : <Loading rows={6} />;
  } else if (!plant || !unit) {
    body =
      plants.data.plants.length === 0 ? (
        <Empty title={text('board.noPlants')} help={text('board.noPlantsHelp')} />
      ) : (
        <Empty title={text('board.noPlant', { plant: view.plant })} help={text('board.noPlantHelp')} />
      );
  } else {
    const Component = page.component;
    body = <Component plant={plant} unit={unit} unitName={unitName} day={day} moved={moved} />;
  }

  return (
    <ShellContext.Provider value={shell}>
      <a className="skip" href="#main">
        {text('app.skip')}
      </a>
      <Header
        plants={plants.data?.plants ?? []}
        plant={plant}
        day={day}
        live={live}
        freshness={freshness}
        simulated={simulated}
        completeness={snapshot.data?.completeness}
      />
      {down && (
        <p className="down" role="status">
          <span aria-hidden="true">▼</span> {text('load.unavailable')}
        </p>
      )}
      <main
        id="main"
        tabIndex={-1}
        className={down ? 'is-stale' : ''}
        data-ready={unit && cache.peek(snapshotKey(unit, day)).data ? 'yes' : 'no'}
      >
        {body}
      </main>
      <footer className="foot">
        {simulated && <span className="simulated">{text('app.simulated.long')}</span>}
        {snapshot.at > 0 && (
          <span>
            {text('footer.asOf', {
              time: formatInstant(snapshot.at, plant?.timeZone ?? 'UTC', true),
              zone: plant?.timeZone ?? 'UTC',
            })}
          </span>
        )}
        <span className="only-wide foot-keys">{text('footer.keys')}</span>
        <button type="button" className="text-button only-wide foot-print" onClick={() => window.print()}>
          {text('header.print')}
        </button>
      </footer>
      {plant && unit && (view.kpi || view.facts) && !view.tv && (
        <Suspense fallback={null}>
          <Panel plant={plant} unit={unit} unitName={unitName} day={day} />
        </Suspense>
      )}
    </ShellContext.Provider>
  );
}
