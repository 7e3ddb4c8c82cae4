// Every question the pages ask, with the key it is kept under and the tags that make it stale.
import { useRef } from 'react';
import { addDays, monthEnd, monthStart } from '../format/date';
import type {
  CountFactsResponse,
  Fact,
  GetKpiSeriesResponse,
  GetKpiSnapshotResponse,
  GetKpiSnapshotResponse_Entry,
  ListKpisResponse,
  ListPlantsResponse,
  MeasureDurationsResponse,
} from '../gen/yokoten/insight/v1/service_pb';
import type { Grain } from '../gen/yokoten/kpi/v1/kpi_pb';
import type { Answer } from './cache';
import { cache, useAnswer } from './cache';
import { deadlineMs, insight } from './client';

export interface UnitRef {
  plantId: string;
  workshopId: string;
  lineId: string;
}

export const unitKey = (unit: UnitRef): string => [unit.plantId, unit.workshopId, unit.lineId].join('/');
const plantTag = (plantId: string): string => `plant:${plantId}`;
const kpiTag = (kpiId: string): string => `kpi:${kpiId}`;
const options = (signal: AbortSignal) => ({ signal, timeoutMs: deadlineMs });

export function useKpis(): Answer<ListKpisResponse> {
  return useAnswer('kpis', ['catalogue'], signal => insight.listKpis({}, options(signal)));
}

export function usePlants(): Answer<ListPlantsResponse> {
  return useAnswer('plants', ['plants'], signal => insight.listPlants({}, options(signal)));
}

export const snapshotKey = (unit: UnitRef, day: string): string => `snapshot ${unitKey(unit)} ${day}`;

export function useSnapshot(unit: UnitRef | undefined, day: string): Answer<GetKpiSnapshotResponse> {
  return useAnswer(unit && snapshotKey(unit, day), unit ? [plantTag(unit.plantId), 'snapshot'] : [], signal =>
    insight.getKpiSnapshot({ unit: unit!, day, history: 26 }, options(signal)),
  );
}

// One figure for several units of a plant and one period, in their order, for the comparison of units.
export function useUnitEntries(
  units: readonly UnitRef[],
  kpiId: string,
  day: string,
  grain: Grain,
): Answer<(GetKpiSnapshotResponse_Entry | undefined)[]> {
  const plantId = units[0]?.plantId;
  return useAnswer(
    plantId === undefined ? undefined : `entries ${units.map(unitKey).join(' ')} ${kpiId} ${day} ${grain}`,
    plantId === undefined ? [] : [plantTag(plantId), kpiTag(kpiId)],
    signal =>
      Promise.all(
        units.map(async unit => {
          const answer = await insight.getKpiSnapshot(
            { unit, day, kpiIds: [kpiId], grain, history: 1 },
            options(signal),
          );
          return answer.entries[0];
        }),
      ),
  );
}

export function useSeries(
  unit: UnitRef | undefined,
  kpiId: string | undefined,
  grain: Grain,
  from: string,
  to: string,
): Answer<GetKpiSeriesResponse> {
  const wanted = unit !== undefined && kpiId !== undefined && kpiId !== '' && from !== '';
  return useAnswer(
    wanted ? `series ${unitKey(unit)} ${kpiId} ${grain} ${from} ${to}` : undefined,
    wanted ? [plantTag(unit.plantId), kpiTag(kpiId)] : [],
    signal => insight.getKpiSeries({ kpiId: kpiId!, unit: unit!, grain, from, to }, options(signal)),
  );
}

export interface FactPages {
  facts: Fact[];
  next: string;
}

export interface FactQuery {
  unit: UnitRef;
  kpiId: string;
  eventTypes: readonly string[];
  from: string;
  to: string;
  inert: boolean;
}

const factKey = (query: FactQuery): string =>
  `facts ${unitKey(query.unit)} ${query.kpiId} ${query.eventTypes.join(',')} ${query.from} ${query.to} ${query.inert}`;

const factPage = 50;

function fetchFacts(query: FactQuery, pageToken: string, pageSize: number, signal?: AbortSignal) {
  return insight.listFacts(
    {
      kpiId: query.kpiId,
      eventTypes: [...query.eventTypes],
      unit: query.unit,
      from: query.from,
      to: query.to,
      pageSize,
      pageToken,
      includeInert: query.inert,
    },
    { timeoutMs: deadlineMs, ...(signal ? { signal } : {}) },
  );
}

