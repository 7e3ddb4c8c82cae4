// What needs attention today, ranked; each item opens what is behind it.
import { useState } from 'react';
import { useShell, useText } from '../../components/context';
import { figureOf } from '../../components/figure';
import { Go } from '../../components/Go';
import { formatPeriod } from '../../format/date';
import { differenceUnit, formatFixed, formatSigned, withUnit } from '../../format/number';
import type { GetKpiSnapshotResponse_Entry as Entry } from '../../gen/yokoten/insight/v1/service_pb';
import type { AttentionKind } from '../../judge/attention';
import { rankAttention } from '../../judge/attention';
import { kpiName, kpiUnit, sinceText, targetText } from '../../judge/headline';

const shown = 8;
const signs: Record<AttentionKind, string> = { red: '▼', yellow: '▲', worse: '↘', open: '◔', provisional: '○' };

export function Attention({ entries }: { entries: readonly Entry[] }) {
  const t = useText();
  const { lang } = useShell();
  const ranked = rankAttention(entries);
  const [all, setAll] = useState(false);
  const visible = all ? ranked : ranked.slice(0, shown);
  return (
    <section className="attention" aria-labelledby="attention-title">
      <h2 id="attention-title">{t('board.attention')}</h2>
      {ranked.length === 0 ? (
        <p className="quiet">
          <span className="sign good" aria-hidden="true">
            ●
          </span>{' '}
          {t('board.attentionNone')}
        </p>
      ) : (
        <ol>
          {visible.map(({ kind, entry, since }) => {
            const kpi = entry.kpi!;
            const figure = figureOf(entry.current, kpi, lang);
            const share = entry.current?.completeness;
            // A short unit stands by the figure, a long one begins the line below.
            const short = figure.unit.length <= 4;
            const unit = kpiUnit(kpi, lang);
            const moved = withUnit(
              formatSigned(entry.change, kpi.decimals, lang),
              differenceUnit(unit.length <= 2 ? unit : '', lang),
            );
            const before = entry.previous;
            const against = before
              ? ` · ${t('change.against', {
                  period: formatPeriod(entry.grain, before.periodStart, before.periodEnd, lang),
                })}`
              : '';
            return (
              <li key={kpi.id}>
                <Go to={{ kpi: kpi.id, facts: '', at: '', grain: undefined }} className={`alert alert-${kind}`}>
                  <span className="sign" aria-hidden="true">
                    {signs[kind]}
                  </span>
                  <span className="alert-name">{kpiName(kpi, lang)}</span>
                  <span className="alert-value">{short ? withUnit(figure.text, figure.unit) : figure.text}</span>
                  <span className="alert-why">
                    {!short && `${figure.unit} · `}
                    {t(`attention.${kind}`)}
                    {kind === 'worse' && ` ${moved}${against}`}
                    {entry.target &&
                      kind !== 'provisional' &&
                      kind !== 'worse' &&
                      ` (${targetText(entry.target, kpi, lang)})`}
                    {kind === 'provisional' &&
                      share !== undefined &&
                      ` (${t('value.complete', { share: `${formatFixed(share * 100, 0, lang)}%` })})`}
                    {since && ` · ${sinceText(since, entry.grain, lang)}`}
                  </span>
                </Go>
              </li>
            );
          })}
        </ol>
      )}
      {ranked.length > visible.length && (
        <button type="button" className="text-button more" onClick={() => setAll(true)}>
          {t('board.attentionMore', { n: ranked.length - visible.length })}
        </button>
      )}
    </section>
  );
}
