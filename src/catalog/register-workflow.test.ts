import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalogEntry } from '../../test/support/catalog-entry.js';
import { dataStorageStandIn, problem, type StandInOptions } from '../../test/support/data-storage.js';
import { createJumpingClock } from '../../test/support/jumping-clock.js';
import { tempDir } from '../../test/support/temp-dir.js';
import { systemClock } from '../async/system-clock.js';
import { sendTo } from '../http/handler-transport.js';
import type { Registration } from './catalog-target.js';
import { createDataStorageClient } from './data-storage-client.js';
import { dataStorageTarget } from './data-storage-target.js';
import { openJournal } from './journal.js';
import { registerWorkflow, settleJournal } from './register-workflow.js';

const entry = catalogEntry();

function open(state: string, options: StandInOptions = {}) {
  const service = dataStorageStandIn(options);
  const target = targetOf(service.fetch);
  const journal = openJournal(state);
  const told: Registration[] = [];
  const call = {
    journal,
    clock: systemClock,
    onRegistered: (_: unknown, one: Registration) => void told.push(one),
  };
  const pending = () =>
    readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  return { service, target, journal, told, call, pending };
}

function targetOf(fetch: ReturnType<typeof dataStorageStandIn>['fetch'], versionPrefix = '') {
  // Its pauses are jumped over; the journal's locks take real time.
  const clock = createJumpingClock();
  const random = () => 0.5;
  const client = createDataStorageClient({ send: sendTo(fetch), clock, url: 'http://catalog.test', random });
  return dataStorageTarget({ client, clock, random, versionPrefix });
}

