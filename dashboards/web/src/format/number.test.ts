// What number promises, case by case.
import { describe, expect, it } from 'vitest';
import {
  differenceUnit,
  formatCompact,
  formatExact,
  formatFixed,
  formatSigned,
  formatValue,
  withUnit,
} from './number';

describe('numbers', () => {
  it('keeps the decimals of the definition and writes a true minus', () => {
    expect(formatFixed(1234.5, 2, 'en')).toBe('1,234.50');
    expect(formatFixed(-0.5, 1, 'zh')).toBe('−0.5');
  });
  it('never writes a negative zero', () => {
    expect(formatFixed(-0.04, 1, 'en')).toBe('0.0');
    expect(formatSigned(-0.04, 1, 'en')).toBe('0.0');
  });
  it('writes a dash for what is absent, never 0', () => {
    expect(formatFixed(undefined, 1, 'en')).toBe('—');
    expect(formatCompact(Number.NaN, 'zh')).toBe('—');
    expect(formatExact('', 'en')).toBe('—');
    expect(withUnit('—', '%')).toBe('—');
  });
  it('shortens large numbers as each language does', () => {
    expect(formatCompact(1_248_600, 'zh')).toBe('124.9 万');
    expect(formatCompact(1_248_600, 'en')).toBe('1.25M');
    expect(formatCompact(15_800, 'en')).toBe('15.8k');
    expect(formatCompact(320_000_000, 'zh')).toBe('3.2 亿');
    expect(formatCompact(9_999, 'en')).toBe('9,999');
  });
  it('writes money in 万元 and in k', () => {
    const kpi = { decimals: 0, unitZh: '元' };
    expect(formatValue(1_250_000, kpi, 'zh')).toBe('125 万');
    expect(formatValue(1_250_000, kpi, 'en')).toBe('1.25M');
    expect(formatValue(1_250_000, { decimals: 0, unitZh: '件' }, 'zh')).toBe('1,250,000');
  });
  it('loses no digit of an exact decimal', () => {
    expect(formatExact('12345678901234567890.500000', 'en')).toBe('12,345,678,901,234,567,890.5');
    expect(formatExact('-15800', 'zh')).toBe('−15,800');
    expect(formatExact('200000.000000', 'en')).toBe('200,000');
  });
  it('lets % and ‰ hug the number and differs percentages by points', () => {
    expect(withUnit('8.8', '‰')).toBe('8.8‰');
    expect(withUnit('2.67', 'per 200,000 h')).toBe('2.67\u00a0per 200,000 h');
    expect(differenceUnit('%', 'en')).toBe('pp');
    expect(differenceUnit('%', 'zh')).toBe('个百分点');
  });
});
