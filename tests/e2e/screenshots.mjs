// Pictures of the pages for a person to look at: both languages, light and dark, three widths, TV mode, the panel and
// paper. They go to the folder given, or a new one under the temporary folder, whose name is printed. A second argument
// takes only pictures whose name contains it; "docs" takes those of docs/screenshots.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insight, launch, openPage, settled, widths } from './browser.mjs';

const only = process.argv[3];
const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'yokoten-screens-'));
mkdirSync(folder, { recursive: true });
const browser = await launch();

async function shoot(name, path, options = {}, prepare = async () => {}) {
  if (only && only !== 'docs' && !name.includes(only)) return;
  const { page, context } = await openPage(browser, path, options);
  await settled(page).catch(() => {});
  await prepare(page);
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: options.full ?? true });
  await context.close();
}

// The first pilot of the sample data, on a day that is over and on which everybody worked.
if (only === 'docs') {
  const { plants } = await insight('ListPlants', {});
  const plant = plants.find((one) => one.plantId === 'CN-SZ1') ?? plants[0];
  const day = new Date(`${plant.productionDay}T00:00:00Z`);
  do day.setUTCDate(day.getUTCDate() - 1); while ([0, 6].includes(day.getUTCDay()));
  const where = `/?plant=${plant.plantId}&day=${day.toISOString().slice(0, 10)}`;
  // The marks in the calendars come after the figures.
  const marked = (page) => page.waitForTimeout(4000);
  await shoot('board-zh-light', `${where}&lang=zh&theme=light`, { full: false }, marked);
  await shoot('board-en-dark', `${where}&lang=en&theme=dark`, { full: false }, marked);
  await shoot('figure-en-light', `${where}&kpi=operation_error_rate&grain=week&lang=en&theme=light`, { full: false }, marked);
  await browser.close();
  console.log(folder);
  process.exit();
}
for (const { name, width, height } of widths) {
  for (const lang of ['zh', 'en']) {
    for (const theme of ['light', 'dark']) {
      await shoot(`board-${name}-${lang}-${theme}`, `/?lang=${lang}&theme=${theme}`, { width, height });
      if (name !== '3840') await shoot(`panel-${name}-${lang}-${theme}`, `/?kpi=operation_error_rate&lang=${lang}&theme=${theme}`, { width, height, full: false });
    }
  }
}
for (const lang of ['zh', 'en']) {
  await shoot(`tv-1920-${lang}`, `/?tv=1&theme=dark&lang=${lang}`, { width: 1920, height: 1080, full: false });
  await shoot(`board-1920-${lang}`, `/?lang=${lang}`, { width: 1920, height: 1080 });
}
if (!only || 'print'.includes(only)) {
  const { page, context } = await openPage(browser, '/?lang=zh');
  await settled(page);
  await page.pdf({ path: join(folder, 'print-a3.pdf'), preferCSSPageSize: true, printBackground: true });
  await context.close();
}
await browser.close();
console.log(folder);
