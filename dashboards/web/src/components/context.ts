// What every part of a page needs to know: language, where one is, how to move, the colours in force.
import { createContext, useContext } from 'react';
import type { Lang } from '../i18n/lang';
import type { MessageKey, Values } from '../i18n/messages';
import { message } from '../i18n/messages';
import type { Move } from '../url/location';
import type { View } from '../url/state';
import { emptyView } from '../url/state';

export interface Shell {
  lang: Lang;
  view: View;
  move: Move;
  theme: 'light' | 'dark';
}

export const ShellContext = createContext<Shell>({ lang: 'zh', view: emptyView, move: () => {}, theme: 'light' });

export const useShell = (): Shell => useContext(ShellContext);

export function useText(): (key: MessageKey, values?: Values) => string {
  const { lang } = useShell();
  return (key, values) => message(lang, key, values);
}
