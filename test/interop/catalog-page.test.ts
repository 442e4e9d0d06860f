import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/async/system-clock.js';
import { buildBundle } from '../../src/bundle/build-bundle.js';
import { createDataStorageClient } from '../../src/catalog/data-storage/data-storage-client.js';
import { createBundleLookup } from '../../src/catalog-server/bundle-lookup.js';
import { type Catalog, createCatalog } from '../../src/catalog-server/catalog.js';
import { createCatalogReport } from '../../src/catalog-server/catalog-report.js';
import { createNodeTransport } from '../../src/http/connect/node-transport.js';
import { sendTo } from '../../src/http/serve/handler-transport.js';
import { type RunningServer, serve } from '../../src/http/serve/serve.js';
import { createRegistryClient } from '../../src/registry/client.js';
import { pushImage } from '../../src/registry/push-image.js';
import { readSources } from '../../src/tekton/sources/read-sources.js';
import { type StartedRegistry, startRegistry } from '../../src/testing/start-registry.js';
import { startTestDatabase, type TestDatabase } from '../support/catalog/catalog-databases.js';
import { sampleEvent, sampleRegistration } from '../support/catalog/catalog-samples.js';
import { findPeers } from '../support/peers.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('chromium');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const hostile = '<script>document.title="broken"</script>"\'><img src=x onerror=alert(1)>\u202egnp';
/** Where somebody may want to look at the pictures: kept only when named. */
const pictures = process.env.BUNDLES_PICTURES;

const pipeline = `
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: workflow}
spec:
  params: [{name: MESSAGE, type: string, default: hello}]
  tasks:
    - {name: fetch-source, taskRef: {name: git-clone}}
    - {name: unit-tests, runAfter: [fetch-source], taskRef: {name: golang-test}, retries: 2}
    - {name: lint, runAfter: [fetch-source], taskRef: {name: golangci-lint}}
    - {name: build-image, runAfter: [unit-tests, lint], taskRef: {resolver: bundles, params: [{name: name, value: buildah}]}}
    - {name: scan, runAfter: [build-image], taskRef: {name: trivy}, matrix: {params: [{name: platform, value: [amd64, arm64]}]}}
    - name: deploy
      params: [{name: IMAGE, value: "$(tasks.build-image.results.IMAGE_URL)"}]
      when: [{input: "$(params.MESSAGE)", operator: in, values: [hello]}]
      taskSpec: {steps: [{name: deploy, image: "docker.io/library/busybox:1", script: "echo hi"}]}
  finally:
    - {name: notify, taskRef: {name: send-to-slack}}
`;

let held: TestDatabase;
let registry: StartedRegistry;
let catalog: Catalog;
let server: RunningServer;
let browser: Browser;
const spool = tempDir('catalog-page-');
const fetchRegistry = createNodeTransport();

const post = async (path: string, body: unknown): Promise<Response> =>
  fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

beforeAll(async () => {
  if (!peers) return;
  held = await startTestDatabase('PGlite');
  registry = await startRegistry();
  const client = createRegistryClient({ send: fetchRegistry });
  const bundles = createBundleLookup({ registry: client, layouts: undefined, clock: systemClock });
  catalog = await createCatalog({ database: held.database, spool: spool.path, bundles });
  server = await serve(catalog.fetch);
  browser = await chromium.launch({
    executablePath: peers.chromium,
    args: ['--no-sandbox'],
    timeout: 120_000,
  });
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await catalog?.close();
  await held?.[Symbol.asyncDispose]();
  await registry?.stop();
  await fetchRegistry.close();
  await spool[Symbol.asyncDispose]();
});

