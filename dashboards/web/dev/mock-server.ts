// A stand-in for the gateway while working on the pages: the insight service over the Connect protocol, from simulated
// data, plus just enough of ingest to see a figure move. Development only, never part of the build.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { addDays } from '../src/format/date';
import { AdminService } from '../src/gen/yokoten/admin/v1/service_pb';
import {
  FactSchema,
  FreshnessSchema,
  GetKpiSnapshotResponse_EntrySchema,
  InsightService,
  KpiStatus,
  TargetState,
  WatchKpisResponseSchema,
  type Fact,
  type GetKpiSnapshotResponse_Entry,
  type Unit,
} from '../src/gen/yokoten/insight/v1/service_pb';
import { Grain } from '../src/gen/yokoten/kpi/v1/kpi_pb';
import { judge } from '../src/judge/standing';
import { Chance } from './chance';
import { MockPlant, period, todayIn } from './mock-data';
import { specs } from './mock-kpis';
import { plants as plantSpecs } from './mock-plants';

// Topics and how long ago their last fact came, in milliseconds; that of the improvements is whatever changed last.
const topics: [string, number][] = [
  ['standard_work', 90_000], ['training', 1_260_000], ['improvement', 0], ['safety', 16_000_000],
  ['operations', 45_000], ['relations', 86_400_000], ['management', 700_000], ['rollout', 3_600_000],
];
const heartbeatMs = 5_000;

class MockWorld {
  private readonly plants = new Map<string, MockPlant>();
  private readonly watchers = new Set<(plant: string, kpis: string[]) => void>();
  readonly startedAt = Date.now();
  changedAt = Date.now() - 4_000;
  extraFacts: Fact[] = [];

  plant(id: string | undefined): MockPlant {
    const spec = plantSpecs.find(one => one.id === id);
    if (!spec) throw new ConnectError(`there is no plant "${id ?? ''}"`, Code.NotFound);
    let plant = this.plants.get(spec.id);
    if (!plant) this.plants.set(spec.id, (plant = new MockPlant(spec)));
    return plant;
  }

  freshness() {
    const now = Date.now();
    return create(FreshnessSchema, {
      answeredAt: timestampFromMs(now),
      completeUntil: timestampFromMs(now - 800),
      rollupLag: 0n,
      simulated: true,
      domains: topics.map(([name, age]) => ({
        topic: `yokoten.${name.replaceAll('_', '-')}.v1`,
        lag: 0n,
        lastFactAt: timestampFromMs(name === 'improvement' ? this.changedAt : this.startedAt - age),
      })),
    });
  }

  changed(plant: string, kpis: string[]): void {
    this.changedAt = Date.now();
    for (const watcher of this.watchers) watcher(plant, kpis);
  }

