// How far back the panel looks at each grain, and how grains are named in the address.
import { addDays, addMonths } from '../format/date';
import { Grain } from '../gen/yokoten/kpi/v1/kpi_pb';
import type { GrainName } from '../url/state';

const byName: Record<GrainName, Grain> = {
  day: Grain.DAY,
  week: Grain.WEEK,
  month: Grain.MONTH,
  quarter: Grain.QUARTER,
  year: Grain.YEAR,
};

export const grainOf = (name: GrainName): Grain => byName[name];

export const nameOf = (grain: Grain): GrainName | undefined =>
  (Object.keys(byName) as GrainName[]).find(name => byName[name] === grain);

// First day of a chart that ends at `day`.
export function chartFrom(grain: Grain, day: string): string {
  switch (grain) {
    case Grain.DAY:
      return addDays(day, -62);
    case Grain.WEEK:
      return addDays(day, -7 * 53);
    case Grain.QUARTER:
      return addMonths(day, -3 * 11);
    case Grain.YEAR:
      return `${Number(day.slice(0, 4)) - 9}-01-01`;
    default:
      return addMonths(day, -24);
  }
}
