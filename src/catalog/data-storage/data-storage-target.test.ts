import { expect, test } from 'vitest';
import { catalogEntry } from '../../../test/support/catalog/catalog-entry.js';
import {
  dataStorageStandIn,
  problem,
  type StandInOptions,
} from '../../../test/support/catalog/data-storage.js';
import { remediationEntry } from '../../../test/support/catalog/remediation-entry.js';
import { createJumpingClock } from '../../../test/support/clocks/jumping-clock.js';
import { sendTo } from '../../http/serve/handler-transport.js';
import { registerWorkflow } from '../catalog-target.js';
import { createDataStorageClient } from './data-storage-client.js';
import { dataStorageTarget } from './data-storage-target.js';

const entry = catalogEntry();

function open(options: StandInOptions = {}) {
  const service = dataStorageStandIn(options);
  return { service, target: targetOf(service.fetch) };
}

function targetOf(fetch: ReturnType<typeof dataStorageStandIn>['fetch'], versionPrefix = '') {
  const clock = createJumpingClock();
  const random = () => 0.5;
  const client = createDataStorageClient({ send: sendTo(fetch), clock, url: 'http://catalog.test', random });
  return dataStorageTarget({ client, clock, random, versionPrefix });
}

test('a workflow is registered as the service enforces it, and once', async () => {
  const { service, target } = open();
  const first = await registerWorkflow(target, entry);
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
  const second = await registerWorkflow(target, entry);
  expect(second).toMatchObject({ action: 'unchanged', workflowId: held?.workflow_id });
  expect(service.exchanges.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
  expect(service.problems).toEqual([]);
  expect(service.workflows.length).toBe(1);
});

test('the version has a prefix where the catalog is filled so', async () => {
  const { service } = open();
  const target = targetOf(service.fetch, 'v');
  await registerWorkflow(target, entry);
  expect(service.workflows[0]?.version).toBe('v1.0.0');
  expect((await registerWorkflow(target, entry)).action).toBe('unchanged');
  const other = catalogEntry('test-hello', { text: 'Says goodbye' });
  await expect(registerWorkflow(target, other)).rejects.toMatchObject({
    code: 'CATALOG_CONFLICT',
    details: { workflow: 'test-hello', version: 'v1.0.0' },
  });
});

test('a version that was registered for another reference is a conflict where the caller asks for that', async () => {
  const { service, target } = open();
  await registerWorkflow(target, entry);
  const moved = { ...entry, image: entry.image.replace('quay.io', '127.0.0.1:5055') };
  expect((await registerWorkflow(target, moved)).action).toBe('unchanged');
  const clock = createJumpingClock();
  const client = createDataStorageClient({ send: sendTo(service.fetch), clock, url: 'http://catalog.test' });
  const strict = dataStorageTarget({ client, clock, sameImage: true });
  expect((await registerWorkflow(strict, entry)).action).toBe('unchanged');
  await expect(registerWorkflow(strict, moved)).rejects.toMatchObject({
    code: 'CATALOG_CONFLICT',
    reason: 'other-reference',
    details: { found: entry.image, wanted: moved.image },
  });
});

test('a document of another format is refused before any request', async () => {
  const { service, target } = open();
  const other = remediationEntry();
  await expect(registerWorkflow(target, other)).rejects.toMatchObject({
    code: 'SCHEMA_INVALID',
    details: { workflow: 'test-hello', format: 'remediation-workflow', wanted: 'workflow-schema' },
  });
  expect(service.exchanges).toEqual([]);
});

test('a version with other content is a conflict whose hint is to raise it', async () => {
  const { service, target } = open();
  await registerWorkflow(target, entry);
  const other = catalogEntry('test-hello', { text: 'Says goodbye' });
  await expect(registerWorkflow(target, other)).rejects.toMatchObject({
    code: 'CATALOG_CONFLICT',
    hint: expect.stringContaining('Raise the version'),
    details: { found: entry.contentHash, wanted: other.contentHash },
  });
  expect(service.workflows.length).toBe(1);
});

test('a lost reply is resolved by looking before anything is sent again', async () => {
  const posts = (request: Request) => request.method === 'POST';
  const { service, target } = open({
    fault: (request, number) => (posts(request) && number === 1 ? 'lose-reply' : undefined),
  });
  expect((await registerWorkflow(target, entry)).action).toBe('created');
  expect(service.exchanges.map(({ method, status }) => [method, status])).toEqual([
    ['GET', 200],
    ['POST', undefined],
    ['GET', 200],
  ]);
  expect(service.workflows.length).toBe(1);
});

test('a lost request is sent again after a look', async () => {
  const { service, target } = open({
    fault: (_, number) => (number === 1 ? 'lose-request' : undefined),
  });
  expect((await registerWorkflow(target, entry)).action).toBe('created');
  expect(service.exchanges.filter(({ method }) => method === 'POST').length).toBe(2);
  expect(service.workflows.length).toBe(1);
});

test('somebody else who is faster with the same content makes it unchanged', async () => {
  const { service, target } = open();
  const rival = targetOf(service.fetch);
  const late = { ...target, look: async () => ({ is: 'absent' }) as const };
  await rival.register(entry);
  expect((await registerWorkflow(late, entry)).action).toBe('unchanged');
});

test('what a run sent before it was interrupted is found by the next one, and not sent again', async () => {
  const interrupted = new AbortController();
  const { service, target } = open({
    fault: ({ method }) => {
      if (method !== 'POST') return undefined;
      interrupted.abort(new Error('interrupted'));
      return 'lose-reply';
    },
  });
  await expect(registerWorkflow(target, entry, { signal: interrupted.signal })).rejects.toThrow(
    'interrupted',
  );
  expect((await registerWorkflow(target, entry)).action).toBe('unchanged');
  expect(service.exchanges.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
  expect(service.workflows.length).toBe(1);
});

test('a refusal ends at once; a request that is lost each time ends as unreachable', async () => {
  const refusal = problem(400, 'validation-error', 'content_hash: minimum string length is 64');
  const refusing = open({ fault: ({ method }) => (method === 'POST' ? refusal : undefined) });
  await expect(registerWorkflow(refusing.target, entry)).rejects.toMatchObject({
    code: 'CATALOG_REFUSED',
    message: expect.stringContaining('minimum string length'),
  });
  expect(refusing.service.exchanges.filter(({ method }) => method === 'POST').length).toBe(1);
  const breaking = open({ fault: ({ method }) => (method === 'POST' ? 'lose-request' : undefined) });
  await expect(registerWorkflow(breaking.target, entry)).rejects.toMatchObject({
    code: 'CATALOG_UNREACHABLE',
  });
  expect(breaking.service.workflows).toEqual([]);
});

test('runs beside each other register once', async () => {
  const { service, target } = open();
  const ended = await Promise.all(Array.from({ length: 8 }, () => registerWorkflow(target, entry)));
  expect(ended.filter(({ action }) => action === 'created').length).toBe(1);
  expect(service.workflows.length).toBe(1);
});

test('a disabled entry and one with another digest are warned of', async () => {
  const { service, target } = open();
  await registerWorkflow(target, entry);
  service.workflows[0] = { ...service.workflows[0]!, status: 'disabled', container_digest: 'sha256:0' };
  const { action, warnings } = await registerWorkflow(target, entry);
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
  const { service, target } = open();
  const broken = { ...entry, content: change(entry.content) };
  await expect(registerWorkflow(target, broken)).rejects.toMatchObject({
    code: 'SCHEMA_INVALID',
    message: expect.stringMatching(message),
  });
  expect(service.exchanges.map(({ method }) => method)).toEqual(['GET']);
});
