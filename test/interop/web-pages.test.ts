import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isPage } from '../../src/catalog-server/api/page-routes.js';
import { type Catalog, createCatalog } from '../../src/catalog-server/catalog.js';
import { type RunningServer, serve } from '../../src/http/serve/serve.js';
import { createRegistryHandler } from '../../src/registry-server/handler.js';
import { startTestDatabase, type TestDatabase } from '../support/catalog/catalog-databases.js';
import { sampleRegistration } from '../support/catalog/catalog-samples.js';
import { findPeers } from '../support/peers.js';
import { talkTo } from '../support/registry/registry-requests.js';
import { type TempDir, tempDir } from '../support/temp-dir.js';

const peers = findPeers('chromium');
const repository = 'victim/app';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** A registry and a catalog with something in them. */
interface Victim {
  readonly root: TempDir;
  readonly registry: RunningServer;
  readonly manifest: string;
  readonly catalog: RunningServer;
  readonly handler: Catalog;
  readonly database: TestDatabase;
}

let evil: RunningServer;
/** Sees no difference between origins: what a browser itself would prevent is not what keeps these pages out. */
let browser: Browser;
let guarded: Victim;
let unguarded: Victim;

beforeAll(async () => {
  if (!peers) return;
  guarded = await startVictim(false);
  unguarded = await startVictim(true);
  evil = await startEvil();
  const names = ['evil.example', 'rebound.example'].map((name) => `MAP ${name} 127.0.0.1`);
  browser = await chromium.launch({
    executablePath: peers.chromium,
    args: [
      '--no-sandbox',
      '--disable-web-security',
      '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessForNavigations,BlockInsecurePrivateNetworkRequests',
      `--host-resolver-rules=${names.join(', ')}`,
    ],
    timeout: 120_000,
  });
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await evil?.close();
  for (const victim of [guarded, unguarded]) {
    await victim?.registry.close();
    await victim?.catalog.close();
    await victim?.handler.close();
    await victim?.database[Symbol.asyncDispose]();
    await victim?.root[Symbol.asyncDispose]();
  }
});

async function startVictim(unguarded: boolean): Promise<Victim> {
  const root = tempDir('web-pages-');
  const handler = createRegistryHandler({ root: join(root.path, 'registry') });
  const registry = await serve(handler, { unguarded });
  const talk = talkTo(fetch, registry.url);
  const config = await talk.pushBlob(repository, '{}');
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size: 2 },
    layers: [],
  });
  for (const tag of ['v1', 'doomed', 'doomed-too']) {
    const headers = { 'content-type': manifestType };
    const put = await talk.send('PUT', `/v2/${repository}/manifests/${tag}`, { body: manifest, headers });
    expect(put.status).toBe(201);
  }
  const database = await startTestDatabase('PGlite');
  const catalog = await createCatalog({ database: database.database, spool: join(root.path, 'spool') });
  const server = await serve(catalog.fetch, { isPage, unguarded });
  const victim = { root, registry, manifest, catalog: server, handler: catalog, database };
  await ask(`${server.url}/api/v1/workflows`, sampleRegistration({ workflow_name: 'secret-workflow' }));
  return victim;
}

async function ask(url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(status).toBe(201);
}

/** A site of somebody else, on a port of its own and reached under a name of its own. */
async function startEvil(): Promise<RunningServer> {
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>evil</title><body>'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, host: '127.0.0.1', port, close };
}

async function tagsOf({ registry }: Victim): Promise<readonly string[]> {
  const answer = await fetch(`${registry.url}/v2/${repository}/tags/list`);
  return ((await answer.json()) as { tags: string[] }).tags;
}

