// The plant board in a real browser against a running gateway with sample data ($YOKOTEN_URL): it opens without a fault,
// shows what the API says, in both languages, light and dark, at three widths, to everybody, live.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { baseUrl, call, insight, launch, openPage, settled, widths } from './browser.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = process.env.YOKOTEN_SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'yokoten-board-'));
// A deadline, not a measure: how long it takes is printed.
const liveWithinMs = 60_000;

let browser;
let plant;

before(async () => {
  browser = await launch();
  const { plants } = await insight('ListPlants', {});
  assert.ok(plants?.length, `${baseUrl} knows no plant: load the sample data first`);
  plant = plants.find((one) => one.firstDay) ?? plants[0];
});
after(async () => {
  await browser?.close();
  console.log(`pictures in ${pictures}`);
});

const at = (more = '') => `/?plant=${encodeURIComponent(plant.plantId)}${more}`;

async function withPage(path, options, check) {
  const opened = await openPage(browser, path, options);
  try {
    await check(opened.page, opened);
    assert.deepEqual(opened.faults, [], 'faults in the browser');
  } finally {
    await opened.context.close();
  }
}

async function axe(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  return violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.failureSummary?.split('\n')[1] ?? ''}`).join(' | ')}`);
}

for (const { name, width, height } of widths) {
  for (const lang of ['zh', 'en']) {
    for (const theme of ['light', 'dark']) {
      test(`opens without faults, overflow or barriers: ${name} ${lang} ${theme}`, () => withPage(at(`&lang=${lang}&theme=${theme}`), { width, height }, async (page) => {
        await settled(page);
        assert.equal(await page.evaluate(() => document.documentElement.lang), lang === 'zh' ? 'zh-CN' : 'en');
        assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
        assert.ok((await page.locator('.headline').innerText()).length > 10, 'the page opens with a sentence');
        assert.deepEqual(await axe(page), []);
        await page.screenshot({ path: join(pictures, `board-${name}-${lang}-${theme}.png`), fullPage: true });
      }));
    }
  }
}

