// What a series tells beyond its points: control limits and signals, for figures that are counts or shares.
import type { KpiValue } from '../gen/yokoten/insight/v1/service_pb';
import { KpiStatus } from '../gen/yokoten/insight/v1/service_pb';
import type { KpiDefinition } from '../gen/yokoten/kpi/v1/kpi_pb';
import { Aggregation, Direction, Grain, IntervalKind } from '../gen/yokoten/kpi/v1/kpi_pb';
import { formatPeriod } from '../format/date';
import type { Lang } from '../i18n/lang';
import { message } from '../i18n/messages';
import type { Limits, Run, Signal } from '../judge/spc';
import { baselineMin, controlLimits, runs, signals } from '../judge/spc';
import type { Move } from '../judge/standing';

export interface Analysis {
  limits: Limits | undefined;
  signals: Signal[];
  runs: Run[];
}

// Stocks (state at the end of a period) move slowly by nature: their points are not independent, so no limits.
// Neither are overlapping periods.
const chartKind = (kpi: KpiDefinition, grain: Grain): 'u' | 'p' | undefined => {
  if (kpi.numerator !== Aggregation.SUM || grain === Grain.ROLLING_12_MONTHS) return undefined;
  if (kpi.interval === IntervalKind.GARWOOD) return 'u';
  return kpi.interval === IntervalKind.WILSON ? 'p' : undefined;
};

export function analyse(values: readonly KpiValue[], kpi: KpiDefinition, grain: Grain): Analysis {
  const kind = chartKind(kpi, grain);
  if (!kind) return { limits: undefined, signals: [], runs: [] };
  // A period with nothing to count is no point; one that is still open is, with the wide limits of its small size.
  const points = values.map(value => {
    const usable =
      value.numerator !== '' &&
      value.denominator !== '' &&
      value.status !== KpiStatus.SUPPRESSED &&
      value.status !== KpiStatus.OPEN;
    return usable
      ? { numerator: Number(value.numerator), denominator: Number(value.denominator) }
      : { numerator: 0, denominator: 0 };
  });
  const limits = controlLimits(points, kind, Number(kpi.factor));
  return { limits, signals: limits ? signals(limits) : [], runs: limits ? runs(limits) : [] };
}

export function meaning(signal: Pick<Signal, 'side'>, kpi: KpiDefinition): Move {
  switch (kpi.direction) {
    case Direction.HIGHER_IS_BETTER:
      return signal.side === 'above' ? 'better' : 'worse';
    case Direction.LOWER_IS_BETTER:
      return signal.side === 'above' ? 'worse' : 'better';
    default:
      return 'neutral';
  }
}

// What the control chart says, as a sentence.
export function verdict(
  values: readonly KpiValue[],
  analysis: Analysis,
  kpi: KpiDefinition,
  grain: Grain,
  lang: Lang,
): string {
  if (!analysis.limits) return message(lang, 'chart.tooFew', { n: baselineMin });
  const last = analysis.runs.at(-1);
  const from = last && values[last.from];
  if (!last || !from) return message(lang, 'chart.stable');
  const now = values.slice(last.to + 1).every(value => value.value === undefined);
  const sentence = message(lang, now ? 'chart.signalNow' : 'chart.signalPast', {
    period: formatPeriod(grain, from.periodStart, from.periodEnd, lang),
    what: message(lang, `chart.signal.${last.rule}.${last.side}`),
  });
  const what = meaning(last, kpi);
  return now && what !== 'neutral'
    ? `${sentence}${lang === 'zh' ? '' : ' '}${message(lang, what === 'better' ? 'chart.improved' : 'chart.worsened')}`
    : sentence;
}