function uploadsOf({ root }: Victim): number {
  const names = readdirSync(join(root.path, 'registry'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /^\.uploads.*[0-9a-f]{8}-[0-9a-f]{4}/.test(name)).length;
}

async function workflowsOf({ catalog }: Victim): Promise<readonly string[]> {
  const answer = await fetch(`${catalog.url}/api/v1/workflows`);
  const { workflows } = (await answer.json()) as { workflows: { workflow_name: string }[] };
  return workflows.map(({ workflow_name }) => workflow_name);
}

/** Where a page is that tries something. */
type Place = 'another site' | 'another port' | 'a rebound name';

interface Attack {
  readonly title: string;
  readonly from: Place;
  /** What the page runs; its value is what the page got. */
  readonly script: (target: {
    readonly registry: string;
    readonly catalog: string;
    readonly victim: Victim;
  }) => string;
  /** Whether it worked, by what the page got and by what is there now. */
  readonly worked: (got: unknown, victim: Victim, before: number) => boolean | Promise<boolean>;
  /** Default: the registry. */
  readonly on?: 'catalog';
}

const send = (url: string, options: object = {}) =>
  `fetch(${JSON.stringify(url)}, ${JSON.stringify(options)}).then((answer) => answer.text(), (error) => String(error))`;
const holds = (text: string) => (got: unknown) => String(got).includes(text);
const opensUpload = (_: unknown, victim: Victim, before: number) => uploadsOf(victim) > before;
const registration = (name: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(sampleRegistration({ workflow_name: name })),
});

const attacks: readonly Attack[] = [
  {
    title: 'opens an upload with a plain POST',
    from: 'another site',
    script: ({ registry }) => send(`${registry}/v2/x/blobs/uploads/`, { method: 'POST', mode: 'no-cors' }),
    worked: opensUpload,
  },
  {
    title: 'opens an upload with a form',
    from: 'another site',
    script: ({ registry }) => `new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.name = 'hidden';
      document.body.append(frame);
      const form = document.createElement('form');
      Object.assign(form, {method: 'post', target: 'hidden', action: ${JSON.stringify(`${registry}/v2/x/blobs/uploads/`)}});
      document.body.append(form);
      form.submit();
      frame.addEventListener('load', resolve);
    })`,
    worked: opensUpload,
  },
  {
    title: 'opens an upload from a sandbox, whose origin is null',
    from: 'another site',
    script: ({ registry }) => `new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-scripts';
      frame.srcdoc = '<script>' + ${JSON.stringify(
        `fetch("${registry}/v2/x/blobs/uploads/", {method: "POST", mode: "no-cors"}).finally(() => parent.postMessage(1, "*"))`,
      )} + '</' + 'script>';
      addEventListener('message', () => resolve());
      document.body.append(frame);
      setTimeout(resolve, 5000);
    })`,
    worked: opensUpload,
  },
  {
    title: 'opens an upload from another port of localhost',
    from: 'another port',
    script: ({ registry }) => send(`${registry}/v2/x/blobs/uploads/`, { method: 'POST', mode: 'no-cors' }),
    worked: opensUpload,
  },
  {
    title: 'reads what tags there are',
    from: 'another site',
    script: ({ registry }) => send(`${registry}/v2/${repository}/tags/list`),
    worked: holds('doomed'),
  },
  {
    title: 'pushes a tag',
    from: 'another site',
    script: ({ registry, victim: { manifest } }) =>
      send(`${registry}/v2/${repository}/manifests/stolen`, {
        method: 'PUT',
        headers: { 'content-type': manifestType },
        body: manifest,
      }),
    worked: async (_, victim) => (await tagsOf(victim)).includes('stolen'),
  },
  {
    title: 'deletes a tag',
    from: 'another site',
    script: ({ registry }) => send(`${registry}/v2/${repository}/manifests/doomed`, { method: 'DELETE' }),
    worked: async (_, victim) => !(await tagsOf(victim)).includes('doomed'),
  },
  {
    title: 'reads what tags there are',
    from: 'a rebound name',
    script: () => send(`/v2/${repository}/tags/list`),
    worked: holds('v1'),
  },
  {
    title: 'pushes a tag',
    from: 'a rebound name',
    script: ({ victim: { manifest } }) =>
      send(`/v2/${repository}/manifests/rebound`, {
        method: 'PUT',
        headers: { 'content-type': manifestType },
        body: manifest,
      }),
    worked: async (_, victim) => (await tagsOf(victim)).includes('rebound'),
  },
  {
    title: 'deletes a tag',
    from: 'a rebound name',
    script: () => send(`/v2/${repository}/manifests/doomed-too`, { method: 'DELETE' }),
    worked: async (_, victim) => !(await tagsOf(victim)).includes('doomed-too'),
  },
  {
    title: 'reads the catalog',
    from: 'another site',
    on: 'catalog',
    script: ({ catalog }) => send(`${catalog}/api/v1/workflows`),
    worked: holds('secret-workflow'),
  },
  {
    title: 'registers a workflow',
    from: 'another site',
    on: 'catalog',
    script: ({ catalog }) => send(`${catalog}/api/v1/workflows`, registration('from-another-site')),
    worked: async (_, victim) => (await workflowsOf(victim)).includes('from-another-site'),
  },
  {
    title: 'reads the catalog',
    from: 'a rebound name',
    on: 'catalog',
    script: () => send('/api/v1/workflows'),
    worked: holds('secret-workflow'),
  },
  {
    title: 'registers a workflow',
    from: 'a rebound name',
    on: 'catalog',
    script: () => send('/api/v1/workflows', registration('from-a-rebound-name')),
    worked: async (_, victim) => (await workflowsOf(victim)).includes('from-a-rebound-name'),
  },
];

