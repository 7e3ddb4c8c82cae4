// What i18n promises, case by case.
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventName } from './events';
import { preferredLang, tidyZh } from './lang';
import { message, messages, type MessageKey } from './messages';

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe('texts', () => {
  it('exist in both languages with the same placeholders', () => {
    for (const key of Object.keys(messages.en) as MessageKey[]) {
      expect(messages.zh[key], key).toBeTruthy();
      // A language may leave a detail to its grammar, but may not invent one.
      for (const name of placeholders(messages.zh[key])) expect(placeholders(messages.en[key]), key).toContain(name);
    }
  });
  it('are truly Chinese and truly English', () => {
    for (const [key, text] of Object.entries(messages.zh)) {
      const words = text.replace(/\{\w+\}/g, '');
      if (!/[\u4e00-\u9fff]/.test(words)) expect(words, key).not.toMatch(/[A-Za-z]{3,}/);
    }
    for (const [key, text] of Object.entries(messages.en)) expect(text, key).not.toMatch(/[\u4e00-\u9fff]/);
  });
  it('fill placeholders and leave no spaces between Chinese characters', () => {
    expect(message('zh', 'since.orEarlier', { period: '2025 年 3 月' })).toBe('自 2025 年 3 月或更早起');
    expect(tidyZh('训练 达成率 7 of 31')).toBe('训练达成率 7 of 31');
  });
  it('name event types, also those nobody has named yet', () => {
    expect(eventName('operations.ShiftOutputReported', 'zh')).toBe('班次产出上报');
    expect(eventName('future.ThingHappened', 'en')).toBe('Thing happened');
  });
  it('name every event type of the catalogue in Chinese', () => {
    const examples = readdirSync(new URL('../../../../tests/examples', import.meta.url));
    const types = examples.filter(name => name.endsWith('.json')).map(name => name.slice(0, -'.json'.length));
    expect(types.length).toBeGreaterThan(100);
    for (const type of types) expect(eventName(type, 'zh'), type).toMatch(/[\u4e00-\u9fff]/);
  });
  it('follow the reader’s languages, Chinese when we speak none of them', () => {
    expect(preferredLang(['fr-FR', 'en-GB', 'zh-CN'])).toBe('en');
    expect(preferredLang(['de'])).toBe('zh');
  });
});
