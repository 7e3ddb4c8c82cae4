// A link within the app: an ordinary one (it can be copied, opened in a tab, read by a screen reader) that moves
// without a reload.
import type { AnchorHTMLAttributes, MouseEvent, ReactNode } from 'react';
import type { View } from '../url/state';
import { formatView } from '../url/state';
import { useShell } from './context';

interface Props extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href' | 'onClick'> {
  to: Partial<View>;
  children: ReactNode;
}

export function Go({ to, children, ...rest }: Props) {
  const { view, move } = useShell();
  const onClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    move(to);
  };
  return (
    <a {...rest} href={formatView({ ...view, ...to })} onClick={onClick}>
      {children}
    </a>
  );
}