test('a workflow is registered as the service enforces it, and once', async () => {
  await using state = tempDir();
  const { service, target, call, told, pending } = open(state.path);
  const first = await registerWorkflow(target, entry, call);
  const [held] = service.workflows;
  expect(first).toEqual({ action: 'created', workflowId: held?.workflow_id, warnings: [] });
  expect(held).toMatchObject({
    workflow_name: 'test-hello',
    version: '1.0.0',
    name: 'Hello: test-hello',
    description: 'Says hello',
    content: entry.content,
    content_hash: entry.contentHash,
    parameters: {
      schema: { parameters: [{ name: 'MESSAGE', type: 'string', required: false, default: 'hello' }] },
    },
    execution_engine: 'tekton',
    container_image: entry.image,
    container_digest: entry.digest,
    labels: {
      signal_type: 'Test',
      severity: 'low',
      component: 'deployment',
      environment: 'test',
      priority: 'P3',
    },
    custom_labels: { risk_tolerance: ['low'], team: ['blue'] },
    status: 'active',
  });
  const second = await registerWorkflow(target, entry, call);
  expect(second).toMatchObject({ action: 'unchanged', workflowId: held?.workflow_id });
  expect(service.exchanges.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
  expect(service.problems).toEqual([]);
  expect([service.workflows.length, told.length, pending()]).toEqual([1, 2, []]);
});

test('the version has a prefix where the catalog is filled so', async () => {
  await using state = tempDir();
  const { service, call } = open(state.path);
  const target = targetOf(service.fetch, 'v');
  await registerWorkflow(target, entry, call);
  expect(service.workflows[0]?.version).toBe('v1.0.0');
  expect((await registerWorkflow(target, entry, call)).action).toBe('unchanged');
});

test('a version with other content is a conflict that says to raise it, and leaves no intent', async () => {
  await using state = tempDir();
  const { service, target, call, pending } = open(state.path);
  await registerWorkflow(target, entry, call);
  const other = catalogEntry('test-hello', { text: 'Says goodbye' });
  await expect(registerWorkflow(target, other, call)).rejects.toMatchObject({
    code: 'CATALOG_CONFLICT',
    hint: expect.stringContaining('Raise the version'),
    details: { found: entry.contentHash, wanted: other.contentHash },
  });
  expect([service.workflows.length, pending()]).toEqual([1, []]);
});

test('a lost reply is resolved by looking before anything is sent again', async () => {
  await using state = tempDir();
  const posts = (request: Request) => request.method === 'POST';
  const { service, target, call, pending } = open(state.path, {
    fault: (request, number) => (posts(request) && number === 1 ? 'lose-reply' : undefined),
  });
  expect((await registerWorkflow(target, entry, call)).action).toBe('created');
  expect(service.exchanges.map(({ method, status }) => [method, status])).toEqual([
    ['GET', 200],
    ['POST', undefined],
    ['GET', 200],
  ]);
  expect([service.workflows.length, pending()]).toEqual([1, []]);
});

test('a lost request is sent again after a look', async () => {
  await using state = tempDir();
  const { service, target, call } = open(state.path, {
    fault: (_, number) => (number === 1 ? 'lose-request' : undefined),
  });
  expect((await registerWorkflow(target, entry, call)).action).toBe('created');
  expect(service.exchanges.filter(({ method }) => method === 'POST').length).toBe(2);
  expect(service.workflows.length).toBe(1);
});

test('somebody else who is faster with the same content makes it unchanged', async () => {
  await using state = tempDir();
  const { service, target, call } = open(state.path);
  const rival = targetOf(service.fetch);
  const late = { ...target, look: async () => ({ is: 'absent' }) as const };
  await rival.register(entry);
  expect((await registerWorkflow(late, entry, call)).action).toBe('unchanged');
});

test('what an interrupted run began counts as created when it is found', async () => {
  await using state = tempDir();
  const killed = open(state.path);
  const dying = { ...killed.call, onRegistered: () => Promise.reject(new Error('killed')) };
  await expect(registerWorkflow(killed.target, entry, dying)).rejects.toThrow('killed');
  expect(killed.pending().length).toBe(1);
  expect((await registerWorkflow(killed.target, entry, killed.call)).action).toBe('created');
  expect([killed.pending(), killed.service.workflows.length, killed.told.length]).toEqual([[], 1, 1]);
});

test('a refusal leaves no intent, an open end leaves one', async () => {
  await using state = tempDir();
  const refusal = problem(400, 'validation-error', 'content_hash: minimum string length is 64');
  const refusing = open(state.path, { fault: ({ method }) => (method === 'POST' ? refusal : undefined) });
  await expect(registerWorkflow(refusing.target, entry, refusing.call)).rejects.toMatchObject({
    code: 'CATALOG_REFUSED',
    message: expect.stringContaining('minimum string length'),
  });
  expect(refusing.pending()).toEqual([]);
  const breaking = open(state.path, {
    fault: ({ method }) => (method === 'POST' ? 'lose-request' : undefined),
  });
  await expect(registerWorkflow(breaking.target, entry, breaking.call)).rejects.toMatchObject({
    code: 'CATALOG_UNREACHABLE',
  });
  expect(breaking.pending().length).toBe(1);
});

test('intents of workflows that are no longer declared are settled: told where they arrived, else given up', async () => {
  await using state = tempDir();
  const { service, target, journal, call, told } = open(state.path);
  const [arrived, lost, declared] = ['arrived', 'lost', 'declared'].map((name) => catalogEntry(name)) as [
    typeof entry,
    typeof entry,
    typeof entry,
  ];
  for (const one of [arrived, lost, declared]) await journal.begin({ place: target.place, entry: one });
  await journal.begin({ place: 'http://elsewhere.test', entry: lost });
  await target.register(arrived);
  await settleJournal(target, [declared], call);
  expect(told).toEqual([expect.objectContaining({ action: 'created' })]);
  expect((await journal.list(target.place)).map((intent) => intent.entry.name)).toEqual(['declared']);
  expect((await journal.list('http://elsewhere.test')).length).toBe(1);
  expect(service.workflows.length).toBe(1);
});

test('runs beside each other register once', async () => {
  await using state = tempDir();
  const { service, target, call } = open(state.path);
  const ended = await Promise.all(Array.from({ length: 8 }, () => registerWorkflow(target, entry, call)));
  expect(ended.filter(({ action }) => action === 'created').length).toBe(1);
  expect(service.workflows.length).toBe(1);
});

test('a disabled entry and one with another digest are warned of', async () => {
  await using state = tempDir();
  const { service, target, call } = open(state.path);
  await registerWorkflow(target, entry, call);
  service.workflows[0] = { ...service.workflows[0]!, status: 'disabled', container_digest: 'sha256:0' };
  const { action, warnings } = await registerWorkflow(target, entry, call);
  expect([action, warnings.length]).toEqual(['unchanged', 2]);
});

test.each([
  [
    'no labels',
    (text: string) => text.replace(/^ {2}signal_type.*\n/m, ''),
    /labels\.signal_type is missing/,
  ],
  ['a long title', (text: string) => text.replace('Hello: test-hello', 'x'.repeat(256)), /256 characters/],
  ['what is not YAML', () => '{{', /Cannot read the schema/],
])('a document with %s is refused before any request', async (_, change, message) => {
  await using state = tempDir();
  const { service, target, call } = open(state.path);
  const broken = { ...entry, content: change(entry.content) };
  await expect(registerWorkflow(target, broken, call)).rejects.toMatchObject({
    code: 'SCHEMA_INVALID',
    message: expect.stringMatching(message),
  });
  expect(service.exchanges.map(({ method }) => method)).toEqual(['GET']);
  expect(readdirSync(join(state.path, 'registering')).filter((name) => name.endsWith('.json'))).toEqual([]);
});
