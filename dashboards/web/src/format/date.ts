// Days, periods and instants in words. A production day is always written ISO; longer periods follow the language.
import { Grain } from '../gen/yokoten/kpi/v1/kpi_pb';
import type { Lang } from '../i18n/lang';

export function isIsoDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().slice(0, 10) === text;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

// Days from `from` to `to`; 0 for the same day.
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

export function addMonths(day: string, months: number): string {
  const [year, month] = day.split('-').map(Number) as [number, number];
  const at = new Date(Date.UTC(year, month - 1 + months, 1));
  return at.toISOString().slice(0, 10);
}

export const monthStart = (day: string): string => `${day.slice(0, 7)}-01`;
export const monthEnd = (day: string): string => addDays(addMonths(day, 1), -1);

// ISO 8601 week of a day: the year is that of the week's Thursday.
export function isoWeek(day: string): { year: number; week: number } {
  const at = new Date(`${day}T00:00:00Z`);
  const weekday = (at.getUTCDay() + 6) % 7;
  const thursday = new Date(at.getTime() + (3 - weekday) * 86_400_000);
  const year = thursday.getUTCFullYear();
  return { year, week: 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * 86_400_000)) };
}

const monthsEn = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function monthName(day: string, lang: Lang): string {
  const year = day.slice(0, 4);
  const month = Number(day.slice(5, 7));
  return lang === 'zh' ? `${year} 年 ${month} 月` : `${monthsEn[month - 1]} ${year}`;
}

// A period as a reader names it.
export function formatPeriod(grain: Grain, start: string, end: string, lang: Lang): string {
  switch (grain) {
    case Grain.WEEK: {
      const { year, week } = isoWeek(start);
      return lang === 'zh' ? `${year} 年第 ${week} 周` : `${year}-W${String(week).padStart(2, '0')}`;
    }
    case Grain.MONTH:
      return monthName(start, lang);
    case Grain.QUARTER: {
      const quarter = Math.ceil(Number(start.slice(5, 7)) / 3);
      return lang === 'zh' ? `${start.slice(0, 4)} 年 ${quarter} 季度` : `Q${quarter} ${start.slice(0, 4)}`;
    }
    case Grain.YEAR:
      return lang === 'zh' ? `${start.slice(0, 4)} 年` : start.slice(0, 4);
    case Grain.ROLLING_12_MONTHS:
      return lang === 'zh' ? `截至 ${monthName(end, lang)}的 12 个月` : `12 months to ${monthName(end, lang)}`;
    default:
      return start;
  }
}

// The same, short enough for an axis and in no language.
export function formatPeriodShort(grain: Grain, start: string, end: string): string {
  switch (grain) {
    case Grain.WEEK: {
      const { year, week } = isoWeek(start);
      return `${String(year).slice(2)}-W${String(week).padStart(2, '0')}`;
    }
    case Grain.MONTH:
      return start.slice(0, 7);
    case Grain.ROLLING_12_MONTHS:
      return `→${end.slice(0, 7)}`;
    case Grain.QUARTER:
      return `${start.slice(2, 4)}-Q${Math.ceil(Number(start.slice(5, 7)) / 3)}`;
    case Grain.YEAR:
      return start.slice(0, 4);
    default:
      return start.slice(5);
  }
}

// How long ago, in the coarsest unit that still tells.
export function formatAgo(seconds: number, lang: Lang): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 5) return lang === 'zh' ? '刚刚' : 'just now';
  const steps: [number, string, string][] = [
    [60, '秒', 's'],
    [3600, '分钟', 'min'],
    [86_400, '小时', 'h'],
    [Infinity, '天', 'd'],
  ];
  const divisors = [1, 60, 3600, 86_400];
  const index = steps.findIndex(([limit]) => s < limit);
  const value = Math.floor(s / divisors[index]!);
  const [, zh, en] = steps[index]!;
  return lang === 'zh' ? `${value} ${zh}前` : `${value} ${en} ago`;
}

// An instant in a time zone, "2026-03-02 14:05". An unknown zone falls back to UTC, and says so.
export function formatInstant(epochMs: number, timeZone: string, withSeconds = false): string {
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(withSeconds ? { second: '2-digit' } : {}),
  };
  try {
    return new Intl.DateTimeFormat('sv-SE', { ...options, timeZone }).format(epochMs);
  } catch {
    return `${new Intl.DateTimeFormat('sv-SE', { ...options, timeZone: 'UTC' }).format(epochMs)} UTC`;
  }
}
