// Answers kept while they are looked at. A change refetches only answers that carry one of its tags; until the new
// answer is there the old one stays on screen. Failed calls are repeated with growing pauses as long as they are
// wanted.
import { useCallback, useEffect, useSyncExternalStore } from 'react';

export interface Answer<T> {
  data: T | undefined;
  error: unknown;
  // When data arrived, by this machine's clock; 0 = never.
  at: number;
}

interface Slot {
  answer: Answer<unknown>;
  fetch: (signal: AbortSignal) => Promise<unknown>;
  tags: readonly string[];
  listeners: Set<() => void>;
  running: AbortController | undefined;
  // A refetch was asked for while one was running.
  again: boolean;
  retry: ReturnType<typeof setTimeout> | undefined;
  failures: number;
}

const nothing: Answer<never> = { data: undefined, error: undefined, at: 0 };
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
const keptUnused = 60;

export class Cache {
  private readonly slots = new Map<string, Slot>();

  // Every answer that carries one of `tags` is fetched again if it is looked at, forgotten otherwise.
  invalidate(touched: (tags: readonly string[]) => boolean): void {
    for (const [key, slot] of this.slots) {
      if (!touched(slot.tags)) continue;
      if (slot.listeners.size > 0) this.run(slot);
      else this.slots.delete(key);
    }
  }

  // Replaces an answer by what `change` makes of it, if it is there.
  patch<T>(key: string, change: (data: T) => T): void {
    const slot = this.slots.get(key);
    if (slot?.answer.data === undefined) return;
    this.put(slot, { data: change(slot.answer.data as T), error: undefined, at: Date.now() });
  }

  peek<T>(key: string): Answer<T> {
    return (this.slots.get(key)?.answer ?? nothing) as Answer<T>;
  }

  // Fetches again now whatever is looked at and has failed.
  retryFailed(): void {
    for (const slot of this.slots.values()) {
      if (slot.answer.error !== undefined && slot.listeners.size > 0) this.run(slot);
    }
  }

  subscribe(key: string, tags: readonly string[], fetch: Slot['fetch'], listener: () => void): () => void {
    let slot = this.slots.get(key);
    if (!slot) {
      slot = {
        answer: nothing,
        fetch,
        tags,
        listeners: new Set(),
        running: undefined,
        again: false,
        retry: undefined,
        failures: 0,
      };
      this.slots.set(key, slot);
    }
    slot.fetch = fetch;
    slot.tags = tags;
    slot.listeners.add(listener);
    const wanting = slot.answer.at === 0 || slot.answer.error !== undefined;
    if (wanting && slot.listeners.size === 1 && !slot.running) this.run(slot);
    const kept = slot;
    return () => {
      kept.listeners.delete(listener);
      if (kept.listeners.size > 0) return;
      clearTimeout(kept.retry);
      this.trim();
    };
  }

  private trim(): void {
    const unused = [...this.slots].filter(([, slot]) => slot.listeners.size === 0);
    for (const [key, slot] of unused.slice(0, Math.max(0, unused.length - keptUnused))) {
      slot.running?.abort();
      this.slots.delete(key);
    }
  }

  private put(slot: Slot, answer: Answer<unknown>): void {
    slot.answer = answer;
    for (const listener of slot.listeners) listener();
  }

  private run(slot: Slot): void {
    clearTimeout(slot.retry);
    if (slot.running) {
      slot.again = true;
      return;
    }
    const running = new AbortController();
    slot.running = running;
    slot
      .fetch(running.signal)
      .then(
        data => {
          slot.failures = 0;
          this.put(slot, { data, error: undefined, at: Date.now() });
        },
        (error: unknown) => {
          if (running.signal.aborted) return;
          ++slot.failures;
          this.put(slot, { ...slot.answer, error });
          const pause =
            Math.min(longestPauseMs, firstPauseMs * 2 ** (slot.failures - 1)) * (0.75 + Math.random() / 2);
          if (slot.listeners.size > 0) slot.retry = setTimeout(() => this.run(slot), pause);
        },
      )
      .finally(() => {
        slot.running = undefined;
        if (slot.again) {
          slot.again = false;
          this.run(slot);
        }
      });
  }
}

export const cache = new Cache();

// The answer under `key`, fetched when first wanted. An undefined key asks nothing.
export function useAnswer<T>(
  key: string | undefined,
  tags: readonly string[],
  fetch: (signal: AbortSignal) => Promise<T>,
): Answer<T> {
  const subscribe = useCallback(
    (listener: () => void) => (key === undefined ? () => {} : cache.subscribe(key, tags, fetch, listener)),
    // The key says everything that tags and fetch depend on.
    [key],
  );
  return useSyncExternalStore(subscribe, () => (key === undefined ? nothing : cache.peek<T>(key)));
}

// Runs `tick` every `ms` while mounted.
export function useInterval(tick: () => void, ms: number): void {
  useEffect(() => {
    const timer = setInterval(tick, ms);
    return () => clearInterval(timer);
  }, [tick, ms]);
}
