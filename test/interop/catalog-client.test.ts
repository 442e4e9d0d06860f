import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/async/system-clock.js';
import { createAuditTrail } from '../../src/catalog/audit/audit-trail.js';
import { registerWorkflow } from '../../src/catalog/catalog-target.js';
import { createDataStorageClient } from '../../src/catalog/data-storage/data-storage-client.js';
import { dataStorageTarget } from '../../src/catalog/data-storage/data-storage-target.js';
import { sendTo } from '../../src/http/serve/handler-transport.js';
import { serve } from '../../src/http/serve/serve.js';
import { databaseKinds, startTestDatabase, type TestDatabase } from '../support/catalog/catalog-databases.js';
import { catalogEntry } from '../support/catalog/catalog-entry.js';
import { checkedCatalog } from '../support/catalog/checked-catalog.js';
import { wrongWith } from '../support/catalog/data-storage.js';
import { createFetchTransport } from '../support/network/fetch-transport.js';
import { seededRandom } from '../support/random/seeded-random.js';
import { tempDir } from '../support/temp-dir.js';

/** An embedded catalog in strict mode behind a socket, and a client whose requests are held to both documents. */
async function startCatalog({ database }: TestDatabase, loseReply: () => boolean = () => false) {
  const checked = await checkedCatalog({ database, mode: 'strict' });
  const transport = createFetchTransport();
  const problems: string[] = [];
  let server = await serve(checked.fetch);
  const { url, port } = server;
  const fetch = async (request: Request) => {
    const { method } = request;
    const contentType = request.headers.get('content-type');
    const body = await request.clone().text();
    problems.push(...wrongWith({ method, url: request.url, contentType, body }));
    const response = await transport(request);
    if (!loseReply()) return response;
    await response.body?.cancel();
    throw Object.assign(new Error('lost by the test'), { code: 'ECONNRESET' });
  };
  return {
    problems,
    url,
    fetch,
    goAway: () => server.close(),
    async comeBack() {
      server = await serve(checked.fetch, { port });
    },
    async [Symbol.asyncDispose]() {
      await transport.close();
      await server.close();
      await checked[Symbol.asyncDispose]();
    },
  };
}

test.each(databaseKinds)(
  'the client and the embedded catalog in strict mode understand each other, on %s',
  async (kind) => {
    await using database = await startTestDatabase(kind);
    const random = seededRandom(7);
    let losing = false;
    await using catalog = await startCatalog(database, () => losing && random() < 0.3);
    const clock = systemClock;
    const client = createDataStorageClient({ send: sendTo(catalog.fetch), clock, url: catalog.url });
    const target = dataStorageTarget({ client, clock });
    const entry = catalogEntry('hello');
    const created = await registerWorkflow(target, entry);
    expect(created.action).toBe('created');
    expect(await registerWorkflow(target, entry)).toEqual({ ...created, action: 'unchanged' });
    const other = catalogEntry('hello', { text: 'Says goodbye' });
    await expect(registerWorkflow(target, other)).rejects.toMatchObject({ code: 'CATALOG_CONFLICT' });
    await registerWorkflow(target, catalogEntry('hello', { version: '1.1.0' }));
    expect((await client.versionsOf('hello')).map(({ version }) => version)).toEqual(['1.1.0', '1.0.0']);
    const id = created.workflowId ?? '';
    expect(await client.getWorkflow(id)).toMatchObject({
      content: entry.content,
      container_digest: entry.digest,
    });
    expect(await client.getWorkflow('0b51a8a3-2e0e-4b1f-9d38-65b3ff1cb0d0')).toBeUndefined();
    const filters = {
      signal_type: 'Test',
      severity: 'low',
      component: 'deployment',
      environment: 'test',
      priority: 'P3',
    } as const;
    expect((await client.searchWorkflows({ filters })).workflows.map(({ title }) => title)).toEqual([
      'Hello: hello',
    ]);
    expect((await client.disableWorkflow(id, { reason: 'old' }))?.status).toBe('disabled');
    expect((await client.listWorkflows({ status: 'disabled' })).total).toBe(1);
    expect((await client.health()).healthy).toBe(true);
    losing = true;
    const many = Array.from({ length: 30 }, (_, number) => catalogEntry(`many-${number}`));
    await Promise.all(many.map((one) => registerWorkflow(target, one)));
    losing = false;
    expect((await client.listWorkflows()).total).toBe(32);
    expect(catalog.problems).toEqual([]);
  },
);

test('2,000 audit events while the catalog is away for a whole minute, and replies lost after it: each arrives once', async () => {
  await using database = await startTestDatabase('PGlite');
  await using directory = tempDir();
  const random = seededRandom(11);
  let losing = true;
  await using catalog = await startCatalog(database, () => losing && random() < 0.2);
  const clock = systemClock;
  const settings = { send: sendTo(catalog.fetch), clock, url: catalog.url, attempts: 1 };
  const trail = await createAuditTrail({
    client: createDataStorageClient(settings),
    directory: directory.path,
    clock,
  });
  await catalog.goAway();
  const began = clock.now();
  for (let number = 0; number < 2_000; number++) {
    await trail.record({
      ...({ type: 'bundle.published', outcome: 'success', severity: 'info' } as const),
      resource: { type: 'Bundle', id: `quay.io/acme/b${number}:v1` },
      data: { bundle: String(number) },
    });
  }
  const recordedMs = clock.now() - began;
  await clock.sleep(60_000 - recordedMs);
  await catalog.comeBack();
  const back = clock.now();
  expect(await trail.close({ withinMs: 120_000 })).toMatchObject({ error: { code: 'CATALOG_UNREACHABLE' } });
  // Closing tries once: what a lost reply leaves open, the next run asks for and sends.
  losing = true;
  for (let run = 0; readdirSync(directory.path).length > 0 && run < 50; run++) {
    const next = await createAuditTrail({
      client: createDataStorageClient(settings),
      directory: directory.path,
      clock,
    });
    await next.close({ withinMs: 60_000 });
  }
  losing = false;
  console.log(`audit: recorded in ${recordedMs} ms, arrived ${clock.now() - back} ms after the minute`);
  const client = createDataStorageClient({ ...settings, attempts: 5 });
  const found: string[] = [];
  for (let offset = 0; offset < 3_000; offset += 1_000) {
    const query = { correlationId: trail.correlationId, limit: 1_000, offset };
    found.push(
      ...(await client.queryAuditEvents(query)).data.map(({ event_data: data }) => String(data.bundle)),
    );
  }
  expect(found.length).toBe(2_000);
  expect(new Set(found).size).toBe(2_000);
  expect([readdirSync(directory.path), catalog.problems]).toEqual([[], []]);
});