async function openAt(place: Place, { port }: RunningServer): Promise<Page> {
  const page = await browser.newPage();
  if (place !== 'a rebound name') {
    await page.goto(`http://${place === 'another site' ? 'evil.example' : 'localhost'}:${evil.port}/`);
    return page;
  }
  // The name led to the attacker when the page was loaded, and leads to this machine from now on.
  const url = `http://rebound.example:${port}/attack`;
  await page.route(url, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><body>' }),
  );
  await page.goto(url);
  return page;
}

async function attackWorks({ from, on, script, worked }: Attack, victim: Victim): Promise<boolean> {
  const before = uploadsOf(victim);
  // Another port of the same host is the same site.
  const host = from === 'another port' ? 'localhost' : '127.0.0.1';
  const registry = `http://${host}:${victim.registry.port}`;
  const catalog = `http://${host}:${victim.catalog.port}`;
  const page = await openAt(from, on === 'catalog' ? victim.catalog : victim.registry);
  try {
    const got = await page.evaluate(script({ registry, catalog, victim }));
    return await worked(got, victim, before);
  } finally {
    await page.close();
  }
}

for (const attack of attacks) {
  const { title, from, on = 'registry' } = attack;
  test.skipIf(!peers)(`a page of ${from} ${title} (${on}): without the guard, not with it`, async () => {
    expect(await attackWorks(attack, unguarded), 'without the guard').toBe(true);
    expect(await attackWorks(attack, guarded), 'with the guard').toBe(false);
  });
}

test.skipIf(!peers)('a link of another site leads to a page of the catalog, and the page works', async () => {
  const page = await openAt('another site', guarded.catalog);
  await page.evaluate(
    `document.body.innerHTML = '<a href="http://127.0.0.1:${guarded.catalog.port}/?q=secret">follow me</a>'`,
  );
  await page.getByText('follow me').click();
  await page.waitForURL(/q=secret/);
  expect(await page.locator('tbody tr').count()).toBe(1);
  await page.getByLabel(/^Search by/).fill('nothing like it');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=nothing/);
  expect(await page.locator('main').innerText()).toContain('No workflow matches');
  const byName = await page.goto(`http://localhost:${guarded.catalog.port}/audit`);
  expect(byName?.status()).toBe(200);
  const rebound = await page.goto(`http://rebound.example:${guarded.catalog.port}/audit`);
  expect(rebound?.status()).toBe(421);
  await page.close();
});
