// What backoff promises, case by case.
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff';

describe('coming back', () => {
  it('waits longer each time, never longer than fifteen seconds, never all at once', () => {
    expect(backoffMs(0, 1)).toBe(500);
    expect(backoffMs(3, 1)).toBe(4_000);
    expect(backoffMs(50, 1)).toBe(15_000);
    expect(backoffMs(3, 0)).toBe(2_000);
  });
});
