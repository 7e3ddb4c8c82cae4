// What date promises, case by case.
import { describe, expect, it } from 'vitest';
import { Grain } from '../gen/yokoten/kpi/v1/kpi_pb';
import {
  addDays,
  addMonths,
  daysBetween,
  formatAgo,
  formatInstant,
  formatPeriod,
  isIsoDay,
  isoWeek,
  monthEnd,
} from './date';

describe('days and periods', () => {
  it('writes a production day ISO in both languages', () => {
    expect(formatPeriod(Grain.DAY, '2026-03-02', '2026-03-02', 'zh')).toBe('2026-03-02');
    expect(formatPeriod(Grain.DAY, '2026-03-02', '2026-03-02', 'en')).toBe('2026-03-02');
  });
  it('names longer periods in each language', () => {
    expect(formatPeriod(Grain.MONTH, '2026-03-01', '2026-03-31', 'zh')).toBe('2026 年 3 月');
    expect(formatPeriod(Grain.MONTH, '2026-03-01', '2026-03-31', 'en')).toBe('Mar 2026');
    expect(formatPeriod(Grain.QUARTER, '2026-04-01', '2026-06-30', 'en')).toBe('Q2 2026');
    expect(formatPeriod(Grain.ROLLING_12_MONTHS, '2025-04-01', '2026-03-31', 'zh')).toBe(
      '截至 2026 年 3 月的 12 个月',
    );
    expect(formatPeriod(Grain.ROLLING_12_MONTHS, '2025-04-01', '2026-03-31', 'en')).toBe('12 months to Mar 2026');
  });
  it('numbers weeks by ISO 8601, whose year is that of the Thursday', () => {
    expect(isoWeek('2026-01-01')).toEqual({ year: 2026, week: 1 });
    expect(isoWeek('2027-01-03')).toEqual({ year: 2026, week: 53 });
    expect(isoWeek('2024-12-30')).toEqual({ year: 2025, week: 1 });
    expect(formatPeriod(Grain.WEEK, '2024-12-30', '2025-01-05', 'en')).toBe('2025-W01');
  });
  it('counts over months, leap days and years', () => {
    expect(addDays('2024-02-28', 2)).toBe('2024-03-01');
    expect(monthEnd('2024-02-11')).toBe('2024-02-29');
    expect(addMonths('2026-01-31', -1)).toBe('2025-12-01');
    expect(daysBetween('2025-12-31', '2026-01-01')).toBe(1);
  });
  it('refuses what is no day', () => {
    expect(isIsoDay('2026-02-30')).toBe(false);
    expect(isIsoDay('2026-2-3')).toBe(false);
    expect(isIsoDay('2026-02-28')).toBe(true);
  });
  it('tells how long ago in the coarsest unit', () => {
    expect(formatAgo(3, 'en')).toBe('just now');
    expect(formatAgo(59, 'en')).toBe('59 s ago');
    expect(formatAgo(7_300, 'zh')).toBe('2 小时前');
  });
  it('writes instants in the plant’s own zone and says so when it does not know the zone', () => {
    expect(formatInstant(Date.parse('2026-03-02T18:15:00Z'), 'Asia/Shanghai')).toBe('2026-03-03 02:15');
    expect(formatInstant(Date.parse('2026-03-02T18:15:00Z'), 'Mars/Olympus')).toBe('2026-03-02 18:15 UTC');
  });
});
