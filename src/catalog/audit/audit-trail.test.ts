import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  dataStorageStandIn,
  problem,
  type StandInOptions,
} from '../../../test/support/catalog/data-storage.js';
import { createFastClock } from '../../../test/support/clocks/fast-clock.js';
import { seededRandom } from '../../../test/support/random/seeded-random.js';
import { tempDir } from '../../../test/support/temp-dir.js';
import { sendTo } from '../../http/serve/handler-transport.js';
import type { AuditEventRequest } from '../data-storage/data-storage-api.js';
import { createDataStorageClient } from '../data-storage/data-storage-client.js';
import { type AuditNote, toAuditEvent } from './audit-event.js';
import { openSpool } from './audit-spool.js';
import { createAuditTrail } from './audit-trail.js';

const note = (bundle: string): AuditNote => ({
  type: 'bundle.published',
  outcome: 'success',
  severity: 'info',
  resource: { type: 'Bundle', id: `quay.io/acme/${bundle}:v1` },
  data: { bundle },
});

function setUp(directory: string, options: StandInOptions = {}) {
  const clock = createFastClock(60);
  const service = dataStorageStandIn({ now: clock.now, ...options });
  const client = createDataStorageClient({
    send: sendTo(service.fetch),
    clock,
    url: 'http://c.test',
    attempts: 1,
  });
  const open = (more: object = {}) => createAuditTrail({ client, directory, clock, ...more });
  return { service, clock, open, client };
}

const allSent = { waiting: 0, error: undefined, refused: 0, refusal: undefined };

/** Data of the events by bundle, each as often as it arrived. */
const arrived = ({ events }: ReturnType<typeof dataStorageStandIn>) =>
  events.map(({ event_data }) => String(event_data.bundle)).sort();

test('events arrive once, as the service accepts them, and leave no spool', async () => {
  await using directory = tempDir();
  const { service, open } = setUp(directory.path);
  const trail = await open();
  await Promise.all(['a', 'b'].map((name) => trail.record(note(name))));
  expect(await trail.close({ withinMs: 60_000 })).toEqual(allSent);
  expect(arrived(service)).toEqual(['a', 'b']);
  expect(service.events[0]).toMatchObject({
    version: '1.0',
    event_type: 'bundle.published',
    event_category: 'workflow',
    event_action: 'published',
    event_outcome: 'success',
    actor_type: 'service',
    actor_id: 'tekton-bundles',
    correlation_id: trail.correlationId,
    severity: 'info',
    event_data: { event_id: expect.stringMatching(/^[0-9a-f-]{36}$/), occurred_at: expect.any(String) },
  });
  expect([service.problems, readdirSync(directory.path)]).toEqual([[], []]);
});

test('a run without events sends no request and writes nothing', async () => {
  await using directory = tempDir();
  const { service, open } = setUp(directory.path);
  await (await open()).close({ withinMs: 1_000 });
  expect([service.exchanges, readdirSync(directory.path)]).toEqual([[], []]);
});

test('2,000 events while the catalog is away all arrive once, and none is waited for', async () => {
  await using directory = tempDir();
  let away = true;
  const { service, open } = setUp(directory.path, { fault: () => (away ? 'away' : undefined) });
  const trail = await open();
  for (let number = 0; number < 2_000; number++) void trail.record(note(String(number)));
  await trail.record(note('last'));
  expect(service.events.length).toBe(0);
  const failed = () => service.exchanges.filter(({ status }) => status === undefined).length;
  await expect.poll(failed, { timeout: 20_000 }).toBeGreaterThan(3);
  away = false;
  expect(await trail.close({ withinMs: 6_000_000 })).toEqual(allSent);
  expect(new Set(arrived(service)).size).toBe(2_001);
  expect(service.events.length).toBe(2_001);
  expect(service.problems).toEqual([]);
});

