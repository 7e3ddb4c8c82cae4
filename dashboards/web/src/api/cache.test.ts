// What cache promises, case by case.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Cache } from './cache';

// Lets promises run without moving the clock.
const settle = async () => {
  for (let i = 0; i < 5; ++i) await Promise.resolve();
};

// Answers 1, then nothing, then 2.
const awayOnce = () =>
  vi
    .fn<() => Promise<number>>()
    .mockResolvedValueOnce(1)
    .mockRejectedValueOnce(new Error('away'))
    .mockResolvedValue(2);

describe('answers', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are fetched once however many look at them', async () => {
    const cache = new Cache();
    const fetch = vi.fn(async () => 1);
    cache.subscribe('a', [], fetch, () => {});
    cache.subscribe('a', [], fetch, () => {});
    await settle();
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(cache.peek<number>('a').data).toBe(1);
  });
  it('stay on screen while a change fetches them again, and only those it touches', async () => {
    const cache = new Cache();
    let n = 0;
    const touched = vi.fn(async () => ++n);
    const other = vi.fn(async () => 'x');
    cache.subscribe('a', ['kpi:trir'], touched, () => {});
    cache.subscribe('b', ['kpi:fpy'], other, () => {});
    await settle();
    cache.invalidate(tags => tags.includes('kpi:trir'));
    expect(cache.peek<number>('a').data).toBe(1);
    await settle();
    expect(cache.peek<number>('a').data).toBe(2);
    expect(other).toHaveBeenCalledTimes(1);
  });
  it('are forgotten by a change when nobody looks', async () => {
    const cache = new Cache();
    const leave = cache.subscribe(
      'a',
      ['x'],
      async () => 1,
      () => {},
    );
    await settle();
    leave();
    cache.invalidate(tags => tags.includes('x'));
    expect(cache.peek('a').data).toBeUndefined();
  });
  it('that failed keep the last figures, say so and come back by themselves', async () => {
    const cache = new Cache();
    const fetch = awayOnce();
    const heard = vi.fn();
    cache.subscribe('a', ['x'], fetch, heard);
    await settle();
    cache.invalidate(() => true);
    await settle();
    expect(cache.peek<number>('a')).toMatchObject({ data: 1, error: new Error('away') });
    await vi.advanceTimersByTimeAsync(1_500);
    expect(cache.peek<number>('a')).toMatchObject({ data: 2, error: undefined });
    expect(heard).toHaveBeenCalledTimes(3);
  });
  it('that failed while nobody looked are fetched again when somebody does', async () => {
    const cache = new Cache();
    const fetch = awayOnce();
    const look = () => cache.subscribe('a', ['x'], fetch, () => {});
    const leave = look();
    await settle();
    cache.invalidate(() => true);
    leave();
    await settle();
    expect(cache.peek<number>('a')).toMatchObject({ data: 1, error: new Error('away') });
    look();
    await settle();
    expect(cache.peek<number>('a')).toMatchObject({ data: 2, error: undefined });
  });
  it('that change while being fetched are fetched once more, not lost', async () => {
    const cache = new Cache();
    let finish: (n: number) => void = () => {};
    const fetch = vi.fn(
      () =>
        new Promise<number>(resolve => {
          finish = resolve;
        }),
    );
    cache.subscribe('a', ['x'], fetch, () => {});
    cache.invalidate(() => true);
    cache.invalidate(() => true);
    finish(1);
    await settle();
    expect(fetch).toHaveBeenCalledTimes(2);
  });
  it('can be patched in place, but not out of nothing', async () => {
    const cache = new Cache();
    cache.patch<number>('a', n => n + 1);
    expect(cache.peek('a').data).toBeUndefined();
    cache.subscribe(
      'a',
      [],
      async () => 1,
      () => {},
    );
    await settle();
    cache.patch<number>('a', n => n + 1);
    expect(cache.peek<number>('a').data).toBe(2);
  });
});
