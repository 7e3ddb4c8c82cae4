// Simulated figures for working on the pages without a server: seeded, so that every run shows the same. Development
// only; nothing here is ever built into the app.
import { create } from '@bufbuild/protobuf';
import { addDays, addMonths, daysBetween, monthEnd, monthStart } from '../src/format/date';
import type { KpiValue, Target } from '../src/gen/yokoten/insight/v1/service_pb';
import { KpiStatus, KpiValueSchema, TargetSchema } from '../src/gen/yokoten/insight/v1/service_pb';
import { Aggregation, Direction, Grain, IntervalKind } from '../src/gen/yokoten/kpi/v1/kpi_pb';
import { Chance } from './chance';
import { specs, type Spec } from './mock-kpis';
import type { PlantSpec } from './mock-plants';

const wilson = (x: number, n: number): [number, number] => {
  const z = 1.959964;
  const p = x / n;
  const mid = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, (mid - half) / (1 + (z * z) / n)), Math.min(1, (mid + half) / (1 + (z * z) / n))];
};
// Chi-square quantiles by Wilson and Hilferty: near enough for a picture.
const chi = (z: number, df: number): number =>
  df <= 0 ? 0 : df * Math.max(0, 1 - 2 / (9 * df) + z * Math.sqrt(2 / (9 * df))) ** 3;
const garwood = (x: number): [number, number] => [
  x === 0 ? 0 : chi(-1.959964, 2 * x) / 2,
  chi(1.959964, 2 * x + 2) / 2,
];

export interface Unit {
  id: string;
  level: 'workshop' | 'line';
  parent: string;
  zh: string;
  en: string;
}

export function todayIn(zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(Date.now());
}

interface LineData {
  workshop: string;
  line: string;
  // Newest first: [age] -> numerator, denominator per KPI.
  cells: Map<string, [number, number][]>;
}

export class MockPlant {
  readonly units: Unit[] = [];
  private readonly lines: LineData[] = [];
  constructor(readonly spec: PlantSpec) {
    const zhShops = ['总装车间', '机加车间', '涂装车间'];
    const enShops = ['Assembly shop', 'Machine shop', 'Paint shop'];
    let number = 0;
    for (let w = 1; w <= spec.workshops; ++w) {
      this.units.push({ id: `W${w}`, level: 'workshop', parent: spec.id, zh: zhShops[w - 1]!, en: enShops[w - 1]! });
      for (let l = 0; l < spec.linesEach; ++l) {
        ++number;
        const line = `L${number}`;
        this.units.push({ id: line, level: 'line', parent: `W${w}`, zh: `${number} 号线`, en: `Line ${number}` });
        const cells = new Map<string, [number, number][]>();
        for (const one of specs) {
          const chance = new Chance(`${spec.id} ${line} ${one.definition.id}`);
          const drawn: [number, number][] = [];
          for (let age = spec.days - 1; age >= 0; --age) drawn[age] = one.draw(chance, age, spec, number);
          cells.set(one.definition.id, drawn);
        }
        this.lines.push({ workshop: `W${w}`, line, cells });
      }
    }
  }

  private known: { until: number; day: string } = { until: 0, day: '' };
  get today(): string {
    if (Date.now() > this.known.until) this.known = { until: Date.now() + 1000, day: todayIn(this.spec.zone) };
    return this.known.day;
  }
  get firstDay(): string {
    return this.spec.days ? addDays(this.today, 1 - this.spec.days) : '';
  }

  bump(kpiId: string, by: number): void {
    const cell = this.lines[0]?.cells.get(kpiId)?.[0];
    if (cell) cell[0] += by;
  }

  private matching(workshop: string, line: string): LineData[] {
    return this.lines.filter(one => (!workshop || one.workshop === workshop) && (!line || one.line === line));
  }

  // Numerator and denominator of the day `age` days ago over a unit's lines.
  private day(kpiId: string, lines: LineData[], age: number): [number, number] {
    const sums: [number, number] = [0, 0];
    for (const line of lines) {
      const [num, den] = line.cells.get(kpiId)![age]!;
      sums[0] += num;
      sums[1] += den;
    }
    return sums;
  }

