// What analysis promises, case by case.
import { describe, expect, it } from 'vitest';
import { create } from '@bufbuild/protobuf';
import { KpiStatus, KpiValueSchema } from '../gen/yokoten/insight/v1/service_pb';
import { Aggregation, Direction, Grain, IntervalKind, KpiDefinitionSchema } from '../gen/yokoten/kpi/v1/kpi_pb';
import { addDays } from '../format/date';
import { analyse, verdict } from './analysis';

const kpi = create(KpiDefinitionSchema, {
  factor: '1000',
  numerator: Aggregation.SUM,
  interval: IntervalKind.GARWOOD,
  direction: Direction.LOWER_IS_BETTER,
});
const weeks = (errors: number[]) =>
  errors.map((n, i) =>
    create(KpiValueSchema, {
      periodStart: addDays('2026-01-05', 7 * i),
      periodEnd: addDays('2026-01-11', 7 * i),
      value: n,
      numerator: String(n),
      denominator: '1000',
      status: KpiStatus.OK,
    }),
  );

describe('the verdict of a control chart', () => {
  it('says nothing happened while nothing did', () => {
    const values = weeks([10, 11, 9, 10, 12, 8, 10, 11, 9, 10, 10, 11, 9, 10]);
    expect(verdict(values, analyse(values, kpi, Grain.WEEK), kpi, Grain.WEEK, 'en')).toMatch(/^No signal/);
  });
  it('dates a shift that lasts, and says which way it went', () => {
    const values = weeks([
      ...Array(24)
        .fill(0)
        .map((_, i) => 20 + (i % 3)),
      ...Array(10).fill(13),
    ]);
    expect(verdict(values, analyse(values, kpi, Grain.WEEK), kpi, Grain.WEEK, 'en')).toBe(
      'Signal since 2026-W34: nine or more periods in a row below the centre line. ' +
        'It got better by more than chance explains.',
    );
  });
  it('does not draw limits where points overlap or are no counts', () => {
    const values = weeks(Array(30).fill(10));
    expect(analyse(values, kpi, Grain.ROLLING_12_MONTHS).limits).toBeUndefined();
    expect(
      analyse(values, create(KpiDefinitionSchema, { ...kpi, numerator: Aggregation.LAST }), Grain.WEEK).limits,
    ).toBeUndefined();
    expect(analyse(values.slice(0, 11), kpi, Grain.WEEK).limits).toBeUndefined();
  });
});