test('shows the figures the API gives, every one of them', async () => {
  const { entries } = await insight('GetKpiSnapshot', { unit: { plantId: plant.plantId }, day: plant.productionDay, history: 26 });
  const onBoard = entries.filter((entry) => entry.kpi.board);
  assert.ok(onBoard.length > 0);
  await withPage(at(`&lang=en&day=${plant.productionDay}`), {}, async (page) => {
    await settled(page);
    for (const { kpi, current } of onBoard) {
      const tile = page.locator(`.tile[data-kpi="${kpi.id}"]`);
      const shown = (await tile.locator('.tile-value .figure').innerText()).trim();
      if (current?.value === undefined) {
        assert.ok(shown === '—' || shown.startsWith('≥'), `${kpi.id}: ${shown} for a figure that has no value`);
        continue;
      }
      const decimals = kpi.decimals ?? 0;
      const expected = new Intl.NumberFormat('en-GB', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(current.value).replace('-', '−').replace(/^−(0(\.0+)?)$/, '$1');
      assert.equal(shown, expected, kpi.id);
      assert.ok((await tile.innerText()).includes(kpi.nameEn), kpi.id);
    }
    assert.equal(await page.locator('.tile').count(), onBoard.length);
  });
});

test('says "simulated" exactly when the API does', async () => {
  const { freshness } = await insight('GetFreshness', {});
  await withPage(at('&lang=zh'), {}, async (page) => {
    await settled(page);
    assert.equal(await page.locator('header .simulated').count(), freshness?.simulated ? 1 : 0);
  });
});

test('switches language without a reload and remembers it', () => withPage(at('&lang=zh'), {}, async (page) => {
  await settled(page);
  await page.evaluate(() => { window.notReloaded = true; });
  const before = await page.locator('.headline').innerText();
  await page.getByRole('button', { name: 'EN' }).click();
  await page.waitForFunction((text) => document.querySelector('.headline').innerText !== text, before);
  assert.equal(await page.evaluate(() => window.notReloaded), true);
  await page.goto(baseUrl + at());
  await settled(page);
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
}));

test('opens every number: formula, parts, course, units, facts, and the link shows a colleague the same', () => withPage(at('&lang=en'), {}, async (page, { context }) => {
  await settled(page);
  const tile = page.locator('.tile').first();
  const kpiId = await tile.getAttribute('data-kpi');
  await tile.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog');
  await panel.waitFor();
  await settled(page);
  const { kpis } = await insight('ListKpis', {});
  const kpi = kpis.find((one) => one.id === kpiId);
  const text = await panel.innerText();
  assert.ok(text.includes(kpi.formulaEn), 'the formula in words');
  assert.ok(text.includes(`definition version ${kpi.version}`));
  assert.deepEqual(await axe(page), []);
  await panel.getByRole('button', { name: 'Week', exact: true }).click().catch(() => panel.getByRole('button', { name: 'Quarter', exact: true }).click());
  await settled(page);
  const link = page.url();
  assert.match(link, new RegExp(`kpi=${kpiId}`));
  const other = await context.newPage();
  await other.goto(link);
  await settled(other);
  assert.equal(await other.getByRole('dialog').locator('.answer-value').innerText(), await panel.locator('.answer-value').innerText());
  await other.close();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  assert.doesNotMatch(page.url(), /kpi=/);
}));

test('downloads the data as CSV and the picture as SVG and PNG', () => withPage(at('&lang=en&kpi=operation_error_rate&grain=month'), {}, async (page) => {
  await settled(page);
  const panel = page.getByRole('dialog');
  const download = async (name) => {
    const [file] = await Promise.all([page.waitForEvent('download'), panel.getByRole('button', { name, exact: true }).first().click()]);
    return readFileSync(await file.path());
  };
  const rows = (await download('Data (CSV)')).toString('utf8').trim().split('\r\n');
  await panel.getByRole('button', { name: 'Figures as a table' }).click();
  assert.equal(rows.length - 1, await panel.getByRole('region', { name: 'Figures as a table' }).locator('tbody tr').count());
  assert.match((await download('Picture (SVG)')).toString('utf8'), /^<svg [\s\S]*<\/svg>\s*$/);
  const png = await download('Picture (PNG)');
  assert.deepEqual([...png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  assert.ok(png.length > 10_000, 'the picture is not empty');
}));

test('works with the keyboard alone: skip link, calendar by arrows, TV mode by T', () => withPage(at('&lang=en'), {}, async (page) => {
  await settled(page);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  const day = page.locator('.column-S .cell[tabindex="0"]');
  await day.focus();
  const first = await day.getAttribute('data-index');
  await page.keyboard.press(first === '0' ? 'End' : 'Home');
  assert.notEqual(await page.evaluate(() => document.activeElement.dataset.index), first);
  await page.keyboard.press('t');
  await page.waitForFunction(() => document.documentElement.hasAttribute('data-tv'));
  assert.match(page.url(), /tv=1/);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.documentElement.hasAttribute('data-tv'));
}));

test('TV mode shows everything on one screen and nothing to press', () => withPage(at('&tv=1&lang=zh&theme=dark'), { width: 1920, height: 1080 }, async (page) => {
  await settled(page);
  await page.waitForFunction(() => document.body.scrollHeight <= window.innerHeight, undefined, { timeout: 5_000 });
  assert.equal(await page.locator('.head select').count(), 0);
  await page.screenshot({ path: join(pictures, 'tv-1920-zh.png') });
}));

test('prints on one sheet of A3', () => withPage(at('&lang=zh&theme=dark'), {}, async (page) => {
  await settled(page);
  const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
  const pages = pdf.match(/\/Type\s*\/Page[^s]/g)?.length;
  assert.equal(pages, 1);
  const [, width, height] = /\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)/.exec(pdf);
  assert.ok(Math.abs(width - 1190.5) < 2 && Math.abs(height - 842) < 2, `${width} x ${height} points is not A3 landscape`);
}));

test('says so when it is not live, keeps the figures and comes back by itself', async () => {
  const { page, context } = await openPage(browser, at('&lang=en'));
  try {
    await settled(page);
    await page.locator('.badge-live, .badge-behind').waitFor();
    const figure = await page.locator('.tile .figure').first().innerText();
    await context.setOffline(true);
    await page.evaluate(() => window.dispatchEvent(new Event('offline')));
    await page.locator('.badge-stale').waitFor({ timeout: 90_000 });
    assert.equal(await page.locator('.tile .figure').first().innerText(), figure);
    await context.setOffline(false);
    await page.locator('.badge-live, .badge-behind').waitFor({ timeout: 60_000 });
  } finally {
    await context.close();
  }
});

test('an unknown plant, figure and page are told, not blank', async () => {
  for (const [path, words] of [['/?plant=NOWHERE&lang=en', 'There is no plant'], [at('&kpi=no_such_figure&lang=en'), 'There is no figure'], ['/nowhere?lang=en', 'no page at this address']]) {
    const { page, context } = await openPage(browser, path);
    await page.getByText(words).waitFor({ timeout: 15_000 });
    await context.close();
  }
});

test('a posted event moves the figure without a reload', async (t) => {
  const { entries } = await insight('GetKpiSnapshot', { unit: { plantId: plant.plantId }, kpiIds: ['proposals_per_employee'], grain: 'GRAIN_MONTH' });
  if (!entries?.[0]) return t.skip('the deployment has no proposals_per_employee');
  const before = Number(entries[0].current?.numerator || 0);
  const stamp = `e2e-${Date.now()}`;
  const context = { source: `/plants/${plant.plantId}/e2e`, id: stamp, plantId: plant.plantId, occurredAt: new Date().toISOString() };
  const send = (event) => call('yokoten.improvement.v1.ImprovementIngestService', 'IngestEvents', { events: [event] });
  const workshop = plant.units?.find((unit) => unit.level === 'workshop');
  const line = plant.units?.find((unit) => unit.level === 'line');
  if (line) Object.assign(context, { lineId: line.unitId, ...(line.parentId ? { workshopId: line.parentId } : workshop ? { workshopId: workshop.unitId } : {}) });

  await withPage(at('&lang=en&kpi=proposals_per_employee&grain=month'), {}, async (page) => {
    await settled(page);
    await page.locator('.badge-live, .badge-behind').waitFor();
    const numerator = page.locator('.equation .part').first().locator('.figure');
    assert.equal((await numerator.innerText()).replaceAll(',', ''), String(before));
    await page.evaluate(() => { window.notReloaded = true; });
    const sent = Date.now();
    const { results } = await send({ proposalSubmitted: { context, proposalId: stamp, proposerRefs: ['p-e2e'], theme: 'THEME_QUALITY', textEn: 'End-to-end test' } });
    assert.equal(results[0].status, 'EVENT_STATUS_ACCEPTED', JSON.stringify(results[0]));
    const acknowledged = Date.now();
    await page.waitForFunction((n) => document.querySelector('.equation .part .figure')?.textContent.replaceAll(',', '') === n, String(before + 1), { timeout: liveWithinMs });
    console.log(`acknowledged in ${acknowledged - sent} ms, on screen ${Date.now() - acknowledged} ms later`);
    assert.equal(await page.evaluate(() => window.notReloaded), true);
    await send({ voided: { context: { ...context, id: `${stamp}-void`, occurredAt: new Date().toISOString() }, voids: { source: context.source, id: stamp, plantId: plant.plantId, entity: `proposal/${stamp}` }, reason: 'VOID_REASON_TEST_DATA' } });
    await page.waitForFunction((n) => document.querySelector('.equation .part .figure')?.textContent.replaceAll(',', '') === n, String(before), { timeout: liveWithinMs });
  });
});
