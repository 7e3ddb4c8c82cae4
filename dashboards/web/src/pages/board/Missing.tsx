// For a plant without figures: what it lacks and how to send it, in the words of the administration service.
import { useAnswer } from '../../api/cache';
import { admin, deadlineMs } from '../../api/client';
import { useShell } from '../../components/context';

export function Missing({ plantId }: { plantId: string }) {
  const { lang } = useShell();
  const check = useAnswer(`check ${plantId}`, ['check'], signal =>
    admin.checkPlant({ plantId }, { signal, timeoutMs: deadlineMs }),
  );
  if (!check.data) return null;
  return (
    <ul className="missing">
      {check.data.items.map(item => (
        <li key={item.check} className={item.ok ? 'is-there' : 'is-missing'}>
          <span className="sign" aria-hidden="true">
            {item.ok ? '●' : '○'}
          </span>{' '}
          {lang === 'zh' ? item.messageZh : item.messageEn}
        </li>
      ))}
    </ul>
  );
}
