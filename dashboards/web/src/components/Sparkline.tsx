// A figure's recent past in the space of a word: line, interval as a soft band, target dashed, the latest point marked.
import type { KpiValue, Target } from '../gen/yokoten/insight/v1/service_pb';
import type { Standing } from '../judge/standing';

interface Props {
  values: readonly KpiValue[];
  target: Target | undefined;
  standing: Standing;
  label: string;
}

const width = 120;
const height = 40;
const pad = 4;

export function Sparkline({ values, target, standing, label }: Props) {
  const points = values.map((value, index) => ({ index, value }));
  const known = points.filter(({ value }) => value.value !== undefined);
  if (known.length < 2) return <div className="spark spark-empty" aria-hidden="true" />;

  const shown = known.map(({ value }) => value.value!);
  const goal = target ? [target.green] : [];
  let low = Math.min(...shown, ...goal);
  let high = Math.max(...shown, ...goal);
  if (high - low < 1e-9) {
    low -= 1;
    high += 1;
  }
  const x = (index: number) => pad + (index / Math.max(1, values.length - 1)) * (width - 2 * pad);
  const y = (v: number) =>
    height - pad - ((Math.max(low, Math.min(high, v)) - low) / (high - low)) * (height - 2 * pad);

  // A gap in the data is a gap in the line.
  const runs: string[] = [];
  let run: string[] = [];
  for (const { index, value } of points) {
    if (value.value === undefined) {
      if (run.length) runs.push(run.join(' '));
      run = [];
    } else run.push(`${x(index).toFixed(1)},${y(value.value).toFixed(1)}`);
  }
  if (run.length) runs.push(run.join(' '));

  const ranged = known.filter(({ value }) => value.ciLow !== undefined && value.ciHigh !== undefined);
  const band =
    ranged.length > 1
      ? [
          ...ranged.map(({ index, value }) => `${x(index).toFixed(1)},${y(value.ciHigh!).toFixed(1)}`),
          ...[...ranged].reverse().map(({ index, value }) => `${x(index).toFixed(1)},${y(value.ciLow!).toFixed(1)}`),
        ].join(' ')
      : '';
  const last = known.at(-1)!;
  return (
    <svg className="spark" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {band && <polygon className="spark-band" points={band} />}
      {target && <line className="spark-target" x1={0} x2={width} y1={y(target.green)} y2={y(target.green)} />}
      {runs.map(text => (
        <polyline key={text} className="spark-line" points={text} />
      ))}
      <circle className={`spark-dot spark-${standing}`} cx={x(last.index)} cy={y(last.value.value!)} r={3.4} />
    </svg>
  );
}
