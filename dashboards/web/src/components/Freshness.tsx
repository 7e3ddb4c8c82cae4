// How fresh the figures are: one badge, and domain by domain when opened.
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { useEffect, useRef, useState } from 'react';
import { useInterval } from '../api/cache';
import type { Live } from '../api/watch';
import { formatAgo, formatInstant } from '../format/date';
import { formatFixed } from '../format/number';
import type { Freshness as FreshnessMessage } from '../gen/yokoten/insight/v1/service_pb';
import type { MessageKey } from '../i18n/messages';
import { messages } from '../i18n/messages';
import { useShell, useText } from './context';

export type BadgeState = 'live' | 'behind' | 'stale' | 'connecting';

const lateAfterMs = 15_000;
const quietAfterMs = 48 * 3_600_000;

// "Behind" only when records or figures have waited for a while: right after a fact they always do for a moment.
function badgeState(live: Live, freshness: FreshnessMessage | undefined): BadgeState {
  if (live.state === 'down') return 'stale';
  if (live.state === 'connecting' || !freshness) return 'connecting';
  return live.waitingSince > 0 && Date.now() - live.waitingSince > lateAfterMs ? 'behind' : 'live';
}

const signs: Record<BadgeState, string> = { live: '●', behind: '▲', stale: '▼', connecting: '○' };

interface Props {
  live: Live;
  freshness: FreshnessMessage | undefined;
  zone: string;
  completeness: number | undefined;
}

export function Freshness({ live, freshness, zone, completeness }: Props) {
  const t = useText();
  const { lang } = useShell();
  const [open, setOpen] = useState(false);
  const [, setTick] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  useInterval(() => setTick(n => n + 1), 1000);

  useEffect(() => {
    if (!open) return undefined;
    const close = (event: Event) => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !box.current?.contains(event.target as Node))
        setOpen(false);
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
    };
  }, [open]);

  const state = badgeState(live, freshness);
  const last = Math.max(
    0,
    ...(freshness?.domains ?? []).map(domain => (domain.lastFactAt ? timestampMs(domain.lastFactAt) : 0)),
  );
  const now = Date.now();
  const name = (topic: string) => {
    const key = `domain.${topic
      .replace(/^yokoten\./, '')
      .replace(/\.v\d+$/, '')
      .replaceAll('-', '_')}`;
    return key in messages.en ? t(key as MessageKey) : topic;
  };
  return (
    <div className="fresh" ref={box}>
      <button
        type="button"
        className={`badge badge-${state}`}
        aria-expanded={open}
        aria-controls="freshness"
        onClick={() => setOpen(!open)}
      >
        <span className="sign" aria-hidden="true">
          {signs[state]}
        </span>
        <span>{t(`fresh.${state}`)}</span>
        {last > 0 && (
          <span className="badge-ago">{t('fresh.updated', { ago: formatAgo((now - last) / 1000, lang) })}</span>
        )}
      </button>
      <div id="freshness" className="popover" hidden={!open} role="region" aria-label={t('fresh.title')}>
        <h2>{t('fresh.title')}</h2>
        {live.state === 'down' && (
          <p className="warn">{t('fresh.reconnect', { time: formatInstant(live.since, zone, true).slice(11) })}</p>
        )}
        <p>
          {freshness?.completeUntil
            ? t('fresh.complete', { time: formatInstant(timestampMs(freshness.completeUntil), zone, true) })
            : t('fresh.completeUnknown')}
        </p>
        <p>
          {freshness && freshness.rollupLag > 0n
            ? t('fresh.rollup', { n: String(freshness.rollupLag) })
            : t('fresh.rollupNone')}
        </p>
        {completeness !== undefined && (
          <p>
            {t('fresh.completeness')}:{' '}
            <b className={completeness < 0.95 ? 'warn' : ''}>{formatFixed(completeness * 100, 1, lang)}%</b>
          </p>
        )}
        <table>
          <thead>
            <tr>
              <th scope="col">{t('fresh.domain')}</th>
              <th scope="col">{t('fresh.last')}</th>
              <th scope="col" className="number">
                {t('fresh.lag')}
              </th>
              <th scope="col">{t('fresh.state')}</th>
            </tr>
          </thead>
          <tbody>
            {(freshness?.domains ?? []).map(domain => {
              const at = domain.lastFactAt ? timestampMs(domain.lastFactAt) : 0;
              const kind = domain.lag > 0n ? 'late' : at > 0 && now - at > quietAfterMs ? 'quiet' : 'ok';
              return (
                <tr key={domain.topic}>
                  <th scope="row">{name(domain.topic)}</th>
                  <td>
                    {at > 0 ? (
                      <time dateTime={new Date(at).toISOString()} title={formatInstant(at, zone, true)}>
                        {formatAgo((now - at) / 1000, lang)}
                      </time>
                    ) : (
                      t('fresh.never')
                    )}
                  </td>
                  <td className="number">{String(domain.lag)}</td>
                  <td className={kind === 'ok' ? '' : 'warn'}>
                    {kind === 'late' ? '▲ ' : ''}
                    {t(`fresh.${kind}`)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
