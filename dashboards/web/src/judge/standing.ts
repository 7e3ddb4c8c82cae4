// How a figure stands: against its target now, and since when. The rules mirror the API's: only a figure with status OK
// or PROVISIONAL is judged, and nothing without a target is.
import type { GetKpiSnapshotResponse_Entry as Entry, KpiValue, Target } from '../gen/yokoten/insight/v1/service_pb';
import { KpiStatus, TargetState } from '../gen/yokoten/insight/v1/service_pb';
import { Direction } from '../gen/yokoten/kpi/v1/kpi_pb';

export type Standing = 'red' | 'yellow' | 'green' | 'none';

export const standingOf: Record<TargetState, Standing> = {
  [TargetState.UNSPECIFIED]: 'none',
  [TargetState.GREEN]: 'green',
  [TargetState.YELLOW]: 'yellow',
  [TargetState.RED]: 'red',
};

// Whether a value has enough behind it to be coloured, ranked or compared.
export const judgeable = (value: KpiValue | undefined): boolean =>
  value?.status === KpiStatus.OK || value?.status === KpiStatus.PROVISIONAL;

// Judges one value of a series as the API judges the current one.
export function judge(value: KpiValue, target: Target | undefined, direction: Direction): Standing {
  if (!target || value.value === undefined || direction === Direction.CONTEXT || direction === Direction.UNSPECIFIED)
    return 'none';
  if (!judgeable(value)) return 'none';
  const higher = direction === Direction.HIGHER_IS_BETTER;
  const meets = (bound: number) => (higher ? value.value! >= bound : value.value! <= bound);
  return meets(target.green) ? 'green' : meets(target.yellow) ? 'yellow' : 'red';
}

export interface Since {
  // First day of the first period of the unbroken run of misses that reaches the current period.
  periodStart: string;
  periodEnd: string;
  // Number of periods in the run.
  periods: number;
  // True when the run fills the whole history shown, so that it may have begun earlier.
  orEarlier: boolean;
}

// Since when the entry misses its target without a break. Periods that cannot be judged neither break nor begin a run.
export function missedSince(entry: Entry): Since | undefined {
  const now = standingOf[entry.targetState];
  if (now !== 'red' && now !== 'yellow') return undefined;
  if (!entry.kpi || !entry.current) return undefined;
  let first: KpiValue = entry.current;
  let periods = 1;
  let ended = false;
  const before = entry.history.filter(value => value.periodStart < entry.current!.periodStart);
  for (let i = before.length - 1; i >= 0; --i) {
    const standing = judge(before[i]!, entry.target, entry.kpi.direction);
    if (standing === 'none') continue;
    if (standing === 'green') {
      ended = true;
      break;
    }
    first = before[i]!;
    ++periods;
  }
  return {
    periodStart: first.periodStart,
    periodEnd: first.periodEnd,
    periods,
    orEarlier: !ended && before.length > 0,
  };
}

export type Move = 'better' | 'worse' | 'neutral';

// What a change that is more than chance means.
export function moveOf(entry: Entry): Move | undefined {
  if (
    !entry.changeIsSignal ||
    entry.change === undefined ||
    entry.change === 0 ||
    !judgeable(entry.current) ||
    !judgeable(entry.previous)
  )
    return undefined;
  const up = entry.change > 0;
  switch (entry.kpi?.direction) {
    case Direction.HIGHER_IS_BETTER:
      return up ? 'better' : 'worse';
    case Direction.LOWER_IS_BETTER:
      return up ? 'worse' : 'better';
    default:
      return 'neutral';
  }
}
