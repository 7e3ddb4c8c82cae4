// The sentence a page opens with: what is abnormal and since when, short enough to be repeated in a meeting.
import { formatPeriod } from '../format/date';
import { formatValue, withUnit } from '../format/number';
import type { GetKpiSnapshotResponse_Entry as Entry, Target } from '../gen/yokoten/insight/v1/service_pb';
import type { KpiDefinition } from '../gen/yokoten/kpi/v1/kpi_pb';
import { Direction, Grain } from '../gen/yokoten/kpi/v1/kpi_pb';
import type { Lang } from '../i18n/lang';
import { message } from '../i18n/messages';
import { rankAttention } from './attention';
import type { Since } from './standing';
import { standingOf } from './standing';

const named = 2;

export const kpiName = (kpi: KpiDefinition, lang: Lang): string => (lang === 'zh' ? kpi.nameZh : kpi.nameEn);
export const kpiUnit = (kpi: KpiDefinition, lang: Lang): string => (lang === 'zh' ? kpi.unitZh : kpi.unitEn);

// In the middle of a sentence an English name starts small, unless it is an acronym ("TRIR").
function nameInSentence(kpi: KpiDefinition, lang: Lang): string {
  const name = kpiName(kpi, lang);
  return lang === 'en' && /^[A-Z][a-z]/.test(name) ? name[0]!.toLowerCase() + name.slice(1) : name;
}

export function targetText(target: Target, kpi: KpiDefinition, lang: Lang): string {
  const sign = kpi.direction === Direction.LOWER_IS_BETTER ? '≤' : '≥';
  return `${sign}\u00a0${withUnit(formatValue(target.green, kpi, lang), shortUnit(kpiUnit(kpi, lang)))}`;
}

// A target beside a value need not repeat a long unit.
const shortUnit = (unit: string): string => (unit.length <= 2 ? unit : '');

export function sinceText(since: Since, grain: Grain, lang: Lang): string {
  // A rolling year is named by the month it ends with: "since March", not "since the twelve months to March".
  const rolling = grain === Grain.ROLLING_12_MONTHS;
  const period = formatPeriod(
    rolling ? Grain.MONTH : grain,
    rolling ? since.periodEnd : since.periodStart,
    since.periodEnd,
    lang,
  );
  if (since.periods === 1 && !since.orEarlier) return message(lang, 'since.now', { period });
  return message(lang, since.orEarlier ? 'since.orEarlier' : 'since.period', { period });
}

function itemText(entry: Entry, since: Since | undefined, lang: Lang): string {
  const kpi = entry.kpi!;
  return message(lang, 'headline.item', {
    name: nameInSentence(kpi, lang),
    value: withUnit(formatValue(entry.current?.value, kpi, lang), kpiUnit(kpi, lang)),
    target: entry.target ? targetText(entry.target, kpi, lang) : '',
    since: since ? sinceText(since, entry.grain, lang) : '',
  });
}

export interface HeadlineInput {
  unit: string;
  entries: readonly Entry[];
  // Days since the last recordable injury; undefined when not known; `more` when none was found as far as one looked.
  safeDays?: { days: number; more: boolean } | undefined;
}

export function composeHeadline({ unit, entries, safeDays }: HeadlineInput, lang: Lang): string[] {
  const judged = entries.filter(entry => standingOf[entry.targetState] !== 'none');
  const ranked = rankAttention(entries);
  const red = ranked.filter(one => one.kind === 'red');
  const yellow = ranked.filter(one => one.kind === 'yellow');
  const list = (some: typeof ranked) => {
    const texts = some.slice(0, named).map(one => itemText(one.entry, one.since, lang));
    const joined =
      some.length > named ? texts.join(message(lang, 'list.comma')) : texts.join(message(lang, 'list.and'));
    return some.length > named
      ? message(lang, 'headline.missedMore', { list: joined, n: some.length - named })
      : joined;
  };

  const sentences: string[] = [];
  if (judged.length === 0) {
    const any = entries.some(entry => entry.current?.value !== undefined);
    sentences.push(message(lang, any ? 'headline.noTargets' : 'headline.none', { unit, n: entries.length }));
  } else if (red.length > 0) {
    sentences.push(
      message(lang, red.length === 1 ? 'headline.missedOne' : 'headline.missed', {
        unit,
        n: red.length,
        m: judged.length,
        list: list(red),
      }),
    );
    if (yellow.length > 0) {
      sentences.push(
        message(lang, yellow.length === 1 ? 'headline.alsoNearOne' : 'headline.alsoNear', { n: yellow.length }),
      );
    }
  } else if (yellow.length > 0) {
    sentences.push(
      message(lang, yellow.length === 1 ? 'headline.near' : 'headline.nearMany', {
        unit,
        n: yellow.length,
        m: judged.length,
        list: list(yellow),
      }),
    );
  } else {
    const last = judged[0]!;
    const current = last.current!;
    sentences.push(
      message(lang, 'headline.allGood', {
        unit,
        n: judged.length,
        period: formatPeriod(last.grain, current.periodStart, current.periodEnd, lang),
      }),
    );
  }
  if (safeDays) {
    sentences.push(
      safeDays.days === 0
        ? message(lang, 'headline.injuryToday')
        : message(lang, safeDays.more ? 'headline.safeMore' : 'headline.safe', { n: safeDays.days }),
    );
  }
  return sentences;
}
