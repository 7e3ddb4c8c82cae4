// Numbers as people of each language write them: 万 and 亿 in Chinese, k and M in English; a figure never loses its
// sign, and what is absent is a dash, never 0.
import type { Lang } from '../i18n/lang';

export const absent = '—';

const locales: Record<Lang, string> = { zh: 'zh-CN', en: 'en-GB' };
const cache = new Map<string, Intl.NumberFormat>();

function formatter(lang: Lang, decimals: number): Intl.NumberFormat {
  const key = `${lang}${decimals}`;
  let found = cache.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locales[lang], {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
    cache.set(key, found);
  }
  return found;
}

// A value with a fixed number of digits after the point. "-0.0" is written "0.0"; a true minus sign is used.
export function formatFixed(value: number | undefined, decimals: number, lang: Lang): string {
  if (value === undefined || !Number.isFinite(value)) return absent;
  const rounded = Number(value.toFixed(decimals));
  return formatter(lang, decimals)
    .format(rounded === 0 ? 0 : rounded)
    .replace('-', '−');
}

// A difference, with its sign always written.
export function formatSigned(value: number | undefined, decimals: number, lang: Lang): string {
  if (value === undefined) return absent;
  const text = formatFixed(value, decimals, lang);
  return Number(value.toFixed(decimals)) > 0 ? `+${text}` : text;
}

const scales: Record<Lang, readonly [number, string][]> = {
  zh: [
    [1e8, '亿'],
    [1e4, '万'],
  ],
  en: [
    [1e9, 'bn'],
    [1e6, 'M'],
    [1e4, 'k'],
  ],
};
const divisor: Record<string, number> = { 亿: 1e8, 万: 1e4, bn: 1e9, M: 1e6, k: 1e3 };

// Large numbers shortened (1 248 600 -> 124.9 万 / 1.25M), small ones in full. Three to four digits that count.
export function formatCompact(value: number | undefined, lang: Lang): string {
  if (value === undefined || !Number.isFinite(value)) return absent;
  for (const [from, suffix] of scales[lang]) {
    if (Math.abs(value) < from) continue;
    const scaled = value / divisor[suffix]!;
    const decimals = Math.abs(scaled) >= 1000 ? 0 : Math.abs(scaled) >= 100 ? 1 : 2;
    const text = formatFixed(scaled, decimals, lang)
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '');
    return lang === 'zh' ? `${text} ${suffix}` : `${text}${suffix}`;
  }
  return formatFixed(value, Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1, lang);
}

// Exact decimal text from the API ("1248600.50") with grouped digits; nothing is rounded.
export function formatExact(decimal: string, lang: Lang): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal);
  if (!match) return decimal === '' ? absent : decimal;
  const [, sign, whole, fraction] = match;
  const grouped = formatter(lang, 0).format(BigInt(whole!));
  const rest = fraction?.replace(/0+$/, '');
  return `${sign ? '−' : ''}${grouped}${rest ? `.${rest}` : ''}`;
}

// Money amounts read better in 万元 and k/M; every other unit keeps the definition's decimals.
export function formatValue(
  value: number | undefined,
  kpi: { decimals: number; unitZh: string },
  lang: Lang,
): string {
  const money = kpi.unitZh.includes('元');
  return money && value !== undefined && Math.abs(value) >= 1e4
    ? formatCompact(value, lang)
    : formatFixed(value, kpi.decimals, lang);
}

// Unit as it stands after a figure: "%" and "‰" hug the number, words keep a space.
export function withUnit(text: string, unit: string): string {
  if (!unit || text === absent) return text;
  return /^[%‰]/.test(unit) ? `${text}${unit}` : `${text}\u00a0${unit}`;
}

// Unit of a difference: percentages differ by points.
export function differenceUnit(unit: string, lang: Lang): string {
  if (unit !== '%') return unit;
  return lang === 'zh' ? '个百分点' : 'pp';
}
