// What state promises, case by case.
import { describe, expect, it } from 'vitest';
import { emptyView, formatView, parseView, type View } from './state';

const read = (url: string) => {
  const [path = '', search = ''] = url.split('?');
  return parseView(path, search);
};

describe('the address', () => {
  it('holds the whole view and gives it back', () => {
    const view: View = {
      page: '',
      plant: 'PL1',
      workshop: 'W2',
      line: 'L4',
      day: '2026-03-02',
      kpi: 'trir',
      facts: '',
      grain: 'month',
      at: '2026-01-01',
      inert: true,
      tv: true,
      lang: 'en',
      theme: 'dark',
    };
    expect(read(formatView(view))).toEqual(view);
    expect(formatView(view)).toBe(
      '/?plant=PL1&unit=W2/L4&day=2026-03-02&kpi=trir&grain=month&at=2026-01-01&inert=1&tv=1&lang=en&theme=dark',
    );
  });
  it('is short when nothing was chosen', () => {
    expect(formatView(emptyView)).toBe('/');
    expect(read('/')).toEqual(emptyView);
  });
  it('believes nothing that makes no sense', () => {
    const view = read('/?plant=<script>&unit=/L4&day=2026-02-30&kpi=a b&grain=hour&lang=fr&theme=pink&tv=yes');
    expect(view).toEqual(emptyView);
  });
  it('keeps the event type of opened facts, and drops the panel’s choices when nothing is open', () => {
    expect(read(formatView({ ...emptyView, facts: 'training.SessionCompleted', at: '2026-03-01' }))).toMatchObject({
      facts: 'training.SessionCompleted',
      at: '2026-03-01',
    });
    expect(formatView({ ...emptyView, grain: 'week', at: '2026-03-02', inert: true })).toBe('/');
  });
  it('knows pages by their path', () => {
    expect(read('/training/?plant=PL1').page).toBe('training');
    expect(formatView({ ...emptyView, page: 'training', plant: 'PL1' })).toBe('/training?plant=PL1');
  });
});
