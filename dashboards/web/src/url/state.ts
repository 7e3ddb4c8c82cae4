// What a reader looks at, as it stands in the address bar: every view is a link that shows the same to a colleague.
// Language and theme are also remembered on this machine; the link wins.
import { isIsoDay } from '../format/date';
import type { Lang } from '../i18n/lang';

export type Theme = 'auto' | 'light' | 'dark';
export type GrainName = 'day' | 'week' | 'month' | 'quarter' | 'year';

export const grainNames: readonly GrainName[] = ['day', 'week', 'month', 'quarter', 'year'];

export interface View {
  // Page; '' is the plant board.
  page: string;
  // Plant; '' = the first one.
  plant: string;
  // Workshop and line below the plant; '' = the whole of the level above.
  workshop: string;
  line: string;
  // Production day the board is for; '' = today, and then it moves on by itself.
  day: string;
  // KPI whose panel is open; '' = none.
  kpi: string;
  // Event type whose facts are open instead of a KPI; '' = none.
  facts: string;
  // Grain of the open panel; undefined = the KPI's own.
  grain: GrainName | undefined;
  // First day of the period looked at in the panel; '' = the current one.
  at: string;
  // Whether the panel's list also shows facts that do not count.
  inert: boolean;
  tv: boolean;
  lang: Lang | undefined;
  theme: Theme | undefined;
}

export const emptyView: View = {
  page: '',
  plant: '',
  workshop: '',
  line: '',
  day: '',
  kpi: '',
  facts: '',
  grain: undefined,
  at: '',
  inert: false,
  tv: false,
  lang: undefined,
  theme: undefined,
};

const id = (text: string | null): string => (text !== null && /^[A-Za-z0-9._:-]{1,128}$/.test(text) ? text : '');
const oneOf = <T extends string>(text: string | null, all: readonly T[]): T | undefined =>
  all.find(one => one === text);

// Reads a location. Whatever makes no sense is left out rather than believed.
export function parseView(pathname: string, search: string): View {
  const query = new URLSearchParams(search);
  const [workshop = '', line = ''] = (query.get('unit') ?? '').split('/');
  const day = query.get('day') ?? '';
  const at = query.get('at') ?? '';
  return {
    page: id(pathname.replace(/^\/+|\/+$/g, '')),
    plant: id(query.get('plant')),
    workshop: id(workshop),
    line: id(workshop) ? id(line) : '',
    day: isIsoDay(day) ? day : '',
    kpi: id(query.get('kpi')),
    facts: id(query.get('facts')),
    grain: oneOf(query.get('grain'), grainNames),
    at: isIsoDay(at) ? at : '',
    inert: query.get('inert') === '1',
    tv: query.get('tv') === '1',
    lang: oneOf(query.get('lang'), ['zh', 'en'] as const),
    theme: oneOf(query.get('theme'), ['auto', 'light', 'dark'] as const),
  };
}

// Writes a location: only what differs from the defaults, always in the same order.
export function formatView(view: View): string {
  const query = new URLSearchParams();
  const put = (name: string, value: string | undefined) => {
    if (value) query.set(name, value);
  };
  put('plant', view.plant);
  put('unit', view.workshop ? view.workshop + (view.line ? `/${view.line}` : '') : '');
  put('day', view.day);
  put('kpi', view.kpi);
  put('facts', view.kpi ? '' : view.facts);
  const open = view.kpi !== '' || view.facts !== '';
  put('grain', open ? view.grain : '');
  put('at', open ? view.at : '');
  put('inert', open && view.inert ? '1' : '');
  put('tv', view.tv ? '1' : '');
  put('lang', view.lang);
  put('theme', view.theme);
  const text = query.toString().replaceAll('%2F', '/');
  return `/${view.page}${text ? `?${text}` : ''}`;
}
