// The loop 标准 → 训练 → 改善 → 新标准: what went through each station this month, and how long a hop takes.
import { Fragment } from 'react';
import { useDurations, useMonthCount } from '../../api/queries';
import { useShell, useText } from '../../components/context';
import { Go } from '../../components/Go';
import { formatPeriod, monthEnd, monthStart } from '../../format/date';
import { absent, formatCompact, formatFixed } from '../../format/number';
import { Grain } from '../../gen/yokoten/kpi/v1/kpi_pb';
import type { MessageKey } from '../../i18n/messages';

interface Station {
  name: MessageKey;
  what: MessageKey;
  eventType: string;
}

const stations: readonly Station[] = [
  { name: 'loop.standard', what: 'loop.released', eventType: 'standard_work.RevisionReleased' },
  { name: 'loop.training', what: 'loop.passed', eventType: 'training.SessionCompleted' },
  { name: 'loop.improvement', what: 'loop.submitted', eventType: 'improvement.ProposalSubmitted' },
  { name: 'loop.newStandard', what: 'loop.standardized', eventType: 'improvement.ProposalStandardized' },
];

// A hop is measured where both its ends are facts of one entity.
const hops: readonly { what: MessageKey; from: string; to: string }[] = [
  { what: 'loop.hop.release', from: 'standard_work.RevisionDrafted', to: 'standard_work.RevisionReleased' },
  { what: 'loop.hop.approve', from: 'improvement.ProposalSubmitted', to: 'improvement.ProposalApproved' },
  { what: 'loop.hop.standardize', from: 'improvement.ProposalApproved', to: 'improvement.ProposalStandardized' },
];

function Count({ station, plantId, day }: { station: Station; plantId: string; day: string }) {
  const t = useText();
  const { lang } = useShell();
  const counted = useMonthCount(plantId, station.eventType, day);
  const n = counted.data ? Number(counted.data.rows[0]?.count ?? 0n) : undefined;
  return (
    <Go to={{ facts: station.eventType, kpi: '', grain: 'month', at: monthStart(day) }} className="station">
      <b className="figure">{n === undefined ? absent : formatCompact(n, lang)}</b>
      <span className="station-name">{t(station.name)}</span>
      <span className="station-what">{t(station.what)}</span>
    </Go>
  );
}

function Hop({ hop, plantId, day }: { hop: (typeof hops)[number]; plantId: string; day: string }) {
  const t = useText();
  const { lang } = useShell();
  const measured = useDurations(plantId, hop.from, hop.to, day);
  const data = measured.data;
  return (
    <div className="hop">
      <span className="hop-days">
        {!data
          ? absent
          : data.medianDays !== undefined && data.n >= 5n
            ? t('loop.days', { days: formatFixed(data.medianDays, 0, lang) })
            : t('loop.daysUnknown')}
      </span>
      <span className="hop-line" aria-hidden="true" />
      <span className="hop-what">{t(hop.what)}</span>
    </div>
  );
}

export function Loop({ plantId, day, wholePlant }: { plantId: string; day: string; wholePlant: boolean }) {
  const t = useText();
  const { lang } = useShell();
  return (
    <section className="loop" aria-labelledby="loop-title">
      <h2 id="loop-title">
        {t('board.loop')}{' '}
        <small>
          {formatPeriod(Grain.MONTH, monthStart(day), monthEnd(day), lang)}
          {!wholePlant && ` · ${t('header.wholePlant')}`}
        </small>
      </h2>
      <div className="loop-row">
        {stations.map((station, index) => (
          <Fragment key={station.eventType}>
            {index > 0 && <Hop hop={hops[index - 1]!} plantId={plantId} day={day} />}
            <Count station={station} plantId={plantId} day={day} />
          </Fragment>
        ))}
      </div>
    </section>
  );
}
