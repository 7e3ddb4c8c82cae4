// What stands where figures are not (yet): loading, empty, error. Never blank, and always with what happens next.
import type { ReactNode } from 'react';
import { errorText, isTransient } from '../api/client';
import { cache } from '../api/cache';
import { useText } from './context';

export function Loading({ rows = 3, label }: { rows?: number; label?: string }) {
  const t = useText();
  return (
    <div className="loading" role="status" aria-label={label ?? t('load.loading')}>
      {Array.from({ length: rows }, (_, index) => (
        <i key={index} />
      ))}
    </div>
  );
}

export function Empty({ title, help, children }: { title: string; help?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <svg viewBox="0 0 64 40" aria-hidden="true">
        <path d="M4 34h56M10 28l12-8 10 5 12-14 10 6" />
      </svg>
      <p className="empty-title">{title}</p>
      {help && <p className="empty-help">{help}</p>}
      {children}
    </div>
  );
}

export function Failed({ error }: { error: unknown }) {
  const t = useText();
  return (
    <div className="empty failed" role="alert">
      <p className="empty-title">{isTransient(error) ? t('load.unavailableFirst') : t('load.error')}</p>
      <p className="empty-help">{errorText(error)}</p>
      <p className="empty-help">{t('load.retrying')}</p>
      <button type="button" className="button" onClick={() => cache.retryFailed()}>
        {t('load.again')}
      </button>
    </div>
  );
}
