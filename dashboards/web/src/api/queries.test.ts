// What a change of figures does to the snapshots that are shown.
import { describe, expect, it, vi } from 'vitest';
import { cache } from './cache';
import { insight } from './client';
import { refreshFigures, snapshotKey } from './queries';

vi.mock('./client', () => ({ insight: { getKpiSnapshot: vi.fn() }, deadlineMs: 1000 }));

const unit = { plantId: 'PL1', workshopId: '', lineId: '' };
const snapshot = (...figures: [string, number][]) => ({
  entries: figures.map(([id, value]) => ({ kpi: { id }, value })),
});

describe('figures that changed', () => {
  it('are taken from the question asked last, whatever the order of answers', async () => {
    const key = snapshotKey(unit, '2026-03-02');
    cache.subscribe(key, [], async () => snapshot(['trir', 1], ['ltifr', 1]), () => {});
    await vi.waitFor(() => expect(cache.peek(key).data).toBeDefined());

    const answers: ((value: unknown) => void)[] = [];
    vi.mocked(insight.getKpiSnapshot).mockImplementation((() => new Promise(done => answers.push(done))) as never);
    const first = refreshFigures(unit, '2026-03-02', ['trir', 'ltifr']);
    const second = refreshFigures(unit, '2026-03-02', ['trir']);
    answers[1]!(snapshot(['trir', 3]));
    await second;
    answers[0]!(snapshot(['trir', 2], ['ltifr', 2]));
    await first;
    expect(cache.peek(key).data).toMatchObject(snapshot(['trir', 3], ['ltifr', 2]));
  });
});
