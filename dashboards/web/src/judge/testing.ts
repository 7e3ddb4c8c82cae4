// Snapshot entries for tests, written as short as they can be read.
import { create } from '@bufbuild/protobuf';
import type { GetKpiSnapshotResponse_Entry as Entry, KpiValue } from '../gen/yokoten/insight/v1/service_pb';
import {
  GetKpiSnapshotResponse_EntrySchema,
  KpiStatus,
  KpiValueSchema,
  TargetSchema,
  TargetState,
} from '../gen/yokoten/insight/v1/service_pb';
import { Aggregation, Direction, Grain, KpiDefinitionSchema } from '../gen/yokoten/kpi/v1/kpi_pb';
import { addMonths, monthEnd } from '../format/date';

interface Short {
  id: string;
  zh?: string;
  en?: string;
  values: (number | undefined)[];
  green?: number;
  yellow?: number;
  direction?: Direction;
  state?: TargetState;
  status?: KpiStatus;
  lowerBound?: number;
  change?: number;
  signal?: boolean;
  completeness?: number;
  numerator?: Aggregation;
  denominator?: Aggregation;
}

export function value(
  start: string,
  end: string,
  v: number | undefined,
  status = v === undefined ? KpiStatus.NO_DENOMINATOR : KpiStatus.OK,
): KpiValue {
  return create(KpiValueSchema, {
    periodStart: start,
    periodEnd: end,
    status,
    ...(v === undefined ? {} : { value: v }),
  });
}

// Monthly history that ends in March 2026.
export function entry(short: Short): Entry {
  const { values } = short;
  const history = values.map((v, i) => {
    const start = addMonths('2026-03-01', i + 1 - values.length);
    return value(start, monthEnd(start), v);
  });
  const current = history.at(-1)!;
  if (short.status !== undefined) current.status = short.status;
  if (short.lowerBound !== undefined) current.lowerBound = short.lowerBound;
  if (short.completeness !== undefined) current.completeness = short.completeness;
  return create(GetKpiSnapshotResponse_EntrySchema, {
    kpi: create(KpiDefinitionSchema, {
      id: short.id,
      nameZh: short.zh ?? short.id,
      nameEn: short.en ?? short.id,
      unitZh: '%',
      unitEn: '%',
      decimals: 1,
      direction: short.direction ?? Direction.HIGHER_IS_BETTER,
      numerator: short.numerator ?? Aggregation.SUM,
      denominator: short.denominator ?? Aggregation.SUM,
    }),
    current,
    history,
    grain: Grain.MONTH,
    targetState: short.state ?? TargetState.UNSPECIFIED,
    ...(history.length > 1 ? { previous: history.at(-2)! } : {}),
    ...(short.green === undefined
      ? {}
      : { target: create(TargetSchema, { green: short.green, yellow: short.yellow ?? short.green }) }),
    ...(short.change === undefined ? {} : { change: short.change, changeIsSignal: short.signal ?? false }),
  });
}
