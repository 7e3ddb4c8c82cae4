// What judge promises, case by case.
import { describe, expect, it } from 'vitest';
import { KpiStatus, TargetState } from '../gen/yokoten/insight/v1/service_pb';
import { Aggregation, Direction } from '../gen/yokoten/kpi/v1/kpi_pb';
import { rankAttention } from './attention';
import { calendarOf, leadOf, letters, places, safeDays, safetyCross } from './calendar';
import { composeHeadline } from './headline';
import { judge, missedSince, moveOf } from './standing';
import { entry, value } from './testing';

const red = TargetState.RED;
const green = TargetState.GREEN;

// A figure and its target: the bounds are green's and yellow's.
const figure = (
  id: string,
  [zh, en]: [string, string],
  values: number[],
  [green, yellow]: [number, number],
  state: TargetState,
  direction = Direction.HIGHER_IS_BETTER,
) => entry({ id, zh, en, values, green, yellow, state, direction });

const trained = figure('trained', ['训练达成率', 'Trained on current revision'], [93, 84, 76, 78, 77], [90, 80], red);
const trir = figure('trir', ['事故率', 'TRIR'], [1, 1, 2.6], [1.2, 2], red, Direction.LOWER_IS_BETTER);
const fpy = figure('fpy', ['一次合格率', 'First pass yield'], [98, 96.5], [97, 95], TargetState.YELLOW);
const fine = figure('fine', ['覆盖率', 'Coverage'], [91, 95], [90, 80], green);

describe('standing', () => {
  it('judges both directions, and bounds count as met', () => {
    expect(judge(value('2026-03-01', '2026-03-31', 90), trained.target, Direction.HIGHER_IS_BETTER)).toBe('green');
    expect(judge(value('2026-03-01', '2026-03-31', 2.01), trir.target, Direction.LOWER_IS_BETTER)).toBe('red');
    expect(judge(value('2026-03-01', '2026-03-31', 2), trir.target, Direction.LOWER_IS_BETTER)).toBe('yellow');
  });
  it('never judges context, too little data, hidden or absent values', () => {
    expect(judge(value('2026-03-01', '2026-03-31', 1), trir.target, Direction.CONTEXT)).toBe('none');
    expect(
      judge(value('2026-03-01', '2026-03-31', 99, KpiStatus.INSUFFICIENT), trir.target, Direction.LOWER_IS_BETTER),
    ).toBe('none');
    expect(judge(value('2026-03-01', '2026-03-31', undefined), trir.target, Direction.LOWER_IS_BETTER)).toBe('none');
  });
  it('dates a miss at the first period of its unbroken run', () => {
    expect(missedSince(trained)).toMatchObject({ periodStart: '2025-12-01', periods: 4, orEarlier: false });
    expect(missedSince(trir)).toMatchObject({ periodStart: '2026-03-01', periods: 1, orEarlier: false });
    expect(missedSince(fine)).toBeUndefined();
  });
  it('says "or earlier" when the run fills the history, and looks through periods without a value', () => {
    const always = entry({ id: 'a', values: [70, undefined, 71], green: 90, yellow: 80, state: red });
    expect(missedSince(always)).toMatchObject({ periodStart: '2026-01-01', periods: 2, orEarlier: true });
  });
  it('calls a change a move only when it is more than chance', () => {
    expect(moveOf(entry({ id: 'a', values: [1, 2], change: 1, signal: false }))).toBeUndefined();
    expect(moveOf(entry({ id: 'a', values: [1, 2], change: 1, signal: true }))).toBe('better');
    expect(
      moveOf(entry({ id: 'a', values: [1, 2], change: 1, signal: true, direction: Direction.LOWER_IS_BETTER })),
    ).toBe('worse');
    expect(
      moveOf(entry({ id: 'a', values: [1, 2], change: 1, signal: true, status: KpiStatus.INSUFFICIENT })),
    ).toBeUndefined();
  });
});

describe('attention', () => {
  it('ranks red before yellow before what got worse, the longest-lasting first', () => {
    const worse = entry({ id: 'worse', values: [90, 85], change: -5, signal: true });
    expect(rankAttention([worse, fpy, trir, fine, trained]).map(one => one.entry.kpi!.id)).toEqual([
      'trained',
      'trir',
      'fpy',
      'worse',
    ]);
  });
  it('counts an open figure whose lower bound is beyond the target, and missing reports', () => {
    const open = entry({
      id: 'lag',
      values: [undefined],
      status: KpiStatus.OPEN,
      lowerBound: 23,
      green: 14,
      yellow: 21,
      direction: Direction.LOWER_IS_BETTER,
    });
    const late = entry({
      id: 'late',
      values: [95],
      status: KpiStatus.PROVISIONAL,
      completeness: 0.8,
      green: 90,
      state: green,
    });
    expect(rankAttention([late, open]).map(one => one.kind)).toEqual(['open', 'provisional']);
  });
  it('names missing reports once, and not at all beside the completeness figure', () => {
    const late = (id: string, completeness: number) =>
      entry({ id, values: [95], status: KpiStatus.PROVISIONAL, completeness, green: 90, state: green });
    expect(rankAttention([late('a', 0.9), late('b', 0.8), late('c', 0.85)]).map(one => one.entry.kpi!.id)).toEqual([
      'b',
    ]);
    const completeness = entry({ id: 'data_completeness', values: [82], green: 98, yellow: 95, state: red });
    expect(rankAttention([late('a', 0.9), completeness]).map(one => one.entry.kpi!.id)).toEqual([
      'data_completeness',
    ]);
  });
});

