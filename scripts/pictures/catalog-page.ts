import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { systemClock } from '../../src/async/system-clock.js';
import { buildBundle } from '../../src/bundle/build-bundle.js';
import { createBundleLookup } from '../../src/catalog-server/bundle-lookup.js';
import { createCatalog } from '../../src/catalog-server/catalog.js';
import { createNodeTransport } from '../../src/http/connect/node-transport.js';
import { readProxySettings } from '../../src/http/connect/proxy-settings.js';
import { serve } from '../../src/http/serve/serve.js';
import { createRegistryClient } from '../../src/registry/client.js';
import { pushImage } from '../../src/registry/push-image.js';
import { readSources } from '../../src/tekton/sources/read-sources.js';
import { startTestDatabase } from '../../test/support/catalog/catalog-databases.js';
import { sampleRegistration } from '../../test/support/catalog/catalog-samples.js';
import { startNamedRegistry } from '../../test/support/registry/named-registry.js';
import { tempDir } from '../../test/support/temp-dir.js';

const schemes = ['light', 'dark'] as const;
const viewport = { width: 960, height: 568 };

const pipeline = `
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: workflow}
spec:
  tasks:
    - {name: fetch-source, taskRef: {name: git-clone}}
    - {name: unit-tests, runAfter: [fetch-source], taskRef: {name: golang-test}, retries: 2}
    - {name: lint, runAfter: [fetch-source], taskRef: {name: golangci-lint}}
    - {name: build-image, runAfter: [unit-tests, lint], taskRef: {name: buildah}}
    - {name: scan, runAfter: [build-image], taskRef: {name: trivy}, matrix: {params: [{name: platform, value: [amd64, arm64]}]}}
    - {name: deploy, runAfter: [scan], taskRef: {name: kustomize}}
  finally:
    - {name: notify, taskRef: {name: send-to-slack}}
`;

/** What a picture of the catalog shows. */
export interface CatalogPictures {
  /** WebP by file name. */
  readonly pictures: Readonly<Record<string, Uint8Array>>;
  /** The text that can be read in each of them, one piece on each line. */
  readonly text: string;
}

/** The page of a workflow in the embedded catalog, as Chromium shows it in both colour schemes. */
export async function photographCatalog(executablePath: string): Promise<CatalogPictures> {
  await using registry = await startNamedRegistry('quay.io');
  await using directory = tempDir('catalog-picture-');
  await using database = await startTestDatabase('PGlite');
  const send = createNodeTransport({
    tls: { ca: [registry.certificate] },
    proxy: readProxySettings(registry.environment),
  });
  const client = createRegistryClient({ send });
  const bundles = createBundleLookup({ registry: client, layouts: undefined, clock: systemClock });
  const catalog = await createCatalog({
    database: database.database,
    spool: join(directory.path, 'spool'),
    bundles,
  });
  const server = await serve(catalog.fetch);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'], timeout: 120_000 });
  try {
    const { objects } = readSources([{ path: 'pipeline.yaml', bytes: new TextEncoder().encode(pipeline) }]);
    const bundle = buildBundle(objects);
    const repository = client.repository({ registry: 'quay.io', repository: 'acme/pipelines/release' });
    await pushImage(repository, bundle.image, 'v1.0.0');
    const id = await register(server.url, bundle.digest);
    const pictures: Record<string, Uint8Array> = {};
    let text = '';
    for (const colorScheme of schemes) {
      const context = await browser.newContext({ colorScheme, viewport, deviceScaleFactor: 1.5 });
      const page = await context.newPage();
      await page.goto(`${server.url}/workflows/${id}`, { timeout: 60_000 });
      const session = await context.newCDPSession(page);
      const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
      pictures[`catalog-${colorScheme}.webp`] = Buffer.from(data, 'base64');
      text = String(await page.evaluate(visibleText));
      await context.close();
    }
    return { pictures, text };
  } finally {
    await browser.close();
    await server.close();
    await catalog.close();
    await send.close();
  }
}

/** Evaluated in the page: every text that lies within the window. */
const visibleText = `(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const lines = [];
  while (walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const { width, bottom } = range.getBoundingClientRect();
    const text = walker.currentNode.data.replace(/\\s+/g, ' ').trim();
    if (text !== '' && width > 1 && bottom > 0 && bottom <= window.innerHeight) lines.push(text + '\\n');
  }
  return lines.join('');
})()`;

async function register(url: string, digest: string): Promise<string> {
  const parameter = { type: 'string', required: false };
  const parameters = [
    { ...parameter, name: 'SERVICE', required: true, description: 'The service to release' },
    { ...parameter, name: 'MESSAGE', default: 'released', description: 'What to send to the channel' },
    {
      name: 'TIMEOUT_SECONDS',
      type: 'integer',
      required: false,
      minimum: 30,
      maximum: 600,
      description: 'How long to wait for the rollout',
    },
  ];
  const body = sampleRegistration({
    workflow_name: 'release',
    name: 'Build, scan and deploy',
    description: 'Builds the image of a service, scans it on both platforms and deploys it.',
    container_image: `quay.io/acme/pipelines/release:v1.0.0@${digest}`,
    container_digest: digest,
    labels: {
      signal_type: 'ImageVulnerable',
      severity: 'high',
      component: 'deployment',
      environment: 'staging',
      priority: 'P1',
    },
    parameters: { schema: { parameters } },
  });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/workflows`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  if (answer.status !== 201) throw new Error(`the catalog answered ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { workflow_id: string }).workflow_id;
}
