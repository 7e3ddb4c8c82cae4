// The head of every page: where and when one looks, how fresh it is, and how it is shown.
import { useRef } from 'react';
import type { Live } from '../api/watch';
import { addDays } from '../format/date';
import type {
  Freshness as FreshnessMessage,
  ListPlantsResponse_Plant as Plant,
} from '../gen/yokoten/insight/v1/service_pb';
import type { MessageKey } from '../i18n/messages';
import { pages } from '../pages';
import { remember, themeOf } from '../url/location';
import type { Theme } from '../url/state';
import { useShell, useText } from './context';
import { Freshness } from './Freshness';
import { Go } from './Go';

interface Props {
  plants: readonly Plant[];
  plant: Plant | undefined;
  // Production day shown.
  day: string;
  live: Live;
  freshness: FreshnessMessage | undefined;
  completeness: number | undefined;
  simulated: boolean;
}

export function Header({ plants, plant, day, live, freshness, completeness, simulated }: Props) {
  const t = useText();
  const { lang, view, move } = useShell();
  const picker = useRef<HTMLInputElement>(null);
  const theme = themeOf(view);
  const today = plant?.productionDay ?? '';
  const name = (one: { nameZh: string; nameEn: string }, id: string) =>
    (lang === 'zh' ? one.nameZh : one.nameEn) || id;
  const units = plant?.units ?? [];
  const workshops = units.filter(unit => unit.level === 'workshop');
  const lines = (workshop: string) => units.filter(unit => unit.level === 'line' && unit.parentId === workshop);
  const unit = view.workshop + (view.line ? `/${view.line}` : '');
  const toDay = (to: string) => move({ day: to >= today ? '' : to, at: '' });
  const step = (label: MessageKey, sign: string, days: number, possible: boolean) => (
    <button
      type="button"
      className="icon"
      aria-label={t(label)}
      title={t(label)}
      disabled={!possible}
      onClick={() => toDay(addDays(day, days))}
    >
      {sign}
    </button>
  );
  const shift =
    plant && plant.shiftCode !== 'NONE' && plant.shiftCode !== ''
      ? `${t('header.shift')} ${plant.shiftCode}`
      : t('header.noShift');

  return (
    <header className="head">
      <div className="brand">
        <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="7" />
          <path d="M7 16h12M15 10l6 6-6 6" />
          <circle cx="25" cy="16" r="2" />
        </svg>
        <span className="brand-name">{t('app.name')}</span>
        {pages.length > 1 && (
          <nav aria-label={t('header.nav')}>
            {pages.map(page => (
              <Go
                key={page.id}
                to={{ page: page.id, kpi: '', facts: '' }}
                aria-current={page.id === view.page ? 'page' : undefined}
              >
                {page.title[lang]}
              </Go>
            ))}
          </nav>
        )}
      </div>

      <div className="where">
        {view.tv ? (
          <strong className="tv-plant">{plant && name(plant, plant.plantId)}</strong>
        ) : (
          <label className="field">
            <span className="hidden">{t('header.plant')}</span>
            <select
              className="plant-pick"
              value={plant?.plantId ?? ''}
              onChange={event => move({ plant: event.target.value, workshop: '', line: '', at: '' })}
            >
              {!plant && <option value="">{view.plant || '—'}</option>}
              {plants.map(one => (
                <option key={one.plantId} value={one.plantId}>
                  {name(one, one.plantId)}
                </option>
              ))}
            </select>
          </label>
        )}
        {!view.tv && workshops.length > 0 && (
          <label className="field">
            <span className="hidden">{t('header.unit')}</span>
            <select
              className="unit-pick"
              value={unit}
              onChange={event => {
                const [workshop = '', line = ''] = event.target.value.split('/');
                move({ workshop, line });
              }}
            >
              <option value="">{t('header.wholePlant')}</option>
              {workshops.map(workshop => (
                <optgroup key={workshop.unitId} label={name(workshop, workshop.unitId)}>
                  <option value={workshop.unitId}>{name(workshop, workshop.unitId)}</option>
                  {lines(workshop.unitId).map(line => (
                    <option
                      key={line.unitId}
                      value={`${workshop.unitId}/${line.unitId}`}
                    >{`${name(workshop, workshop.unitId)} · ${name(line, line.unitId)}`}</option>
                  ))}
                </optgroup>
              ))}
            </select>
          </label>
        )}
        <div className="day" role="group" aria-label={t('header.day')}>
          {!view.tv && step('header.prevDay', '‹', -1, !!day)}
          {view.tv ? (
            <time dateTime={day}>{day}</time>
          ) : (
            <button
              type="button"
              className="day-now"
              aria-label={`${t('header.chooseDay')}: ${day}`}
              disabled={!day}
              onClick={() => {
                try {
                  picker.current?.showPicker();
                } catch {
                  picker.current?.focus();
                }
              }}
            >
              <time dateTime={day}>{day || '—'}</time>
            </button>
          )}
          <input
            ref={picker}
            className="day-input"
            type="date"
            tabIndex={-1}
            aria-hidden="true"
            value={day}
            min={plant?.firstDay || undefined}
            max={today || undefined}
            onChange={event => event.target.value && toDay(event.target.value)}
          />
          {!view.tv && step('header.nextDay', '›', 1, !!day && day < today)}
          {view.day !== '' && view.day !== today ? (
            <button type="button" className="text-button" onClick={() => move({ day: '' })}>
              {t('header.follow')}
            </button>
          ) : (
            <span className="shift">{shift}</span>
          )}
        </div>
      </div>

      <div className="tools">
        {simulated && (
          <span className="simulated" title={t('app.simulated.long')}>
            {t('app.simulated')}
          </span>
        )}
        <Freshness live={live} freshness={freshness} zone={plant?.timeZone ?? 'UTC'} completeness={completeness} />
        {!view.tv && (
          <>
            <div className="segmented" role="group" aria-label={t('header.lang')}>
              {(['zh', 'en'] as const).map(one => (
                <button
                  key={one}
                  type="button"
                  lang={one === 'zh' ? 'zh-CN' : 'en'}
                  aria-pressed={lang === one}
                  onClick={() => {
                    remember('lang', one);
                    move({ lang: one }, true);
                  }}
                >
                  {one === 'zh' ? '中文' : 'EN'}
                </button>
              ))}
            </div>
            <label className="field theme-pick">
              <span className="hidden">{t('header.theme')}</span>
              <select
                value={theme}
                title={t('header.theme')}
                onChange={event => {
                  const to = event.target.value as Theme;
                  remember('theme', to);
                  move({ theme: to }, true);
                }}
              >
                {(['auto', 'light', 'dark'] as const).map(one => (
                  <option
                    key={one}
                    value={one}
                  >{`${{ auto: '◐', light: '○', dark: '●' }[one]} ${t(`theme.${one}`)}`}</option>
                ))}
              </select>
            </label>
            <Go to={{ tv: true, kpi: '', facts: '' }} className="text-button only-wide">
              {t('header.tv')}
            </Go>
          </>
        )}
      </div>
    </header>
  );
}
