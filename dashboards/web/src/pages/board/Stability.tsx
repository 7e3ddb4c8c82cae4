// The error rate's control chart on the board: is the process stable, and what signalled last?
import { lazy, Suspense } from 'react';
import { useSeries, type UnitRef } from '../../api/queries';
import { analyse, verdict } from '../../charts/analysis';
import { useShell, useText } from '../../components/context';
import { Go } from '../../components/Go';
import { Loading } from '../../components/States';
import { addDays } from '../../format/date';
import type { GetKpiSnapshotResponse_Entry as Entry } from '../../gen/yokoten/insight/v1/service_pb';
import { Grain } from '../../gen/yokoten/kpi/v1/kpi_pb';
import { kpiName } from '../../judge/headline';

const Chart = lazy(() => import('../../charts/Chart').then(module => ({ default: module.Chart })));
const weeks = 52;

export function Stability({ entry, unit, day }: { entry: Entry; unit: UnitRef; day: string }) {
  const t = useText();
  const { lang, move } = useShell();
  const kpi = entry.kpi!;
  const series = useSeries(unit, kpi.id, Grain.WEEK, addDays(day, -7 * weeks), day);
  const analysis = series.data && analyse(series.data.values, kpi, Grain.WEEK);
  return (
    <section className="stability" aria-labelledby="stability-title">
      <h2 id="stability-title">
        <Go to={{ kpi: kpi.id, facts: '', grain: 'week', at: '' }}>
          {t('board.control', { name: kpiName(kpi, lang) })}
        </Go>
      </h2>
      <p className="verdict">
        {analysis && series.data ? verdict(series.data.values, analysis, kpi, Grain.WEEK, lang) : ''}
      </p>
      <Suspense fallback={<Loading rows={4} label={t('chart.loading')} />}>
        {series.data ? (
          <Chart
            values={series.data.values}
            kpi={kpi}
            target={series.data.target}
            grain={Grain.WEEK}
            selected=""
            compact
            onSelect={at => move({ kpi: kpi.id, facts: '', grain: 'week', at })}
          />
        ) : (
          <Loading rows={4} />
        )}
      </Suspense>
    </section>
  );
}