/** Opens a page in both colour schemes and on a small screen, looks for violations, and takes its picture. */
async function look(path: string, name: string, act?: (page: Page) => Promise<void>): Promise<void> {
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
  ] as const) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 860 } });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      // A page that is missing is reported in the console too.
      if (message.type() === 'error' && !message.text().includes('status of'))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (
        !request.url().startsWith(server.url) &&
        !request.url().startsWith('file:') &&
        !request.url().startsWith('data:')
      )
        complaints.push(request.url());
    });
    await page.goto(path.startsWith('file:') ? path : `${server.url}${path}`, { timeout: 60_000 });
    await act?.(page);
    const sideways = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect(Number(sideways), `${name} at ${width} scrolls sideways`).toBeLessThanOrEqual(0);
    const broken = await page.evaluate(
      '[...document.querySelectorAll(".name:not(.long)")].filter((name) => name.getClientRects().length > 1).map((name) => name.textContent)',
    );
    expect(broken, `names broken in two, ${name} at ${width}`).toEqual([]);
    await page.evaluate(axeSource);
    const { violations } = (await page.evaluate('axe.run()')) as {
      violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
    };
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(
      serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`),
      `${name}, ${colorScheme}, ${width}`,
    ).toEqual([]);
    const picture = await page.screenshot({ fullPage: true });
    expect(picture.length).toBeGreaterThan(8_000);
    if (pictures) {
      mkdirSync(pictures, { recursive: true });
      writeFileSync(join(pictures, `${name}-${colorScheme}-${width}.png`), picture);
    }
    expect(complaints, name).toEqual([]);
    await context.close();
  }
}

test.skipIf(!peers)('an empty catalog', async () => {
  await look('/', 'empty');
  await look('/audit', 'audit-empty');
});

test.skipIf(!peers)(
  'a catalog with workflows, one with its graph, the audit trail, and what is missing',
  async () => {
    const { objects } = readSources([{ path: 'pipeline.yaml', bytes: new TextEncoder().encode(pipeline) }]);
    const bundle = buildBundle(objects);
    const client = createRegistryClient({ send: fetchRegistry });
    await pushImage(
      client.repository({ registry: registry.host, repository: 'acme/release' }),
      bundle.image,
      'v1.0.0',
    );
    const labels = sampleRegistration().labels;
    for (const [index, [name, title, changes]] of (
      [
        ['restart-pod', 'Restart a pod', { labels: { ...labels, severity: 'high', priority: 'P1' } }],
        [
          'scale-deployment',
          'Scale a deployment',
          { labels: { ...labels, signal_type: 'CPUThrottling', severity: 'medium' } },
        ],
        ['rotate-credentials', 'Rotate credentials', { status: 'deprecated' }],
        [
          'drain-node',
          'Drain a node',
          { status: 'disabled', labels: { ...labels, component: 'node', environment: '*' } },
        ],
        ['hostile', hostile, { description: hostile, labels: { ...labels, signal_type: hostile } }],
      ] as const
    ).entries()) {
      const digest = `sha256:${String(index).repeat(64)}`;
      const image = {
        container_image: `${registry.host}/acme/${name}:v1@${digest}`,
        container_digest: digest,
      };
      const sent = sampleRegistration({ workflow_name: name, name: title, ...image, ...changes });
      expect((await post('/api/v1/workflows', sent)).status).toBe(201);
    }
    const image = {
      container_image: `${registry.host}/acme/release:v1.0.0@${bundle.digest}`,
      container_digest: bundle.digest,
    };
    const parameters = {
      schema: {
        parameters: [
          {
            name: 'MESSAGE',
            type: 'string',
            required: false,
            description: 'What to say first',
            default: 'hello',
            enum: ['hello', hostile],
          },
          {
            name: 'DELAY_SECONDS',
            type: 'integer',
            required: true,
            description: 'How long to wait',
            minimum: 0,
            maximum: 600,
          },
        ],
      },
    };
    const release = { workflow_name: 'release', name: 'Build, scan and deploy', ...image, parameters };
    await post('/api/v1/workflows', sampleRegistration({ ...release, version: '0.9.0' }));
    const created = await post(
      '/api/v1/workflows',
      sampleRegistration({
        ...release,
        description: 'Builds the image of a service, scans it on both platforms and deploys it.',
        custom_labels: { team: ['payments'] },
      }),
    );
    const { workflow_id } = (await created.json()) as { workflow_id: string };
    await post('/api/v1/audit/events/batch', [
      sampleEvent({
        event_type: 'workflow.registered',
        event_action: 'registered',
        resource_type: 'Workflow',
        resource_id: workflow_id,
      }),
      sampleEvent({
        event_type: hostile.slice(0, 100),
        event_outcome: 'failure',
        event_data: { [hostile]: hostile },
      }),
      sampleEvent({ event_type: 'workflow.started', event_outcome: 'pending', event_category: 'execution' }),
    ]);

    await look('/', 'catalog', async (page) => {
      await page
        .getByText('not served')
        .first()
        .waitFor({ timeout: 1000 })
        .catch(() => page.reload());
      expect(await page.locator('tbody tr').count()).toBe(6);
      expect(await page.title()).toBe('Workflows · workflow catalog');
      expect(await page.locator('tbody').innerText()).toContain('<script>document.title=');
      expect(await page.locator('main script, main img').count()).toBe(0);
    });
    await look(`/workflows/${workflow_id}`, 'workflow', async (page) => {
      expect(await page.locator('svg .task').count()).toBe(7);
      expect(await page.locator('svg .edge').count()).toBe(6);
      expect(await page.locator('.badge.good').first().innerText()).toBe('active');
      expect(await page.locator('main').innerText()).toMatch(/served/);
      expect(await page.locator('main').innerText()).toContain('0.9.0');
    });
    await look('/?q=drain&status=disabled', 'search', async (page) => {
      expect(await page.locator('tbody tr').count()).toBe(1);
    });
    await look('/?q=nothing%20like%20it', 'nothing-found');
    await look('/audit', 'audit');
    await look('/audit?event_outcome=failure', 'audit-failures', async (page) => {
      expect(await page.locator('tbody tr').count()).toBe(1);
    });
    await look('/workflows/00000000-0000-4000-8000-000000000000', 'error');
    await look('/no/such/page', 'not-found', async (page) => {
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('No such page');
    });
  },
);

test.skipIf(!peers)('the report in one file, and the search in it', async () => {
  const client = createDataStorageClient({
    send: sendTo(catalog.fetch),
    clock: systemClock,
    url: 'http://catalog.test',
  });
  const bundles = createBundleLookup({
    registry: createRegistryClient({ send: fetchRegistry }),
    layouts: undefined,
    clock: systemClock,
  });
  const report = await createCatalogReport({ client, bundles, source: hostile, clock: systemClock });
  expect([report.workflows, report.versions, report.events]).toEqual([6, 7, 3]);
  const file = join(spool.path, 'report.html');
  writeFileSync(file, report.html);
  await look(`file://${file}`, 'report', async (page) => {
    const rows = () => page.locator('tbody tr[role=row]:visible').count();
    expect(await rows()).toBe(6);
    expect(await page.locator('svg .task').count()).toBe(7);
    await page.getByLabel(/^Search by/).fill('SCAN and');
    expect([await rows(), await page.locator('article:visible').count()]).toEqual([1, 1]);
    expect(await page.locator('p[role=status]').innerText()).toBe('1 found');
    await page.getByLabel(/^Search by/).fill('');
    expect(await rows()).toBe(6);
  });
});

test.skipIf(!peers)('the page is used by keyboard alone', async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}/`);
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
  await page.getByLabel(/^Search by/).focus();
  await page.keyboard.type('release');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=release/);
  await page.getByRole('link', { name: 'Build, scan and deploy' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/workflows\//);
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Build, scan and deploy');
  await page.close();
});

test.skipIf(!peers)('a database that is away has a page that reports it', async () => {
  await held.takeAway();
  try {
    await look('/', 'away', async (page) => {
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('The database is away');
    });
  } finally {
    await held.bringBack();
  }
});