test.concurrent.each([1, 2, 3, 4])(
  'replies and requests lost at random lose and repeat nothing (seed %i)',
  async (seed) => {
    await using directory = tempDir();
    const random = seededRandom(seed);
    const faults = ['lose-reply', 'lose-request', 'away', new Response('busy', { status: 502 })] as const;
    const { service, open, clock } = setUp(directory.path, {
      fault: () => (random() < 0.4 ? faults[Math.floor(random() * faults.length)] : undefined),
    });
    const trail = await open();
    for (let number = 0; number < 500; number++) {
      void trail.record(note(String(number).padStart(3, '0')));
      if (number % 50 === 0) await clock.sleep(2_000);
    }
    await expect.poll(() => service.events.length, { timeout: 50_000 }).toBeGreaterThanOrEqual(500);
    await trail.close({ withinMs: 6_000_000 });
    expect(arrived(service)).toEqual(
      Array.from({ length: 500 }, (_, number) => String(number).padStart(3, '0')),
    );
    expect(service.problems).toEqual([]);
  },
);

test.concurrent('a refused event is not sent again within the run, and nothing is lost', async () => {
  await using directory = tempDir();
  const { service, open, clock } = setUp(directory.path, {
    fault: () => problem(401, 'unauthorized', 'who?'),
  });
  const trail = await open();
  await trail.record(note('a'));
  await clock.sleep(120_000);
  const report = await trail.close({ withinMs: 1_000 });
  expect([report.waiting, report.error?.code]).toEqual([1, 'CATALOG_REFUSED']);
  expect(service.exchanges.length).toBe(1);
});

/** A service that takes only the events that the test names, and finds any other batch invalid. */
function setUpStrict(directory: string, accepts: (event: AuditEventRequest) => boolean) {
  const { service, clock } = setUp(directory);
  const client = createDataStorageClient({
    send: sendTo(async (request) => {
      if (request.method !== 'POST') return service.fetch(request);
      const body = await request.text();
      const events = JSON.parse(body) as AuditEventRequest[];
      if (!events.every(accepts)) {
        service.exchanges.push({ method: 'POST', path: 'refused', status: 400 });
        return problem(400, 'validation-error', 'request body has an error');
      }
      return service.fetch(new Request(request.url, { method: 'POST', headers: request.headers, body }));
    }),
    clock,
    url: 'http://c.test',
    attempts: 1,
  });
  return { service, clock, open: () => createAuditTrail({ client, directory, clock }) };
}

test('events of a type that the service does not take are given up after few requests, the others arrive', async () => {
  await using directory = tempDir();
  const { service, open } = setUpStrict(
    directory.path,
    (event) => event.event_type === 'workflow.registered',
  );
  const registered: AuditNote = { ...note('w'), type: 'workflow.registered' };
  const trail = await open();
  for (let number = 0; number < 500; number++) void trail.record(note(String(number)));
  await trail.record(registered);
  const report = await trail.close({ withinMs: 6_000_000 });
  expect(report).toMatchObject({
    waiting: 0,
    error: undefined,
    refused: 500,
    refusal: { code: 'CATALOG_REFUSED' },
  });
  expect(arrived(service)).toEqual(['w']);
  expect(service.exchanges.length).toBeLessThan(25);
  // Nothing is left for a later run to try.
  service.exchanges.length = 0;
  expect(await (await open()).close({ withinMs: 60_000 })).toEqual(allSent);
  expect([service.exchanges, readdirSync(directory.path)]).toEqual([[], []]);
});

test.each([
  ['the first', (number: number) => number < 9],
  ['the last', (number: number) => number >= 292],
  ['some', (number: number) => number % 61 === 7],
])('where %s events are invalid all others arrive once', async (_, isBad) => {
  await using directory = tempDir();
  const { service, open } = setUpStrict(
    directory.path,
    ({ event_data }) => !isBad(Number(event_data.bundle)),
  );
  const trail = await open();
  const numbers = Array.from({ length: 300 }, (_, number) => number);
  await Promise.all(numbers.map((number) => trail.record(note(String(number)))));
  const report = await trail.close({ withinMs: 6_000_000 });
  expect([report.waiting, report.refused]).toEqual([0, numbers.filter(isBad).length]);
  expect(arrived(service)).toEqual(
    numbers
      .filter((number) => !isBad(number))
      .map(String)
      .sort(),
  );
});

