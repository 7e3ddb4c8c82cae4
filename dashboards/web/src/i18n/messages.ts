// Every text of the pages in both languages. A key that exists in one language only does not compile.
import { en } from './en';
import type { Lang } from './lang';
import { tidyZh } from './lang';
import { zh } from './zh';

export type MessageKey = keyof typeof en;

export const messages: Record<Lang, Record<MessageKey, string>> = { en, zh };

export type Values = Record<string, string | number>;

// A message with its {placeholders} filled in.
export function message(lang: Lang, key: MessageKey, values: Values = {}): string {
  const text = messages[lang][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
  return lang === 'zh' ? tidyZh(text) : text;
}
