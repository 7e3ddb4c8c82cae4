// Where the board's lower block (control chart and loop) goes: under those neighbouring columns where it makes the
// whole
// board shortest. Columns beside it run down past it.

export interface Place {
  // First and last column it lies under, from 0.
  from: number;
  to: number;
  // True when the loop stands under the chart instead of beside it.
  stacked: boolean;
}

// Heights in tiles, as they come out on the page.
const chartHeight = 2.7;
const loopHeight = 1.4;

export function placeLower(tiles: readonly number[]): Place {
  let best: Place = { from: 0, to: tiles.length - 1, stacked: false };
  let least = Math.max(...tiles) + chartHeight;
  for (let from = 0; from < tiles.length; ++from) {
    for (let to = from + 1; to < tiles.length; ++to) {
      const stacked = to - from === 1;
      const above = Math.max(...tiles.slice(from, to + 1));
      const beside = Math.max(0, ...tiles.slice(0, from), ...tiles.slice(to + 1));
      const height = Math.max(beside, above + chartHeight + (stacked ? loopHeight : 0));
      // Of equally short boards the one with the wider chart.
      if (height < least - 1e-9 || (height < least + 1e-9 && to - from > best.to - best.from)) {
        least = height;
        best = { from, to, stacked };
      }
    }
  }
  return best;
}
