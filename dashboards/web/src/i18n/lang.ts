// The two languages, and how a text that exists in both is chosen.
export type Lang = 'zh' | 'en';

// What goes into <html lang>: it also picks the right glyph variants.
export const htmlLang: Record<Lang, string> = { zh: 'zh-CN', en: 'en' };

export interface Bilingual {
  zh: string;
  en: string;
}

// Chinese has no spaces between its own characters; they slip in where parts are put together.
export function tidyZh(text: string): string {
  return text.replace(/(?<=[\u4e00-\u9fff，。；：、（）“”]) +(?=[\u4e00-\u9fff，。；：、（）“”])/g, '');
}

// First of the reader's languages that we speak; Chinese when none is.
export function preferredLang(wanted: readonly string[]): Lang {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'zh' || primary === 'en') return primary;
  }
  return 'zh';
}
