// What layout promises, case by case.
import { describe, expect, it } from 'vitest';
import { placeLower } from './layout';

describe('the lower block', () => {
  it('lies beside a long first column', () => {
    expect(placeLower([5, 2, 3, 1, 2])).toEqual({ from: 1, to: 4, stacked: false });
  });
  it('fills empty columns, the loop under the chart when there are two', () => {
    expect(placeLower([5, 4, 0, 0, 4])).toEqual({ from: 2, to: 3, stacked: true });
  });
  it('lies under everything when all columns are alike', () => {
    expect(placeLower([2, 2, 2, 2, 2])).toEqual({ from: 0, to: 4, stacked: false });
  });
});