describe('the headline', () => {
  it('says what is missed, by how much and since when, in both languages', () => {
    expect(composeHeadline({ unit: 'Plant 1', entries: [trained, fpy, fine] }, 'en')).toEqual([
      'Plant 1 misses one of 3 targets: trained on current revision at 77.0% (target ≥\u00a090.0%), since Dec 2025.',
      'One more is near the limit.',
    ]);
    expect(composeHeadline({ unit: '一厂', entries: [trained, fpy, fine] }, 'zh')).toEqual([
      '一厂 3 项目标中有 1 项未达标：训练达成率 77.0%（目标 ≥\u00a090.0%），自 2025 年 12 月起。',
      '另有 1 项接近限值。',
    ]);
  });
  it('keeps acronyms and names at most two', () => {
    const more = entry({ id: 'x', en: 'Something else', values: [50], green: 90, state: red });
    const [sentence] = composeHeadline({ unit: 'Plant 1', entries: [trir, trained, more] }, 'en');
    expect(sentence).toContain('TRIR at 2.6');
    expect(sentence).toContain('and 1 more.');
  });
  it('says so when all is well, when only limits are near, and when nothing can be judged', () => {
    expect(composeHeadline({ unit: 'P', entries: [fine] }, 'en')[0]).toBe(
      'P meets every one of its 1 targets (Mar 2026).',
    );
    expect(composeHeadline({ unit: 'P', entries: [fine, fpy] }, 'en')[0]).toContain('misses no target');
    expect(composeHeadline({ unit: 'P', entries: [entry({ id: 'a', values: [5] })] }, 'en')[0]).toContain(
      'none of which has a target',
    );
    expect(composeHeadline({ unit: 'P', entries: [] }, 'en')[0]).toContain('no figure can be judged');
  });
  it('counts the days without a recordable injury', () => {
    expect(composeHeadline({ unit: 'P', entries: [fine], safeDays: { days: 0, more: false } }, 'en')[1]).toBe(
      'A recordable injury happened today.',
    );
    expect(composeHeadline({ unit: 'P', entries: [fine], safeDays: { days: 34, more: false } }, 'zh')[1]).toBe(
      '已连续 34 天无可记录工伤。',
    );
    expect(composeHeadline({ unit: 'P', entries: [fine], safeDays: { days: 399, more: true } }, 'en')[1]).toContain(
      'More than 399 days',
    );
  });
});

describe('letter calendars', () => {
  it('have room for every day of every month, each cell once', () => {
    for (const letter of letters) {
      const cells = places(letter).map(place => `${place.row}.${place.column}`);
      expect(cells.length).toBeGreaterThanOrEqual(31);
      expect(new Set(cells).size).toBe(cells.length);
    }
  });
  it('colour a day by its value, leave the future open and say "no data" for silence', () => {
    const cells = calendarOf(
      [
        value('2026-03-01', '2026-03-01', 95),
        value('2026-03-02', '2026-03-02', 85),
        value('2026-03-03', '2026-03-03', 70),
        value('2026-03-04', '2026-03-04', 70, KpiStatus.INSUFFICIENT),
      ],
      trained.target,
      Direction.HIGHER_IS_BETTER,
      '2026-03-05',
    );
    expect(cells.slice(0, 6).map(cell => cell.state)).toEqual([
      'good',
      'near',
      'missed',
      'unjudged',
      'none',
      'future',
    ]);
    expect(cells).toHaveLength(31);
  });
  it('call a day safe only when it was reported', () => {
    const hurt = value('2026-03-02', '2026-03-02', 50, KpiStatus.INSUFFICIENT);
    hurt.numerator = '1';
    const safe = value('2026-03-01', '2026-03-01', 0, KpiStatus.INSUFFICIENT);
    const miss = value('2026-03-01', '2026-03-01', 3);
    miss.numerator = '2';
    const cells = safetyCross([safe, hurt, value('2026-03-03', '2026-03-03', undefined)], [miss], '2026-03-04');
    expect(cells.slice(0, 5).map(cell => cell.state)).toEqual(['good', 'missed', 'none', 'none', 'future']);
    expect(cells[0]!.marks).toBe(2);
  });
  it('count safe days from the last case, or say "more than" when none is known', () => {
    const hurt = value('2026-02-27', '2026-02-27', 50);
    hurt.numerator = '1';
    const calm = value('2026-03-02', '2026-03-02', 0);
    calm.numerator = '0';
    expect(safeDays([hurt, calm], '2026-03-02')).toEqual({ days: 3, more: false });
    expect(safeDays([calm], '2026-03-09')).toEqual({ days: 7, more: true });
    expect(safeDays([], '2026-03-09')).toBeUndefined();
  });
  it('are coloured by a figure that a single day can be held against', () => {
    const monthly = entry({ id: 'per_person', values: [0.4], green: 0.4, denominator: Aggregation.MEAN_OF_DAYS });
    const stock = entry({
      id: 'stock',
      values: [90],
      green: 90,
      numerator: Aggregation.LAST,
      denominator: Aggregation.LAST,
    });
    expect(leadOf([monthly, stock, fpy])?.kpi?.id).toBe('fpy');
    expect(leadOf([monthly, stock])?.kpi?.id).toBe('stock');
    expect(leadOf([monthly])).toBeUndefined();
  });
});
