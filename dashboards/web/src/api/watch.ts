// The live stream: says which figures changed, says nothing for long only when it is broken, and comes back by itself.
import { useEffect, useRef, useState } from 'react';
import type { Freshness, WatchKpisResponse_Change } from '../gen/yokoten/insight/v1/service_pb';
import { backoffMs } from './backoff';
import { cache } from './cache';
import { insight } from './client';

export type LinkState = 'connecting' | 'live' | 'down';

export interface Live {
  state: LinkState;
  // Since when it is down, by this machine's clock.
  since: number;
  freshness: Freshness | undefined;
  // When freshness arrived, by this machine's clock.
  heardAt: number;
  // Since when records or figures wait without a break, by this machine's clock; 0 = none do.
  waitingSince: number;
}

const waits = (freshness: Freshness | undefined): boolean =>
  freshness !== undefined && (freshness.rollupLag > 0n || freshness.domains.some(domain => domain.lag > 0n));

// The server sends at least a sign of life well within this; longer silence means a dead line that TCP has not noticed.
const silenceMs = 60_000;

// A page nobody sees gives its connection back: browsers allow six to one server, and each open board holds one.
const parkAfterMs = 5 * 60_000;

// Waits, but no longer than until the browser is back on the network.
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      window.removeEventListener('online', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    window.addEventListener('online', end);
  });
}

// True once the page has been out of sight for long, until it is seen again.
function useParked(): boolean {
  const [parked, setParked] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') setParked(false);
      else timer = setTimeout(() => setParked(true), parkAfterMs);
    };
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return parked;
}

// Watches a plant while mounted. `onChange` gets the changes of each message; `onBack` is called when the stream is
// back after it was down, since changes may have been missed meanwhile.
export function useWatch(
  plantId: string | undefined,
  onChange: (changes: WatchKpisResponse_Change[]) => void,
  onBack: () => void,
): Live {
  const [live, setLive] = useState<Live>({
    state: 'connecting',
    since: Date.now(),
    freshness: undefined,
    heardAt: 0,
    waitingSince: 0,
  });

  const parked = useParked();
  // Plant whose stream has been up before: whatever changed since then was missed.
  const wasUp = useRef<string>(undefined);

  useEffect(() => {
    if (plantId === undefined || parked) return undefined;
    const stop = new AbortController();
    const watch = async () => {
      let failures = 0;
      while (!stop.signal.aborted) {
        const call = new AbortController();
        const end = () => call.abort();
        stop.signal.addEventListener('abort', end);
        window.addEventListener('offline', end);
        let silence = setTimeout(end, silenceMs);
        try {
          let first = true;
          for await (const message of insight.watchKpis({ plantIds: [plantId] }, { signal: call.signal })) {
            clearTimeout(silence);
            silence = setTimeout(end, silenceMs);
            failures = 0;
            setLive(old => ({
              state: 'live',
              since: 0,
              freshness: message.freshness ?? old.freshness,
              heardAt: Date.now(),
              waitingSince: waits(message.freshness) ? old.waitingSince || Date.now() : 0,
            }));
            if (first && wasUp.current === plantId) {
              onBack();
              cache.retryFailed();
            }
            first = false;
            wasUp.current = plantId;
            if (message.changes.length > 0) onChange(message.changes);
          }
        } catch {
          // Whatever ended the stream, the answer is the same: say so, wait, come back.
        }
        clearTimeout(silence);
        stop.signal.removeEventListener('abort', end);
        window.removeEventListener('offline', end);
        if (stop.signal.aborted) return;
        setLive(old => (old.state === 'down' ? old : { ...old, state: 'down', since: Date.now() }));
        await pause(backoffMs(failures++, Math.random()), stop.signal);
      }
    };
    void watch();
    return () => stop.abort();
  }, [plantId, onChange, onBack, parked]);

  return live;
}
