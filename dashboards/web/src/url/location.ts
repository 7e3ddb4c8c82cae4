// The address bar as state: reading it, moving in it, and the two choices that are remembered on this machine.
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Lang } from '../i18n/lang';
import { htmlLang, preferredLang } from '../i18n/lang';
import type { Theme, View } from './state';
import { formatView, parseView } from './state';

const listeners = new Set<() => void>();
const notify = () => {
  for (const listener of listeners) listener();
};
window.addEventListener('popstate', notify);

let seen = '';
let current: View = parseView('/', '');

function read(): View {
  const here = window.location.pathname + window.location.search;
  if (here !== seen) {
    seen = here;
    current = parseView(window.location.pathname, window.location.search);
  }
  return current;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function go(to: View, replace = false): void {
  const url = formatView(to);
  if (url === window.location.pathname + window.location.search) return;
  if (replace) window.history.replaceState(null, '', url);
  else window.history.pushState(null, '', url);
  notify();
}

export type Move = (change: Partial<View>, replace?: boolean) => void;

export function useView(): [View, Move] {
  const view = useSyncExternalStore(subscribe, read);
  const move = useCallback<Move>((change, replace) => go({ ...read(), ...change }, replace), []);
  return [view, move];
}

function remembered(name: string): string | null {
  try {
    return window.localStorage.getItem(`yokoten.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: 'lang' | 'theme', value: string): void {
  try {
    window.localStorage.setItem(`yokoten.${name}`, value);
  } catch {
    // A browser that stores nothing still shows the page; only the memory is missing.
  }
}

export function langOf(view: View): Lang {
  const kept = remembered('lang');
  return view.lang ?? (kept === 'zh' || kept === 'en' ? kept : preferredLang(navigator.languages));
}

export function themeOf(view: View): Theme {
  const kept = remembered('theme');
  return view.theme ?? (kept === 'light' || kept === 'dark' ? kept : 'auto');
}

const prefersDark = window.matchMedia('(prefers-color-scheme: dark)');
const subscribeDark = (listener: () => void) => {
  prefersDark.addEventListener('change', listener);
  return () => prefersDark.removeEventListener('change', listener);
};

// Puts language, theme and TV mode on the document and answers the colours in force.
export function useDocument(lang: Lang, theme: Theme, tv: boolean, title: string): 'light' | 'dark' {
  const system = useSyncExternalStore(subscribeDark, () => prefersDark.matches);
  const resolved = theme === 'auto' ? (system ? 'dark' : 'light') : theme;
  const root = document.documentElement;
  // At once, not after painting: charts read the colours while they are drawn.
  if (root.dataset['theme'] !== resolved) root.dataset['theme'] = resolved;
  useEffect(() => {
    root.lang = htmlLang[lang];
    root.style.colorScheme = resolved;
    root.toggleAttribute('data-tv', tv);
    document.title = title;
  }, [root, lang, resolved, tv, title]);
  return resolved;
}