test('what is not sent in time waits in the spool, and the next run sends it, asking first what arrived', async () => {
  await using directory = tempDir();
  let fault: 'away' | 'lose-reply' | undefined = 'lose-reply';
  const { service, open } = setUp(directory.path, {
    fault: ({ method }) => (fault === 'lose-reply' && method === 'GET' ? 'away' : fault),
  });
  const first = await open();
  await first.record(note('a'));
  const report = await first.close({ withinMs: 600 });
  expect([report.waiting, report.error?.code]).toEqual([1, 'CATALOG_UNREACHABLE']);
  expect(service.events.length).toBe(1);
  expect(readFileSync(join(directory.path, `${first.correlationId}.jsonl`), 'utf8')).toContain(
    '"bundle":"a"',
  );
  fault = undefined;
  const second = await open();
  await second.record(note('b'));
  await second.close({ withinMs: 60_000 });
  expect(arrived(service)).toEqual(['a', 'b']);
  expect(readdirSync(directory.path)).toEqual([]);
});

test('a spool of a killed process is taken over, half a line and all; one that is held is left alone', async () => {
  await using directory = tempDir();
  const { service, open, clock } = setUp(directory.path);
  const killed = await openSpool(directory.path, 'bundles-killed-run');
  const origin = { correlationId: 'bundles-killed-run', at: clock.now() };
  for (const id of ['one', 'two']) await killed.append(toAuditEvent(note(id), { eventId: id, ...origin }));
  await killed.confirm(['one']);
  appendFileSync(join(directory.path, 'bundles-killed-run.jsonl'), '{"event":{"version":"1.');
  const holder = await open({ correlationId: 'bundles-alive-run' });
  await holder.record(note('three'));
  const other = await open();
  await other.close({ withinMs: 60_000 });
  await holder.close({ withinMs: 60_000 });
  expect(arrived(service)).toEqual(['three', 'two']);
  expect(readdirSync(directory.path)).toEqual([]);
});

test('old events and those of a fast clock get a time that is accepted, and keep their own', async () => {
  await using directory = tempDir();
  const { service, open, clock } = setUp(directory.path);
  const spool = await openSpool(directory.path, 'bundles-old-run');
  const week = clock.now() - 8 * 86_400_000;
  const origin = { correlationId: 'bundles-old-run', at: week };
  await spool.append(toAuditEvent(note('old'), { eventId: 'old', ...origin }));
  await spool.append(toAuditEvent(note('new'), { eventId: 'new', ...origin, at: clock.now() + 86_400_000 }));
  await (await open()).close({ withinMs: 60_000 });
  expect(arrived(service)).toEqual(['new', 'old']);
  const old = service.events.find(({ event_data }) => event_data.bundle === 'old');
  expect(old?.event_data.occurred_at).toBe(new Date(week).toISOString());
});

test('a catalog that hangs delays the end by no more than the time that closing may take', async () => {
  await using directory = tempDir();
  const { clock } = setUp(directory.path);
  const hanging = createDataStorageClient({
    send: () => new Promise(() => undefined),
    clock,
    url: 'http://c.test',
    attempts: 1,
  });
  const trail = await createAuditTrail({ client: hanging, directory: directory.path, clock });
  await trail.record(note('a'));
  await clock.sleep(1_000);
  const began = clock.now();
  expect((await trail.close({ withinMs: 6_000 })).waiting).toBe(1);
  expect(clock.now() - began).toBeLessThan(60_000);
});
