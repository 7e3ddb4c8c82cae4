// The letter calendars of the board: which day of the month goes where, and how it is coloured.
import { addDays, daysBetween, monthEnd, monthStart } from '../format/date';
import type { GetKpiSnapshotResponse_Entry as Entry, KpiValue, Target } from '../gen/yokoten/insight/v1/service_pb';
import { KpiStatus } from '../gen/yokoten/insight/v1/service_pb';
import type { KpiDefinition } from '../gen/yokoten/kpi/v1/kpi_pb';
import { Aggregation, Direction } from '../gen/yokoten/kpi/v1/kpi_pb';
import { judge } from './standing';

export type Letter = 'S' | 'Q' | 'D' | 'C' | 'M';
export const letters: readonly Letter[] = ['S', 'Q', 'D', 'C', 'M'];

// Cells in reading order, at least 31 each. Safety is the cross every shop floor knows.
const shapes: Record<Letter, readonly string[]> = {
  S: ['..###..', '..###..', '#######', '#######', '#######', '..###..', '..###..'],
  Q: ['.#####.', '##...##', '##...##', '##...##', '##..###', '##...##', '.#####.'],
  D: ['######.', '##..##.', '##...##', '##...##', '##...##', '##..##.', '#####..'],
  C: ['.#####.', '###.###', '###....', '###....', '###....', '###.###', '.#####.'],
  M: ['##...##', '###.###', '#######', '##.#.##', '##...##', '##...##', '##...##'],
};

export interface Place {
  row: number;
  column: number;
}

export function places(letter: Letter): Place[] {
  return shapes[letter].flatMap((line, row) =>
    [...line].flatMap((mark, column) => (mark === '#' ? [{ row, column }] : [])),
  );
}

export type CellState = 'good' | 'near' | 'missed' | 'unjudged' | 'none' | 'future';

export interface Cell {
  day: string;
  state: CellState;
  // Marks worth a look that are not bad in themselves (near misses).
  marks: number;
  value: KpiValue | undefined;
}

function daysOfMonth(day: string): string[] {
  const first = monthStart(day);
  return Array.from({ length: daysBetween(first, monthEnd(day)) + 1 }, (_, index) => addDays(first, index));
}

const byDay = (values: readonly KpiValue[]): Map<string, KpiValue> =>
  new Map(values.map(value => [value.periodStart, value]));

// Days of the month of `today`, coloured by one figure against its target.
export function calendarOf(
  values: readonly KpiValue[],
  target: Target | undefined,
  direction: Direction,
  today: string,
): Cell[] {
  const found = byDay(values);
  return daysOfMonth(today).map(day => {
    const value = found.get(day);
    if (day > today) return { day, state: 'future', marks: 0, value: undefined };
    if (!value || value.value === undefined) return { day, state: 'none', marks: 0, value };
    const standing = judge(value, target, direction);
    const state: CellState =
      standing === 'green' ? 'good' : standing === 'yellow' ? 'near' : standing === 'red' ? 'missed' : 'unjudged';
    return { day, state, marks: 0, value };
  });
}

const count = (value: KpiValue | undefined): number => (value ? Number(value.numerator || '0') : 0);

// The safety cross: a day is missed when somebody was hurt so that it must be recorded. Days the source never reported
// on (no hours, no cases) are "no data", never "safe".
export function safetyCross(
  recordables: readonly KpiValue[],
  nearMisses: readonly KpiValue[],
  today: string,
): Cell[] {
  const hurt = byDay(recordables);
  const near = byDay(nearMisses);
  return daysOfMonth(today).map(day => {
    const value = hurt.get(day);
    const marks = count(near.get(day));
    if (day > today) return { day, state: 'future', marks: 0, value: undefined };
    if (count(value) > 0) return { day, state: 'missed', marks, value };
    const known =
      value !== undefined && value.status !== KpiStatus.NO_DENOMINATOR && value.status !== KpiStatus.SUPPRESSED;
    return { day, state: known ? 'good' : 'none', marks, value };
  });
}

// Days from the last day with a recordable injury to `today`, as far back as the values reach; undefined when nothing
// at all was reported.
export function safeDays(
  recordables: readonly KpiValue[],
  today: string,
): { days: number; more: boolean } | undefined {
  const known = recordables.filter(
    value => value.periodStart <= today && (value.value !== undefined || count(value) > 0),
  );
  if (known.length === 0) return undefined;
  for (let i = known.length - 1; i >= 0; --i) {
    if (count(known[i]) > 0) return { days: daysBetween(known[i]!.periodStart, today), more: false };
  }
  return { days: daysBetween(known[0]!.periodStart, today), more: true };
}

// Whether one day's value can be held against the period's target: the ratio of two flows or of two stocks. (A count
// per person-month is not: a day's share of it is always small.)
function comparableByDay(kpi: KpiDefinition): boolean {
  const same =
    kpi.numerator === kpi.denominator && (kpi.numerator === Aggregation.SUM || kpi.numerator === Aggregation.LAST);
  return same && kpi.direction !== Direction.CONTEXT && kpi.minExpected === 0;
}

// The figure that colours a column's letter: the first with a target that a single day can be held against, flows
// first.
export function leadOf(entries: readonly Entry[]): Entry | undefined {
  const able = entries.filter(entry => entry.kpi && comparableByDay(entry.kpi) && entry.target);
  return able.find(entry => entry.kpi!.numerator === Aggregation.SUM) ?? able[0];
}
