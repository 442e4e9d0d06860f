import { expect, test } from 'vitest';
import {
  dataStorageStandIn,
  problem,
  type StandInOptions,
} from '../../../test/support/catalog/data-storage.js';
import { createJumpingClock } from '../../../test/support/clocks/jumping-clock.js';
import { systemError } from '../../../test/support/registry/scripted-fetch.js';
import { type Fetch, sendTo } from '../../http/serve/handler-transport.js';
import { isCatalogError } from '../catalog-error.js';
import { createDataStorageClient } from './data-storage-client.js';

const id = '0b51a8a3-2e0e-4b1f-9d38-65b3ff1cb0d0';

function connect(fault?: StandInOptions['fault'], token?: string) {
  const service = dataStorageStandIn(fault ? { fault } : {});
  return {
    service,
    client: clientOf(service.fetch, token === undefined ? {} : { token, url: 'https://c.test' }),
  };
}

function clientOf(
  fetch: Fetch,
  { token, url = 'http://catalog.test/base/' }: { token?: string | undefined; url?: string } = {},
) {
  const clock = createJumpingClock();
  return createDataStorageClient({ send: sendTo(fetch), clock, url, token, random: () => 0.5 });
}

async function failure(task: Promise<unknown>) {
  const error = await task.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isCatalogError(error)) throw error ?? new Error('it succeeded');
  return error;
}

test('a GET is sent again until the catalog answers, up to a limit', async () => {
  const { service, client } = connect((_, number) => (number < 2 ? 'away' : undefined));
  const plain = clientOf(service.fetch, { url: 'http://catalog.test' });
  expect(await plain.versionsOf('nobody')).toEqual([]);
  expect(service.exchanges.map(({ status }) => status)).toEqual([undefined, undefined, 200]);
  expect(client.url).toBe('http://catalog.test/base');
  const gone = connect(() => 'away');
  const error = await failure(clientOf(gone.service.fetch).versionsOf('hello'));
  expect(error).toMatchObject({ code: 'CATALOG_UNREACHABLE', reason: 'network', mayHaveHappened: false });
  expect(gone.service.exchanges.length).toBe(5);
});

test('once given up, the catalog is not waited for again', async () => {
  const { service, client } = connect(() => 'away');
  await failure(client.versionsOf('one'));
  const asked = service.exchanges.length;
  const second = await failure(client.versionsOf('two'));
  expect(second).toMatchObject({ code: 'CATALOG_UNREACHABLE', reason: 'network', mayHaveHappened: false });
  expect(second.message).toMatch(/^Cannot look for "two" in the catalog: .*catalog\.test/);
  expect(service.exchanges.length).toBe(asked);
});

test.each([
  ['lists nothing', { workflows: [], limit: 1, offset: 0, total: 0 }, /13 February to 23 July 2026/],
  [
    'lists members of later names',
    { workflows: [{ workflowId: 'x', workflowName: 'a', version: '1.0.0' }] },
    /13 February to 23 July 2026.*camelCase keys, as versions since 17 February 2026/,
  ],
  ['has no list either', undefined, /no workflow catalog, as versions since July 2026/],
])('a service without versions by name that %s is recognised, by one question', async (_, list, hint) => {
  const missing = () =>
    new Response('404 page not found\n', { status: 404, headers: { 'content-type': 'text/plain' } });
  const listed = (url: string) => url.includes('/api/v1/workflows?');
  const { service, client } = connect(({ url }) => (listed(url) && list ? Response.json(list) : missing()));
  for (const name of ['one', 'two']) {
    const error = await failure(client.versionsOf(name));
    expect(error).toMatchObject({ code: 'CATALOG_REFUSED', reason: 'generation', status: 404 });
    expect([error.message, error.hint]).toEqual([
      expect.stringContaining(`"${name}"`),
      expect.stringMatching(hint),
    ]);
  }
  expect(service.exchanges.filter(({ path }) => path.endsWith('/api/v1/workflows')).length).toBe(1);
});

test('a write is not sent again where it may have happened, but where it certainly did not', async () => {
  const events = [{ ...sampleEvent() }];
  const lost = connect(() => 'lose-reply');
  const error = await failure(
    clientOf(lost.service.fetch, { url: 'http://c.test' }).writeAuditEvents(events),
  );
  expect(error).toMatchObject({ reason: 'network', mayHaveHappened: true });
  expect(lost.service.events.length).toBe(1);
  const busy = problem(503, 'service-unavailable', 'database away');
  busy.headers.set('retry-after', '1');
  const away = connect((_, number) => ['away' as const, busy, undefined][number]);
  await clientOf(away.service.fetch, { url: 'http://c.test' }).writeAuditEvents(events);
  expect(away.service.exchanges.map(({ status }) => status)).toEqual([undefined, 503, 201]);
  expect(away.service.events.length).toBe(1);
  expect(away.service.problems).toEqual([]);
});

test('a gateway that gives up proves nothing about a write', async () => {
  const { service, client } = connect(() => new Response('<html>', { status: 504 }));
  const error = await failure(client.writeAuditEvents([sampleEvent()]));
  expect(error).toMatchObject({ reason: 'server-error', status: 504, mayHaveHappened: true });
  expect(service.exchanges.length).toBe(1);
});

