// How a figure stands, never by colour alone: a sign, a word and a colour.
import type { Standing as StandingName } from '../judge/standing';
import { useText } from './context';

export const signs: Record<StandingName, string> = { green: '●', yellow: '▲', red: '▼', none: '○' };

export function Standing({
  standing,
  target,
  context = false,
}: {
  standing: StandingName;
  target: string | undefined;
  context?: boolean;
}) {
  const t = useText();
  if (standing === 'none')
    return (
      <span className="standing standing-none">
        {context ? t('value.context') : target ? t('value.target', { target }) : t('value.noTarget')}
      </span>
    );
  return (
    <span className={`standing standing-${standing}`}>
      <span className="sign" aria-hidden="true">
        {signs[standing]}
      </span>
      <span className="standing-word">{t(`state.${standing}`)}</span>
      {target && <span className="standing-target">{t('value.target', { target })}</span>}
    </span>
  );
}
