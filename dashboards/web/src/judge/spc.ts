// Control limits for attribute charts (u and p) with a frozen baseline, and the two rules that are read off them.
// With large samples the limits are Laney's, which allow for variation between periods beyond pure counting.

export interface Point {
  numerator: number;
  denominator: number;
}

export interface Limits {
  // Centre line in value units (factor applied).
  centre: number;
  // Limits per point, undefined where there is nothing to divide by.
  lower: (number | undefined)[];
  upper: (number | undefined)[];
  // Standardized distance of each point from the centre line.
  z: (number | undefined)[];
  // Number of points the centre line rests on.
  baseline: number;
  laney: boolean;
}

export const baselineMin = 12;
export const baselineMax = 24;
const laneyFrom = 2000;

// Limits at three sigma from the first 12 to 24 points that have a denominator; undefined with fewer than 12.
export function controlLimits(points: readonly Point[], kind: 'u' | 'p', factor: number): Limits | undefined {
  const usable = points.map((point, index) => ({ ...point, index })).filter(point => point.denominator > 0);
  if (usable.length < baselineMin) return undefined;
  const base = usable.slice(0, baselineMax);
  return limitsFrom(
    points,
    base.map(point => point.index),
    kind,
    factor,
  );
}

// The same with a baseline chosen by the caller (indices into points).
export function limitsFrom(
  points: readonly Point[],
  baseline: readonly number[],
  kind: 'u' | 'p',
  factor: number,
): Limits {
  const base = baseline.map(index => points[index]!);
  const sum = (pick: (point: Point) => number) => base.reduce((total, point) => total + pick(point), 0);
  const mean = sum(p => p.numerator) / sum(p => p.denominator);
  const variance = kind === 'p' ? mean * (1 - mean) : mean;
  const sigma = (point: Point) => Math.sqrt(variance / point.denominator);
  const rawZ = (point: Point) =>
    point.denominator > 0 && variance > 0 ? (point.numerator / point.denominator - mean) / sigma(point) : 0;

  const laney = sum(p => p.denominator) / base.length > laneyFrom;
  let spread = 1;
  if (laney && base.length > 1) {
    let ranges = 0;
    for (let i = 1; i < base.length; ++i) ranges += Math.abs(rawZ(base[i]!) - rawZ(base[i - 1]!));
    spread = Math.max(ranges / (base.length - 1) / 1.128, 1e-9);
  }
  const limit = (point: Point, sign: number) => {
    if (point.denominator <= 0) return undefined;
    const raw = mean + sign * 3 * sigma(point) * spread;
    return factor * Math.max(0, kind === 'p' ? Math.min(1, raw) : raw);
  };
  return {
    centre: factor * mean,
    lower: points.map(point => limit(point, -1)),
    upper: points.map(point => limit(point, +1)),
    z: points.map(point => (point.denominator > 0 ? rawZ(point) / spread : undefined)),
    baseline: base.length,
    laney,
  };
}

export interface Signal {
  index: number;
  rule: 1 | 2;
  side: 'above' | 'below';
}

// Rule 1: one point beyond three sigma. Rule 2: nine in a row on one side, dated at the ninth and every one after it.
export function signals(limits: Limits): Signal[] {
  const found: Signal[] = [];
  let run = 0;
  let side = 0;
  limits.z.forEach((z, index) => {
    if (z === undefined) return;
    const here = Math.sign(z);
    run = here !== 0 && here === side ? run + 1 : here === 0 ? 0 : 1;
    side = here;
    const name = z > 0 ? ('above' as const) : ('below' as const);
    if (Math.abs(z) > 3 + 1e-12) found.push({ index, rule: 1, side: name });
    else if (run >= 9) found.push({ index, rule: 2, side: name });
  });
  return found;
}

export interface Run {
  // First and last point of an unbroken run of hits of one rule on one side.
  from: number;
  to: number;
  rule: 1 | 2;
  side: 'above' | 'below';
}

// Hits put together: a shift that lasts is one signal with a beginning, not one a week. A point beyond three sigma
// within a run on the same side belongs to the run. The beginning of a run is the point that completed it.
export function runs(limits: Limits): Run[] {
  const found: Run[] = [];
  for (const hit of signals(limits)) {
    const last = found.at(-1);
    const skipped = last && limits.z.slice(last.to + 1, hit.index).some(z => z !== undefined);
    if (last && !skipped && last.side === hit.side && (last.rule === hit.rule || last.rule === 2))
      last.to = hit.index;
    else found.push({ from: hit.index, to: hit.index, rule: hit.rule, side: hit.side });
  }
  return found;
}