  watch(watcher: (plant: string, kpis: string[]) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
}

function specOf(kpiId: string) {
  const spec = specs.find(one => one.definition.id === kpiId);
  if (!spec) throw new ConnectError(`there is no KPI "${kpiId}"`, Code.NotFound);
  return spec;
}

function entryOf(
  plant: MockPlant,
  unit: Unit,
  kpiId: string,
  day: string,
  grain: Grain,
  history: number,
): GetKpiSnapshotResponse_Entry {
  const spec = specOf(kpiId);
  const values = Array.from({ length: Math.max(2, history) }, (_, i) => {
    const [start, end] = period(grain, day, i + 1 - Math.max(2, history));
    return plant.value(spec, unit.workshopId, unit.lineId, start, end);
  }).filter(value => value.periodEnd >= plant.firstDay);
  const current = values.at(-1);
  const previous = values.at(-2);
  const target = plant.target(spec);
  const entry = create(GetKpiSnapshotResponse_EntrySchema, {
    kpi: spec.definition,
    grain,
    history: history === 1 ? values.slice(-1) : values,
  });
  if (current) entry.current = current;
  if (previous) entry.previous = previous;
  if (target) entry.target = target;
  if (current?.value !== undefined && previous?.value !== undefined) {
    entry.change = current.value - previous.value;
    if (current.ciLow !== undefined && previous.ciLow !== undefined) {
      const half = (v: typeof current) => (v.ciHigh! - v.ciLow!) / 2;
      entry.changeIsSignal = Math.abs(entry.change) > Math.hypot(half(current), half(previous));
    }
  }
  if (current && current.status !== KpiStatus.INSUFFICIENT) {
    entry.targetState = {
      green: TargetState.GREEN,
      yellow: TargetState.YELLOW,
      red: TargetState.RED,
      none: TargetState.UNSPECIFIED,
    }[judge(current, target, spec.definition.direction)];
  }
  return entry;
}

function factsOf(
  plant: MockPlant,
  world: MockWorld,
  types: readonly string[],
  unit: Unit,
  from: string,
  to: string,
  inert: boolean,
): Fact[] {
  const facts: Fact[] = world.extraFacts.filter(
    fact => types.includes(fact.eventType) && fact.unit?.plantId === plant.spec.id,
  );
  const lines = plant.units.filter(
    one =>
      one.level === 'line' &&
      (!unit.lineId || one.id === unit.lineId) &&
      (!unit.workshopId || one.parent === unit.workshopId),
  );
  for (
    let day = to < plant.today ? to : plant.today;
    day >= from && day >= plant.firstDay && facts.length < 900;
    day = addDays(day, -1)
  ) {
    for (const type of types) {
      for (const line of lines) {
        const chance = new Chance(`${plant.spec.id} ${type} ${line.id} ${day}`);
        if (chance.next() > (type.startsWith('operations') ? 0.9 : 0.12)) continue;
        const reason = chance.next() < 0.06 ? 'corrected' : chance.next() < 0.02 ? 'business_key' : '';
        if (reason && !inert) continue;
        const at = Date.parse(`${day}T06:${String(Math.floor(chance.next() * 60)).padStart(2, '0')}:00Z`);
        const number = Math.floor(chance.next() * 9000 + 1000);
        const fields: Record<string, unknown> =
          type === 'operations.ShiftOutputReported'
            ? {
                product: `P-${number % 7}`,
                production_day: day,
                shift_code: 'D',
                produced_qty: number % 400,
                good_first_time_qty: (number % 400) - 6,
                inspected_qty: number % 400,
                operations_qty: number,
              }
            : type.includes('Proposal')
              ? {
                  proposal_id: `PR-${number}`,
                  theme: 'quality',
                  text_zh: '将夹具移到取料侧，少转身一次',
                  text_en: 'Move the fixture to the pick side: one turn less',
                }
              : { job_id: `J-${number % 40}`, revision_no: (number % 9) + 1 };
        facts.push(
          create(FactSchema, {
            eventType: type,
            source: `/plants/${plant.spec.id}/${type.startsWith('operations') ? 'mes' : 'tablet'}`,
            id: `${line.id.toLowerCase()}-${number}-${day.replaceAll('-', '')}`,
            unit: { plantId: plant.spec.id, workshopId: line.parent, lineId: line.id },
            entity: `line/${line.id}`,
            productionDay: day,
            occurredAt: timestampFromMs(at),
            recordedAt: timestampFromMs(at + 95_000),
            counts: reason === '',
            inertReason: reason,
            fieldsJson: JSON.stringify(fields),
          }),
        );
      }
    }
  }
  return facts;
}

const proposalTypes = ['improvement.ProposalSubmitted'];

function routes(world: MockWorld): (router: ConnectRouter) => void {
  return router =>
    router
      .service(AdminService, {
        checkPlant: request => ({
          items: plantSpecs.some(one => one.id === request.plantId && one.days > 0)
            ? []
            : [
                {
                  check: 'org_tree',
                  ok: true,
                  messageZh: '组织树已登记：1 个工厂。',
                  messageEn: 'The org tree is registered: 1 plant.',
                },
                {
                  check: 'calendar',
                  ok: false,
                  messageZh: '没有班次日历：请发送 CalendarPublished。',
                  messageEn: 'There is no shift calendar: send CalendarPublished.',
                },
                {
                  check: 'jobs',
                  ok: false,
                  messageZh: '没有登记岗位：请发送 JobRegistered 或导入岗位表。',
                  messageEn: 'No job is registered: send JobRegistered or import the job register.',
                },
              ],
        }),
      })
      .service(InsightService, {
        listKpis: () => ({ kpis: specs.map(one => one.definition) }),
        listPlants: () => ({
          freshness: world.freshness(),
          plants: plantSpecs.map(spec => {
            const plant = world.plant(spec.id);
            const today = todayIn(spec.zone);
            return {
              plantId: spec.id,
              nameZh: spec.zh,
              nameEn: spec.en,
              timeZone: spec.zone,
              productionDay: today,
              shiftCode: spec.days ? 'D' : 'NONE',
              country: spec.country,
              firstDay: plant.firstDay,
              lastDay: spec.days ? today : '',
              units: [
                { unitId: spec.id, level: 'plant', nameZh: spec.zh, nameEn: spec.en },
                ...plant.units.map(unit => ({
                  unitId: unit.id,
                  level: unit.level,
                  parentId: unit.parent,
                  nameZh: unit.zh,
                  nameEn: unit.en,
                })),
              ],
            };
          }),
        }),
        getKpiSeries: request => {
          const plant = world.plant(request.unit?.plantId);
          const spec = specOf(request.kpiId);
          const to = request.to || plant.today;
          const values = [];
          for (
            let [start, end] = period(request.grain, request.from);
            start <= to;
            [start, end] = period(request.grain, start, 1)
          ) {
            if (end >= plant.firstDay && plant.firstDay)
              values.push(plant.value(spec, request.unit!.workshopId, request.unit!.lineId, start, end));
            if (request.grain === Grain.ROLLING_12_MONTHS) break;
          }
          if (request.grain === Grain.ROLLING_12_MONTHS) {
            values.length = 0;
            for (
              let [start, end] = period(Grain.MONTH, request.from);
              start <= to;
              [start, end] = period(Grain.MONTH, start, 1)
            ) {
              if (end >= plant.firstDay && plant.firstDay)
                values.push(
                  plant.value(
                    spec,
                    request.unit!.workshopId,
                    request.unit!.lineId,
                    ...period(Grain.ROLLING_12_MONTHS, start),
                  ),
                );
            }
          }
          const target = plant.target(spec);
          return { kpi: spec.definition, values, freshness: world.freshness(), ...(target ? { target } : {}) };
        },
        getKpiSnapshot: request => {
          const plant = world.plant(request.unit?.plantId);
          const day = request.day || plant.today;
          const wanted = request.kpiIds.length ? request.kpiIds : specs.map(one => one.definition.id);
          const entries =
            plant.spec.days === 0
              ? []
              : wanted.map(id => {
                  const grain = request.grain || specOf(id).definition.defaultGrain;
                  return entryOf(plant, request.unit!, id, day, grain, request.history || 13);
                });
          return {
            entries,
            day,
            freshness: world.freshness(),
            ...(plant.spec.days ? { completeness: plant.spec.reports } : {}),
          };
        },
        listFacts: request => {
          const plant = world.plant(request.unit?.plantId);
          const types = request.eventTypes.length ? request.eventTypes : specOf(request.kpiId).definition.evidence;
          const all = factsOf(plant, world, types, request.unit!, request.from, request.to, request.includeInert);
          const start = Number(request.pageToken || 0);
          const size = request.pageSize || 100;
          return {
            facts: all.slice(start, start + size),
            nextPageToken: start + size < all.length ? String(start + size) : '',
            freshness: world.freshness(),
          };
        },
        countFacts: request => {
          const plant = world.plant(request.plantIds[0]);
          const base = new Chance(`${plant.spec.id} ${request.eventType} ${request.from}`);
          const extra = world.extraFacts.filter(
            fact => fact.eventType === request.eventType && fact.unit?.plantId === plant.spec.id,
          ).length;
          return {
            rows: plant.spec.days ? [{ keys: [], count: BigInt(Math.floor(base.next() * 60) + 3 + extra) }] : [],
            freshness: world.freshness(),
          };
        },
        measureDurations: request => {
          const chance = new Chance(request.plantIds[0] + request.fromEventType + request.toEventType);
          const median = 6 + chance.next() * 25;
          return {
            n: 40n,
            open: 7n,
            meanDays: median * 1.2,
            medianDays: median,
            p90Days: median * 2.4,
            freshness: world.freshness(),
          };
        },
        listFindings: () => ({ findings: [], total: 0n }),
        getFreshness: () => ({ freshness: world.freshness() }),
        lookupEvents: () => ({ events: [] }),
        async *watchKpis(request, context) {
          const waiting: { plant: string; kpis: string[] }[] = [];
          let wake = () => {};
          const end = world.watch((plant, kpis) => {
            if (request.plantIds.length && !request.plantIds.includes(plant)) return;
            waiting.push({ plant, kpis });
            wake();
          });
          try {
            yield create(WatchKpisResponseSchema, { freshness: world.freshness() });
            while (!context.signal.aborted) {
              if (waiting.length === 0) {
                await new Promise<void>(resolve => {
                  wake = resolve;
                  setTimeout(resolve, heartbeatMs);
                  context.signal.addEventListener('abort', () => resolve(), { once: true });
                });
              }
              const changes = waiting
                .splice(0)
                .map(({ plant, kpis }) => ({ plantId: plant, kpiIds: kpis, fromDay: '', toDay: '', version: 1n }));
              yield create(WatchKpisResponseSchema, { changes, freshness: world.freshness() });
            }
          } finally {
            end();
          }
        },
      });
}

async function ingest(world: MockWorld, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const events = (JSON.parse(body) as { events: Record<string, Record<string, unknown>>[] }).events;
  const results = events.map((event, index) => {
    const submitted = event['proposalSubmitted'];
    const context = (submitted ?? event['voided'])?.['context'] as
      | { plantId: string; id: string; source: string }
      | undefined;
    if (!context) return { index, status: 'EVENT_STATUS_REJECTED' };
    const plant = world.plant(context.plantId);
    plant.bump('proposals_per_employee', submitted ? 1 : -1);
    if (submitted) {
      world.extraFacts.unshift(
        create(FactSchema, {
          eventType: proposalTypes[0]!,
          source: context.source,
          id: context.id,
          unit: { plantId: context.plantId, workshopId: 'W1', lineId: 'L1' },
          entity: `proposal/${String(submitted['proposalId'])}`,
          productionDay: plant.today,
          recordedAt: timestampFromMs(Date.now()),
          counts: true,
          fieldsJson: JSON.stringify({ proposal_id: submitted['proposalId'] }),
        }),
      );
    }
    setTimeout(() => world.changed(context.plantId, ['proposals_per_employee']), 200);
    return {
      index,
      id: context.id,
      status: 'EVENT_STATUS_ACCEPTED',
      entity: submitted ? `proposal/${String(submitted['proposalId'])}` : '',
    };
  });
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ results }));
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export function createMockApi(): Middleware {
  const world = new MockWorld();
  const api = connectNodeAdapter({ routes: routes(world) });
  return (request, response, next) => {
    const path = request.url ?? '';
    if (path.endsWith('IngestService/IngestEvents')) void ingest(world, request, response);
    else if (path.startsWith('/yokoten.')) api(request, response);
    else next();
  };
}