// Facts page by page; `more` fetches the next page. A change starts again with as many as were shown.
export function useFacts(query: FactQuery | undefined): { answer: Answer<FactPages>; more: () => Promise<void> } {
  const key = query && factKey(query);
  const shown = useRef(factPage);
  const answer = useAnswer<FactPages>(
    key,
    query ? [plantTag(query.unit.plantId), ...(query.kpiId ? [kpiTag(query.kpiId)] : ['facts'])] : [],
    async signal => {
      const page = await fetchFacts(query!, '', Math.min(1000, Math.max(factPage, shown.current)), signal);
      return { facts: page.facts, next: page.nextPageToken };
    },
  );
  const more = async () => {
    const next = answer.data?.next;
    if (!query || !key || !next) return;
    const page = await fetchFacts(query, next, factPage);
    cache.patch<FactPages>(key, old =>
      old.next === next ? { facts: [...old.facts, ...page.facts], next: page.nextPageToken } : old,
    );
    shown.current += page.facts.length;
  };
  return { answer, more };
}

// Number of facts of a type in the month of `day`.
export function useMonthCount(
  plantId: string | undefined,
  eventType: string,
  day: string,
): Answer<CountFactsResponse> {
  const wanted = plantId !== undefined && day !== '';
  return useAnswer(
    wanted ? `count ${plantId} ${eventType} ${day.slice(0, 7)}` : undefined,
    wanted ? [plantTag(plantId), 'facts'] : [],
    signal =>
      insight.countFacts(
        { eventType, plantIds: [plantId!], from: monthStart(day), to: monthEnd(day) },
        options(signal),
      ),
  );
}

// Days between two kinds of facts of one entity, for those that ended in the year up to `day`.
export function useDurations(
  plantId: string | undefined,
  fromType: string,
  toType: string,
  day: string,
): Answer<MeasureDurationsResponse> {
  const wanted = plantId !== undefined && day !== '';
  return useAnswer(
    wanted ? `durations ${plantId} ${fromType} ${toType} ${day.slice(0, 7)}` : undefined,
    wanted ? [plantTag(plantId), 'facts'] : [],
    signal =>
      insight.measureDurations(
        {
          fromEventType: fromType,
          toEventType: toType,
          plantIds: [plantId!],
          from: addDays(monthEnd(day), -364),
          to: monthEnd(day),
        },
        options(signal),
      ),
  );
}

// Which of the refreshes a shown figure is of: answers may come in another order than they were asked for.
const refreshOf = new Map<string, number>();
let refreshes = 0;

// Asks again only for the figures that changed, and puts them into the snapshots that are kept.
export async function refreshFigures(unit: UnitRef, day: string, kpiIds: readonly string[]): Promise<void> {
  const key = snapshotKey(unit, day);
  if (cache.peek<GetKpiSnapshotResponse>(key).data === undefined) return;
  const refresh = ++refreshes;
  const fresh = await insight.getKpiSnapshot(
    { unit, day, kpiIds: [...kpiIds], history: 26 },
    { timeoutMs: deadlineMs },
  );
  const newest = fresh.entries.filter(entry => {
    const figure = `${key} ${entry.kpi?.id}`;
    if ((refreshOf.get(figure) ?? 0) > refresh) return false;
    refreshOf.set(figure, refresh);
    return true;
  });
  cache.patch<GetKpiSnapshotResponse>(
    key,
    old =>
      ({
        ...old,
        entries: old.entries.map(entry => newest.find(newer => newer.kpi?.id === entry.kpi?.id) ?? entry),
        completeness: fresh.completeness ?? old.completeness,
        freshness: fresh.freshness ?? old.freshness,
      }) as GetKpiSnapshotResponse,
  );
}

// Makes everything stale that a change of these figures of a plant touches, except snapshots, which are patched.
export function touchFigures(plantId: string, kpiIds: readonly string[]): void {
  const kpis = new Set(kpiIds.map(kpiTag));
  cache.invalidate(tags => tags.includes(plantTag(plantId)) && tags.some(tag => kpis.has(tag) || tag === 'facts'));
}