  value(spec: Spec, workshop: string, line: string, start: string, end: string): KpiValue {
    const { definition } = spec;
    const lines = this.matching(workshop, line);
    const factor = Number(definition.factor);
    const days: [number, number][] = [];
    const newest = Math.max(0, daysBetween(end, this.today));
    for (let age = Math.min(this.spec.days - 1, daysBetween(start, this.today)); age >= newest; --age) {
      days.push(this.day(definition.id, lines, age));
    }
    const result = create(KpiValueSchema, { periodStart: start, periodEnd: end, status: KpiStatus.NO_DENOMINATOR });
    if (days.length === 0 || lines.length === 0) return result;
    const open = end >= this.today;
    let num: number;
    let den: number;
    if (definition.numerator === Aggregation.VALUES) {
      const values = days
        .filter((_, index) => index % 5 === 0)
        .map(([value]) => value / lines.length)
        .sort((a, b) => a - b);
      result.n = BigInt(values.length);
      if (open && this.spec.trouble > 0.9) {
        result.status = KpiStatus.OPEN;
        result.lowerBound = 23;
        return result;
      }
      num = Math.round(values[Math.floor(values.length / 2)]!);
      den = 1;
    } else {
      num = definition.numerator === Aggregation.LAST ? days.at(-1)![0] : days.reduce((sum, [n]) => sum + n, 0);
      const dens = days.map(([, d]) => d);
      const total = dens.reduce((sum, d) => sum + d, 0);
      den =
        definition.denominator === Aggregation.LAST
          ? dens.at(-1)!
          : definition.denominator === Aggregation.MEAN_OF_DAYS
            ? total / dens.length
            : total;
      result.n = BigInt(Math.round(den));
    }
    result.numerator = String(num);
    result.denominator = String(Math.round(den * 100) / 100);
    if (den === 0) return result;
    result.value = (factor * num) / den;
    if (definition.interval === IntervalKind.WILSON)
      [result.ciLow, result.ciHigh] = wilson(num, den).map(p => p * factor) as [number, number];
    if (definition.interval === IntervalKind.GARWOOD)
      [result.ciLow, result.ciHigh] = garwood(num).map(x => (x * factor) / den) as [number, number];
    const few =
      definition.interval === IntervalKind.GARWOOD
        ? definition.minExpected > 0 && num < definition.minExpected
        : den < definition.minN && definition.numerator !== Aggregation.VALUES;
    result.completeness = daysBetween(end, this.today) < 20 ? this.spec.reports : 1;
    result.status = few
      ? KpiStatus.INSUFFICIENT
      : open || result.completeness < 0.95
        ? KpiStatus.PROVISIONAL
        : KpiStatus.OK;
    return result;
  }

  target(spec: Spec): Target | undefined {
    if (!this.spec.targets || spec.definition.direction === Direction.CONTEXT) return undefined;
    return create(TargetSchema, { green: spec.green, yellow: spec.yellow, validFrom: this.firstDay });
  }
}

// First and last day of the period of `grain` that holds `day`, moved by `by` periods.
export function period(grain: Grain, day: string, by = 0): [string, string] {
  switch (grain) {
    case Grain.WEEK: {
      const monday = addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 7 * by);
      return [monday, addDays(monday, 6)];
    }
    case Grain.MONTH: {
      const first = addMonths(monthStart(day), by);
      return [first, monthEnd(first)];
    }
    case Grain.QUARTER: {
      const month = Number(day.slice(5, 7));
      const first = addMonths(`${day.slice(0, 4)}-${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`, 3 * by);
      return [first, monthEnd(addMonths(first, 2))];
    }
    case Grain.YEAR: {
      const year = Number(day.slice(0, 4)) + by;
      return [`${year}-01-01`, `${year}-12-31`];
    }
    case Grain.ROLLING_12_MONTHS: {
      const last = addMonths(monthStart(day), by);
      return [addMonths(last, -11), monthEnd(last)];
    }
    default:
      return [addDays(day, by), addDays(day, by)];
  }
}
