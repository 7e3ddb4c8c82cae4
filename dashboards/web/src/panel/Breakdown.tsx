// The same figure for the units below, each with its interval, in the order of the register: a comparison, no ranking.
import type { UnitRef } from '../api/queries';
import { useUnitEntries } from '../api/queries';
import { useShell, useText } from '../components/context';
import { figureOf } from '../components/figure';
import { Go } from '../components/Go';
import { signs } from '../components/Standing';
import { Loading } from '../components/States';
import { absent, withUnit } from '../format/number';
import type {
  GetKpiSnapshotResponse_Entry as Entry,
  ListPlantsResponse_Plant as Plant,
  ListPlantsResponse_UnitInfo as UnitInfo,
  Target,
} from '../gen/yokoten/insight/v1/service_pb';
import type { Grain, KpiDefinition } from '../gen/yokoten/kpi/v1/kpi_pb';
import { Direction, Level } from '../gen/yokoten/kpi/v1/kpi_pb';
import type { Lang } from '../i18n/lang';
import { standingOf } from '../judge/standing';
import type { View } from '../url/state';

interface Props {
  plant: Plant;
  unit: UnitRef;
  kpi: KpiDefinition;
  day: string;
  grain: Grain;
  target: Target | undefined;
}

interface Scale {
  low: number;
  high: number;
}

const label = (unit: UnitInfo, lang: Lang): string => (lang === 'zh' ? unit.nameZh : unit.nameEn) || unit.unitId;

function labelOf(plant: Plant, unitId: string, lang: Lang): string {
  const found = plant.units.find(unit => unit.unitId === unitId);
  return found ? label(found, lang) : unitId;
}

interface RowProps {
  name: string;
  to: Partial<View> | undefined;
  entry: Entry | undefined;
  kpi: KpiDefinition;
  scale: Scale | undefined;
  goal: number | undefined;
}

function Row({ name, to, entry, kpi, scale, goal }: RowProps) {
  const { lang } = useShell();
  const value = entry?.current;
  const figure = figureOf(value, kpi, lang);
  const standing = entry && !figure.faint ? standingOf[entry.targetState] : 'none';
  const at = (v: number) =>
    `${scale ? Math.max(0, Math.min(100, ((v - scale.low) / (scale.high - scale.low)) * 100)) : 0}%`;
  return (
    <tr className={to ? '' : 'whole'}>
      <th scope="row">{to ? <Go to={to}>{name}</Go> : name}</th>
      <td className={`number${figure.faint ? ' faint' : ''}`}>
        {standing !== 'none' && (
          <span className={`sign sign-${standing}`} aria-hidden="true">
            {signs[standing]}{' '}
          </span>
        )}
        {entry ? withUnit(figure.text, figure.unit.length <= 2 ? figure.unit : '') : absent}
      </td>
      <td className="range" aria-hidden="true">
        {scale && (
          <svg width="100%" height="16">
            {goal !== undefined && <line className="range-target" x1={at(goal)} x2={at(goal)} y1="0" y2="16" />}
            {value?.ciLow !== undefined && value.ciHigh !== undefined && (
              <line className="range-bar" x1={at(value.ciLow)} x2={at(value.ciHigh)} y1="8" y2="8" />
            )}
            {value?.value !== undefined && (
              <circle className={`range-dot spark-${standing}`} cx={at(value.value)} cy="8" r="4.5" />
            )}
          </svg>
        )}
      </td>
    </tr>
  );
}

export function Breakdown({ plant, unit, kpi, day, grain, target }: Props) {
  const t = useText();
  const { lang } = useShell();
  const below = unit.lineId ? undefined : unit.workshopId ? 'line' : 'workshop';
  const meaningful =
    below === 'workshop' ? kpi.finestLevel >= Level.WORKSHOP : below === 'line' && kpi.finestLevel >= Level.LINE;
  const children =
    below && meaningful
      ? plant.units.filter(one => one.level === below && (below === 'workshop' || one.parentId === unit.workshopId))
      : [];
  const refs: UnitRef[] = children.map(one =>
    below === 'line'
      ? { ...unit, lineId: one.unitId }
      : { plantId: unit.plantId, workshopId: one.unitId, lineId: '' },
  );
  const entries = useUnitEntries(children.length > 0 ? [unit, ...refs] : [], kpi.id, day, grain);

  const goal = target && kpi.direction !== Direction.CONTEXT ? target.green : undefined;
  const known = (entries.data ?? [])
    .flatMap(entry => [entry?.current?.value, entry?.current?.ciLow, entry?.current?.ciHigh])
    .concat(goal)
    .filter((v): v is number => v !== undefined);
  const low = Math.min(...known);
  const high = Math.max(...known);
  const margin = Math.max((high - low) * 0.06, 1e-9);
  const scale = known.length > 0 ? { low: low - margin, high: high + margin } : undefined;
  const here = unit.workshopId ? labelOf(plant, unit.lineId || unit.workshopId, lang) : t('header.wholePlant');
  const above = unit.lineId ? labelOf(plant, unit.workshopId, lang) : t('header.wholePlant');

  return (
    <section aria-labelledby="panel-breakdown">
      <div className="bar">
        <h3 id="panel-breakdown">{t('panel.breakdown')}</h3>
        {unit.workshopId && (
          <Go className="text-button" to={unit.lineId ? { line: '' } : { workshop: '', line: '' }}>
            {t('panel.up', { unit: above })}
          </Go>
        )}
      </div>
      {!meaningful ? (
        <p className="quiet">{t('panel.breakdownNone')}</p>
      ) : children.length === 0 ? (
        <p className="quiet">{t('panel.breakdownEmpty')}</p>
      ) : !entries.data ? (
        <Loading rows={3} />
      ) : (
        <>
          <table className="ranges">
            <tbody>
              <Row name={here} to={undefined} entry={entries.data[0]} kpi={kpi} scale={scale} goal={goal} />
              {children.map((one, index) => (
                <Row
                  key={one.unitId}
                  name={label(one, lang)}
                  entry={entries.data![index + 1]}
                  kpi={kpi}
                  scale={scale}
                  goal={goal}
                  to={below === 'line' ? { line: one.unitId } : { workshop: one.unitId, line: '' }}
                />
              ))}
            </tbody>
          </table>
          <p className="panel-small">{t('panel.breakdownHelp')}</p>
        </>
      )}
    </section>
  );
}
