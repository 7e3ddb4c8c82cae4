// How long to wait before the next try: doubling, bounded, and different for everybody.
const firstPauseMs = 500;
const longestPauseMs = 15_000;

export const backoffMs = (failures: number, random: number): number =>
  Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 10)) * (0.5 + random / 2);
