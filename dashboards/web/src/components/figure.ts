// A KPI value in words: the figure, its unit, and what its status means.
import { formatPeriod } from '../format/date';
import { absent, formatFixed, formatValue } from '../format/number';
import type { KpiValue } from '../gen/yokoten/insight/v1/service_pb';
import { KpiStatus } from '../gen/yokoten/insight/v1/service_pb';
import type { KpiDefinition } from '../gen/yokoten/kpi/v1/kpi_pb';
import { Grain } from '../gen/yokoten/kpi/v1/kpi_pb';
import type { Lang } from '../i18n/lang';
import type { MessageKey } from '../i18n/messages';
import { message } from '../i18n/messages';
import { kpiUnit } from '../judge/headline';

// A period's name, with "so far" while it is open.
export function periodOf(value: KpiValue, grain: Grain, day: string, lang: Lang): string {
  const period = formatPeriod(grain, value.periodStart, value.periodEnd, lang);
  return value.status === KpiStatus.PROVISIONAL && value.periodEnd >= day && grain !== Grain.ROLLING_12_MONTHS
    ? message(lang, 'value.soFar', { period })
    : period;
}

export interface Figure {
  text: string;
  unit: string;
  // What the status says, unless it is simply final.
  note: MessageKey | undefined;
  help: MessageKey;
  // Shown, but not to be judged or compared.
  faint: boolean;
}

const notes: Record<KpiStatus, [MessageKey | undefined, MessageKey]> = {
  [KpiStatus.UNSPECIFIED]: ['status.noFigure', 'status.noDenominator.help'],
  [KpiStatus.OK]: [undefined, 'status.ok.help'],
  [KpiStatus.NO_DENOMINATOR]: ['status.noDenominator', 'status.noDenominator.help'],
  [KpiStatus.INSUFFICIENT]: ['status.insufficient', 'status.insufficient.help'],
  [KpiStatus.SUPPRESSED]: ['status.suppressed', 'status.suppressed.help'],
  [KpiStatus.PROVISIONAL]: ['status.provisional', 'status.provisional.help'],
  [KpiStatus.OPEN]: ['status.open', 'status.open.help'],
};

export function figureOf(value: KpiValue | undefined, kpi: KpiDefinition, lang: Lang): Figure {
  const status = value?.status ?? KpiStatus.UNSPECIFIED;
  const [ownNote, help] = notes[status];
  // A period that is merely still open says so in its name ("so far"); missing reports are worth a note.
  const complete = value?.completeness === undefined || value.completeness >= 0.95;
  const note = status === KpiStatus.PROVISIONAL ? (complete ? undefined : 'value.missingReports') : ownNote;
  const unit = kpiUnit(kpi, lang);
  const faint =
    status === KpiStatus.INSUFFICIENT ||
    status === KpiStatus.UNSPECIFIED ||
    status === KpiStatus.NO_DENOMINATOR ||
    status === KpiStatus.SUPPRESSED;
  if (status === KpiStatus.OPEN && value?.lowerBound !== undefined) {
    return { text: `≥ ${formatFixed(value.lowerBound, kpi.decimals, lang)}`, unit, note, help, faint };
  }
  if (value?.value === undefined) return { text: absent, unit: '', note, help, faint };
  return { text: formatValue(value.value, kpi, lang), unit, note, help, faint };
}
