// What spc promises, case by case.
import { describe, expect, it } from 'vitest';
import { controlLimits, limitsFrom, runs, signals, type Limits, type Point } from './spc';

const all = (points: readonly Point[]) => points.map((_, index) => index);
const withZ = (z: number[]): Limits => ({ centre: 0, lower: [], upper: [], z, baseline: 12, laney: false });

describe('control limits', () => {
  it('of a p-chart agree with the worked example', () => {
    const n = [250, 240, 260, 255, 245, 250, 120, 250];
    const points = [10, 8, 13, 9, 11, 24, 7, 10].map((numerator, i) => ({ numerator, denominator: n[i]! }));
    const limits = limitsFrom(points, all(points), 'p', 1);
    expect(limits.centre).toBeCloseTo(0.049198, 5);
    expect(limits.upper[0]).toBeCloseTo(0.090234, 5);
    expect(limits.upper[6]).toBeCloseTo(0.108429, 5);
    expect(limits.lower[6]).toBe(0);
    expect(signals(limits).map(hit => hit.index + 1)).toEqual([6]);
  });
  it('of a u-chart agree with the worked example', () => {
    const e = [12, 11.5, 12.4, 6, 12.1, 11.8];
    const points = [31, 28, 35, 12, 60, 29].map((numerator, i) => ({ numerator, denominator: e[i]! }));
    const limits = limitsFrom(points, all(points), 'u', 1);
    expect(limits.centre).toBeCloseTo(2.963526, 5);
    expect(limits.upper[3]).toBeCloseTo(5.071911, 5);
    expect(signals(limits).map(hit => hit.index + 1)).toEqual([5]);
  });
  it('need twelve points and rest on the first twenty-four', () => {
    const points = Array.from({ length: 40 }, (_, i) => ({ numerator: 10 + (i % 3), denominator: 1000 }));
    expect(controlLimits(points.slice(0, 11), 'u', 1)).toBeUndefined();
    expect(controlLimits(points, 'u', 1000)!.baseline).toBe(24);
    expect(controlLimits(points, 'u', 1000)!.centre).toBeCloseTo(11, 5);
  });
  it('of large samples are widened for variation between periods', () => {
    const points = Array.from({ length: 24 }, (_, i) => ({ numerator: i % 2 ? 1300 : 1100, denominator: 100_000 }));
    const limits = controlLimits(points, 'u', 1000)!;
    expect(limits.laney).toBe(true);
    expect(signals(limits).filter(hit => hit.rule === 1)).toEqual([]);
  });
  it('pass over periods with nothing to divide by', () => {
    const points = Array.from({ length: 14 }, (_, i) =>
      i === 3 ? { numerator: 0, denominator: 0 } : { numerator: 5, denominator: 100 },
    );
    expect(controlLimits(points, 'p', 100)!.upper[3]).toBeUndefined();
  });
});

describe('signals', () => {
  it('need nine on one side, and a point on the line ends the run', () => {
    expect(signals(withZ(Array(8).fill(-0.5)))).toEqual([]);
    expect(signals(withZ(Array(9).fill(-0.5)))).toEqual([{ index: 8, rule: 2, side: 'below' }]);
    expect(signals(withZ([...Array(5).fill(1), 0, ...Array(8).fill(1)]))).toEqual([]);
  });
  it('are put together into runs with a beginning', () => {
    const found = runs(withZ([...Array(10).fill(-0.5), -3.5, -0.5, 0.2, 4]));
    expect(found).toEqual([
      { from: 8, to: 11, rule: 2, side: 'below' },
      { from: 13, to: 13, rule: 1, side: 'above' },
    ]);
  });
});
