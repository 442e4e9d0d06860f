import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningServer, serve } from '../../src/http/serve/serve.js';
import { findPeers } from '../support/peers.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('chromium');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const root = join(import.meta.dirname, '../..');
/** A directory for pictures of some pages, where somebody wants to look at them. */
const pictures = process.env.BUNDLES_PICTURES;
const types: Readonly<Record<string, string>> = {
  ...{ '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript' },
  ...{ '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png', '.webp': 'image/webp' },
};

const built = tempDir('site-');
let server: RunningServer;
let browser: Browser;
let names: readonly string[];

beforeAll(async () => {
  if (!peers) return;
  const program = join(root, 'scripts/site/site.mjs');
  await promisify(execFile)(process.execPath, [program, '--output', built.path], { cwd: root });
  names = readdirSync(built.path, { recursive: true, encoding: 'utf8' });
  server = await serve(async ({ url }) => {
    const name = decodeURIComponent(new URL(url).pathname.slice(1));
    // Only what was built: nothing else of this machine.
    if (!names.includes(name) || extname(name) === '') return new Response('', { status: 404 });
    const headers = { 'content-type': types[extname(name)] ?? 'application/octet-stream' };
    return new Response(readFileSync(join(built.path, name)), { headers });
  });
  const settings = { executablePath: peers.chromium, args: ['--no-sandbox'], timeout: 120_000 };
  browser = await chromium.launch(settings);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await built[Symbol.asyncDispose]();
});

/** Runs with a new page, and fails where it complained or asked another host for something. */
async function withPage(run: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('data:'))
      complaints.push(request.url());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
  });
  await run(page);
  await context.close();
  expect(complaints).toEqual([]);
}

async function violations(
  page: Page,
  options = {},
  without: readonly string[] = [],
): Promise<readonly string[]> {
  const context = JSON.stringify(without.length === 0 ? { include: ['html'] } : { exclude: without });
  const wanted = JSON.stringify({ resultTypes: ['violations'], ...options });
  const found = (await page.evaluate(`axe.run(${context}, ${wanted})`)) as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}

const scrollsSideways = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth > window.innerWidth') as Promise<boolean>;

/** The list of pages is the same everywhere: the tests of search and menu look at it. */
const shared = ['nav'];

async function look(page: Page, name: string): Promise<readonly string[]> {
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${server.url}/${name}`, { timeout: 60_000 });
  await page.evaluate(axeSource);
  const findings = (await violations(page, {}, shared)).map((finding) => `light: ${finding}`);
  if (await scrollsSideways(page)) findings.push('1280 px: scrolls sideways');
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await violations(page, { runOnly: ['color-contrast'] }, shared);
  findings.push(...dark.map((finding) => `dark: ${finding}`));
  await page.setViewportSize({ width: 390, height: 860 });
  if (await scrollsSideways(page)) findings.push('390 px: scrolls sideways');
  const narrow = await violations(page, { rules: { 'color-contrast': { enabled: false } } }, shared);
  findings.push(...narrow.map((finding) => `390 px: ${finding}`));
  return findings.map((finding) => `${name}: ${finding}`);
}

test.skipIf(!peers)(
  'every page has no findings of axe in light, dark and at 390 px, and does not scroll sideways',
  async () => {
    const pages = names.filter((name) => name.endsWith('.html'));
    expect(pages.length).toBeGreaterThan(40);
    const findings: string[] = [];
    const waiting = [...pages];
    const work = () =>
      withPage(async (page) => {
        for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
          findings.push(...(await look(page, name)));
      });
    await Promise.all([work(), work()]);
    expect(findings).toEqual([]);
  },
  // Every page is looked at three times: beside other work that takes minutes.
  600_000,
);

test.skipIf(!peers).each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 390],
] as const)('the search finds a command and leads to it, %s at %i px', async (colorScheme, width) => {
  await withPage(async (page) => {
    await page.setViewportSize({ width, height: 860 });
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.url}/SUPPORT.html`);
    await page.keyboard.press('/');
    await page.keyboard.type('update-refs');
    const first = page.locator('#results a').first();
    await first.waitFor({ timeout: 60_000 });
    expect(await first.textContent()).toContain('update-refs');
    await page.evaluate(axeSource);
    expect(await violations(page)).toEqual([]);
    expect(await scrollsSideways(page)).toBe(false);
    if (pictures) await page.screenshot({ path: join(pictures, `search-${colorScheme}-${width}.png`) });
    await page.keyboard.press('Enter');
    await page.waitForURL(/update-refs/, { timeout: 60_000 });
    expect(await page.locator('main').textContent()).toContain('update-refs');
    if (pictures) await page.screenshot({ path: join(pictures, `found-${colorScheme}-${width}.png`) });
    await page.goto(`${server.url}/index.html`);
    if (pictures)
      await page.screenshot({ path: join(pictures, `index-${colorScheme}-${width}.png`), fullPage: true });
    await page.locator('#search').fill('zzzzqqqq');
    await page.getByText('Nothing found').waitFor({ timeout: 60_000 });
    await page.keyboard.press('Escape');
    expect(await page.locator('#results').isHidden()).toBe(true);
  });
});

test.skipIf(!peers)('on a small screen the menu opens and closes the list of pages', async () => {
  await withPage(async (page) => {
    await page.setViewportSize({ width: 390, height: 860 });
    await page.goto(`${server.url}/docs/osps.html`);
    const [menu, current] = [page.locator('#menu'), page.locator('nav [aria-current]')];
    expect(await current.isVisible()).toBe(false);
    await menu.click();
    expect(await menu.getAttribute('aria-expanded')).toBe('true');
    expect(await current.isVisible()).toBe(true);
    await page.evaluate(axeSource);
    expect(await violations(page)).toEqual([]);
    await menu.click();
    expect(await current.isVisible()).toBe(false);
  });
});

test.skipIf(!peers)(
  'faults of a page are found: a weak contrast, a picture without a text, something too wide',
  async () => {
    await withPage(async (page) => {
      await page.goto(`${server.url}/SUPPORT.html`);
      await page.evaluate(
        `document.querySelector('main').innerHTML += '<p style="color: #999; background: #fff">weak</p><img src="data:,"><div style="width: 200vw; max-width: none">wide</div>'`,
      );
      await page.evaluate(axeSource);
      const found = await violations(page);
      expect(found.map((finding) => finding.split(':')[0]).sort()).toEqual(['color-contrast', 'image-alt']);
      expect(await scrollsSideways(page)).toBe(true);
    });
  },
);