test('the token goes to the catalog and into no message', async () => {
  const { service, client } = connect(
    () => problem(403, 'forbidden', 'token s3cr3t-token may not'),
    's3cr3t-token',
  );
  const error = await failure(client.getWorkflow(id));
  expect([...service.tokens]).toEqual(['Bearer s3cr3t-token']);
  expect(error).toMatchObject({ code: 'CATALOG_REFUSED', reason: 'forbidden' });
  expect(JSON.stringify([error.message, error.details, error.hint])).not.toContain('s3cr3t');
});

test.each([
  ['ftp://catalog.test', undefined],
  ['catalog.test:8080', undefined],
  ['http://user:pw@catalog.test', undefined],
  ['http://catalog.test/?a=b', undefined],
  ['http://catalog.example.com', 'a-token'],
  ['https://catalog.example.com', 'two words'],
])('the address %s is refused', (url, token) => {
  const make = () =>
    createDataStorageClient({ send: sendTo(fetch), clock: createJumpingClock(), url, token });
  expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

test.each([
  'http://127.0.0.1:8081',
  'http://10.1.2.3',
  'http://data-storage.kubernaut.svc.cluster.local:8080',
  'https://x.example',
])('a token may go to %s', (url) => {
  expect(
    createDataStorageClient({ send: sendTo(fetch), clock: createJumpingClock(), url, token: 'abc' }).url,
  ).toBe(url);
});

test.each([
  [
    'a login page',
    () => new Response('<html>log in</html>', { headers: { 'content-type': 'text/html' } }),
    'not-a-catalog',
  ],
  ['other JSON', () => Response.json({ hello: 'world' }), 'not-a-catalog'],
  ['entries without an id', () => Response.json({ versions: [{}], total: 1 }), 'not-a-catalog'],
  [
    'a redirect',
    () => new Response(null, { status: 307, headers: { location: 'http://evil.test' } }),
    'redirect',
  ],
  ['too much', () => new Response(new Uint8Array(33 * 1024 * 1024)), 'too-large'],
  ['a reset', () => systemError('ECONNRESET'), 'network'],
] as const)('%s is not an answer worth trusting', async (_, answer, reason) => {
  const client = clientOf(async () => {
    const given = answer();
    if (given instanceof Error) throw given;
    return given;
  });
  expect(await failure(client.versionsOf('hello'))).toMatchObject({ code: 'CATALOG_UNREACHABLE', reason });
});

test('an answer that never ends is given up after the deadline', async () => {
  const clock = createJumpingClock();
  const fetch: Fetch = () => new Promise(() => undefined);
  const client = createDataStorageClient({
    send: sendTo(fetch),
    clock,
    url: 'http://c.test',
    timeoutMs: 1_000,
    random: () => 0,
  });
  expect(await failure(client.createWorkflow({} as never))).toMatchObject({ mayHaveHappened: true });
});

test('an abort rejects with its reason', async () => {
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  const { client } = connect();
  await expect(client.health({ signal: controller.signal })).rejects.toThrow('enough');
});

test('list, search, get, disable and health ask as both documents say', async () => {
  const seen: string[] = [];
  const record = { workflow_id: id, version: '1.0.0', content_hash: 'a', title: 'Hello' };
  const { service } = connect((request) => {
    if (!request.url.includes('/api/')) return undefined;
    seen.push(`${request.method} ${new URL(request.url).pathname}${new URL(request.url).search}`);
    if (request.url.endsWith('/disable')) return Response.json(record);
    return Response.json(
      request.url.endsWith(id) ? record : { workflows: [record], limit: 1, offset: 0, total: 1 },
    );
  });
  const client = clientOf(service.fetch, { url: 'http://c.test' });
  expect((await client.listWorkflows({ status: 'active', limit: 10 })).total).toBe(1);
  const filters = {
    signal_type: 'Test',
    severity: 'low',
    component: 'pod',
    environment: 'test',
    priority: 'P3',
  } as const;
  expect((await client.searchWorkflows({ filters })).workflows[0]?.title).toBe('Hello');
  expect((await client.getWorkflow(id))?.version).toBe('1.0.0');
  expect(await client.disableWorkflow(id, { reason: 'old', updatedBy: 'me' })).toMatchObject({
    workflow_id: id,
  });
  expect(await client.health()).toEqual({
    healthy: true,
    said: { status: 'healthy', database: 'connected' },
  });
  expect(seen).toEqual([
    'GET /api/v1/workflows?status=active&limit=10',
    'POST /api/v1/workflows/search',
    `GET /api/v1/workflows/${id}`,
    `PATCH /api/v1/workflows/${id}/disable`,
  ]);
});

test('an unknown workflow is undefined where the service reports it as unknown', async () => {
  const { client } = connect(() => problem(404, 'not-found', 'no such workflow'));
  expect(await client.getWorkflow(id)).toBeUndefined();
  expect(await client.disableWorkflow(id, {})).toBeUndefined();
});

function sampleEvent() {
  return {
    version: '1.0',
    event_type: 'bundle.published',
    event_timestamp: new Date().toISOString(),
    event_category: 'workflow',
    event_action: 'published',
    event_outcome: 'success',
    correlation_id: 'run-1',
    event_data: { bundle: 'hello' },
  } as const;
}
