// Debian's Chromium, headless, with a fresh profile and nothing that calls out; and the address under test.
import { chromium } from 'playwright-core';

export const baseUrl = (process.env.YOKOTEN_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '');

export const widths = [
  { name: '360', width: 360, height: 800 },
  { name: '1280', width: 1280, height: 900 },
  { name: '3840', width: 3840, height: 2160 },
];

export function launch() {
  return chromium.launch({
    executablePath: process.env.YOKOTEN_CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

// A page that remembers everything that went wrong on it.
export async function openPage(browser, path, { width = 1280, height = 900, dark = false, locale = 'zh-CN' } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', locale, acceptDownloads: true });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) faults.push(`${message.type()}: ${message.text()}`); });
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => {
    // A stream or a call that the page itself gave up is no fault.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') faults.push(`request: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('request', (request) => { if (!request.url().startsWith(baseUrl) && !/^(data|blob):/.test(request.url())) faults.push(`foreign request: ${request.url()}`); });
  await page.goto(baseUrl + path, { waitUntil: 'domcontentloaded' });
  return { page, context, faults };
}

// Until the board's figures are there and nothing is being loaded.
export async function settled(page) {
  await page.waitForSelector('main[data-ready="yes"]', { timeout: 120_000 });
  await page.waitForFunction(() => document.querySelectorAll('.loading').length === 0, undefined, { timeout: 120_000 });
  await page.evaluate(() => document.fonts.ready);
}

// One call of the API as any client would make it.
export async function call(service, method, body) {
  const response = await fetch(`${baseUrl}/${service}/${method}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${service}/${method}: HTTP ${response.status} ${await response.text()}`);
  return response.json();
}

export const insight = (method, body) => call('yokoten.insight.v1.InsightService', method, body);
