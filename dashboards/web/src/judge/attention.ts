// What needs attention today, ranked: missed targets first (red, then surely to be missed, then yellow), then what
// got worse by more than chance, then what makes figures doubtful. Within a rank, what has lasted longest comes first.
import type { GetKpiSnapshotResponse_Entry as Entry } from '../gen/yokoten/insight/v1/service_pb';
import { KpiStatus } from '../gen/yokoten/insight/v1/service_pb';
import { Direction } from '../gen/yokoten/kpi/v1/kpi_pb';
import type { Since } from './standing';
import { missedSince, moveOf, standingOf } from './standing';

export type AttentionKind = 'red' | 'yellow' | 'worse' | 'open' | 'provisional';

export interface Attention {
  kind: AttentionKind;
  entry: Entry;
  since: Since | undefined;
}

const completenessKpi = 'data_completeness';

const rank: Record<AttentionKind, number> = { red: 0, open: 1, yellow: 2, worse: 3, provisional: 4 };

// Whether the lower bound of an open value is already beyond its target: then it is missed whatever still happens.
function openBeyondTarget(entry: Entry): boolean {
  const { current, target } = entry;
  return (
    current?.status === KpiStatus.OPEN &&
    target !== undefined &&
    current.lowerBound !== undefined &&
    entry.kpi?.direction === Direction.LOWER_IS_BETTER &&
    current.lowerBound > target.yellow
  );
}

export function kindOf(entry: Entry): AttentionKind | undefined {
  const standing = standingOf[entry.targetState];
  if (standing === 'red' || standing === 'yellow') return standing;
  if (openBeyondTarget(entry)) return 'open';
  if (moveOf(entry) === 'worse') return 'worse';
  const completeness = entry.current?.completeness;
  if (entry.current?.status === KpiStatus.PROVISIONAL && completeness !== undefined && completeness < 0.95)
    return 'provisional';
  return undefined;
}

// Missing reports make every figure they feed provisional: that is one thing to attend to, not one a figure. It is
// left out where the completeness figure itself stands in the list.
function mergeProvisional(found: Attention[]): Attention[] {
  const lacking = found.filter(one => one.kind === 'provisional');
  const told = found.some(one => one.kind !== 'provisional' && one.entry.kpi?.id === completenessKpi);
  const share = (one: Attention) => one.entry.current?.completeness ?? 1;
  const worst = told
    ? undefined
    : lacking.reduce<Attention | undefined>(
        (least, one) => (least && share(least) <= share(one) ? least : one),
        undefined,
      );
  return found.filter(one => one.kind !== 'provisional' || one === worst);
}

export function rankAttention(entries: readonly Entry[]): Attention[] {
  const all: Attention[] = [];
  for (const entry of entries) {
    const kind = kindOf(entry);
    if (kind) all.push({ kind, entry, since: missedSince(entry) });
  }
  const found = mergeProvisional(all);
  const start = (one: Attention) => one.since?.periodStart ?? one.entry.current?.periodStart ?? '';
  return found
    .map((one, index) => ({ one, index }))
    .sort(
      (a, b) => rank[a.one.kind] - rank[b.one.kind] || start(a.one).localeCompare(start(b.one)) || a.index - b.index,
    )
    .map(({ one }) => one);
}
