import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type {
  AuditBatchReceipt,
  AuditEventPage,
  AuditReceipt,
  Health,
  NotificationAuditRecord,
  SearchResponse,
  Workflow,
  WorkflowList,
  WorkflowRegistration,
  WorkflowVersions,
} from '../../src/catalog/data-storage/data-storage-api.js';
import { databaseKinds, startTestDatabase, type TestDatabase } from '../support/catalog/catalog-databases.js';
import { sampleDigest, sampleEvent, sampleRegistration } from '../support/catalog/catalog-samples.js';
import {
  type CheckedCatalog,
  checkedCatalog,
  listed,
  unlisted,
  upstream,
} from '../support/catalog/checked-catalog.js';

const minutes = 60_000;
const unknown = '00000000-0000-4000-8000-000000000000';
const problemType = (slug: string) => `https://kubernaut.ai/problems/${slug}`;

describe.each(databaseKinds)('the catalog on %s', (kind) => {
  let held: TestDatabase;
  let lenient: CheckedCatalog;
  let strict: CheckedCatalog;

  beforeAll(async () => {
    held = await startTestDatabase(kind);
    lenient = await checkedCatalog({ database: held.database });
    strict = await checkedCatalog({ database: held.database, mode: 'strict' });
  }, 5 * minutes);
  afterAll(async () => {
    await lenient?.[Symbol.asyncDispose]();
    await strict?.[Symbol.asyncDispose]();
    await held?.[Symbol.asyncDispose]();
  });
  /** Each leaves an event behind its answer, which must not come into the next test. */
  let searches = 0;
  beforeEach(async () => {
    await held.empty();
    searches = 0;
  });
  afterEach(async () => {
    if (searches === 0) return;
    await eventually(async () => {
      const events = held.database.query
        .selectFrom('audit_events')
        .select('event_id')
        .where('event_type', '=', 'workflow.catalog.search_completed');
      return (await events.execute()).length >= searches ? true : undefined;
    });
  });

  const register = async (changes: Partial<WorkflowRegistration> = {}, catalog = lenient) => {
    const { status, body } = await catalog.send<Workflow>(
      'POST',
      '/api/v1/workflows',
      sampleRegistration(changes),
    );
    expect([status, body]).toEqual([201, expect.objectContaining({ workflow_id: expect.any(String) })]);
    return body;
  };
  const get = async (id: string) => (await lenient.get<Workflow>(`/api/v1/workflows/${id}`)).body;

  describe('registration', () => {
    test('the answer is what was sent, with an id and times that are none yet, as from the service', async () => {
      const sent = sampleRegistration({
        custom_labels: {},
        detected_labels: { stateful: true, helmManaged: false },
      });
      const created = await register(sent);
      const { custom_labels: _, ...others } = sent;
      expect(created).toEqual({
        ...others,
        workflow_id: created.workflow_id,
        detected_labels: { stateful: true },
        is_latest_version: true,
        total_executions: 0,
        successful_executions: 0,
        created_at: '0001-01-01T00:00:00Z',
        updated_at: '0001-01-01T00:00:00Z',
      });
      const stored = await get(created.workflow_id);
      expect(stored).toEqual({ ...created, created_at: stored.created_at, updated_at: stored.updated_at });
      expect(Math.abs(Date.parse(stored.created_at ?? '') - Date.now())).toBeLessThan(5 * minutes);
    });

    test('what only the catalog may say is not taken from a client', async () => {
      const sent = {
        ...sampleRegistration(),
        workflow_id: unknown,
        is_latest_version: false,
        total_executions: 7,
      };
      const { body } = await lenient.send<Workflow>('POST', '/api/v1/workflows', {
        ...sent,
        created_at: '2001-01-01T00:00:00Z',
        surprise: 1,
      });
      expect(body).toMatchObject({ is_latest_version: true, created_at: '2001-01-01T00:00:00Z' });
      expect(body).not.toHaveProperty('surprise');
      expect(body.workflow_id).not.toBe(unknown);
      const stored = await get(body.workflow_id);
      expect(stored).toMatchObject({ is_latest_version: true, total_executions: 0 });
      expect(stored.created_at).not.toBe('2001-01-01T00:00:00Z');
    });

    test('name and version are one entry permanently', async () => {
      await register();
      const again = await lenient.send('POST', '/api/v1/workflows', sampleRegistration());
      expect([again.status, again.body.type, again.body.title]).toEqual([
        409,
        problemType('conflict'),
        'Workflow Already Exists',
      ]);
      expect(again.headers.get('content-type')).toBe('application/problem+json');
      const { body } = await lenient.get<WorkflowList>('/api/v1/workflows');
      expect(body.workflows.map(({ is_latest_version }) => is_latest_version)).toEqual([true]);
    });

    test('the latest is the last one registered, whatever its number', async () => {
      await register({ version: '2.0.0' });
      await register({ version: '1.9.0' });
      const { body } = await lenient.get<WorkflowVersions>(
        '/api/v1/workflows/by-name/test-hello-world/versions',
      );
      expect(body.versions?.map(({ version, is_latest_version }) => [version, is_latest_version])).toEqual([
        ['1.9.0', true],
        ['2.0.0', false],
      ]);
      expect([body.workflow_name, body.total]).toEqual(['test-hello-world', 2]);
    });

    test('an unknown name has null for versions, as from the service', async () => {
      const { status, body } = await lenient.get('/api/v1/workflows/by-name/no%2Fbody/versions');
      expect([status, body]).toEqual([200, { workflow_name: 'no/body', versions: null, total: 0 }]);
    });

    test.each<[string, (sent: Record<string, unknown>) => unknown, string]>([
      ['no name', ({ workflow_name: _, ...others }) => others, 'validation-error'],
      ['a name of 256', (sent) => ({ ...sent, workflow_name: 'x'.repeat(256) }), 'validation-error'],
      ['an empty name', (sent) => ({ ...sent, workflow_name: '' }), 'bad-request'],
      ['an empty description', (sent) => ({ ...sent, description: '' }), 'bad-request'],
      ['a hash of 63', (sent) => ({ ...sent, content_hash: 'a'.repeat(63) }), 'validation-error'],
      ['an unknown status', (sent) => ({ ...sent, status: 'enabled' }), 'validation-error'],
      ['parameters as a list', (sent) => ({ ...sent, parameters: [] }), 'validation-error'],
      ['a rate above 1', (sent) => ({ ...sent, expected_success_rate: 1.1 }), 'validation-error'],
      [
        'labels without priority',
        (sent) => ({ ...sent, labels: { ...(sent.labels as object), priority: undefined } }),
        'validation-error',
      ],
      [
        'priority p3',
        (sent) => ({ ...sent, labels: { ...(sent.labels as object), priority: 'p3' } }),
        'validation-error',
      ],
      [
        'an empty component',
        (sent) => ({ ...sent, labels: { ...(sent.labels as object), component: '' } }),
        'bad-request',
      ],
      ['custom labels of text', (sent) => ({ ...sent, custom_labels: { team: 'blue' } }), 'validation-error'],
      [
        'an unknown tool',
        (sent) => ({ ...sent, detected_labels: { gitOpsTool: 'jenkins' } }),
        'validation-error',
      ],
      ['a list', (sent) => [sent], 'validation-error'],
      ['null', () => null, 'validation-error'],
      ['no JSON', () => '{"workflow_name":', 'validation-error'],
    ])('a body is refused: %s', async (_, change, slug) => {
      const sent = change({ ...sampleRegistration() });
      const { status, body } = await lenient.send('POST', '/api/v1/workflows', sent);
      expect([status, body.type, body.status]).toEqual([400, problemType(slug), 400]);
      expect(body.detail).toMatch(/\S{3}/);
    });

    test('a digest of 72 fails as in the service, and is refused in the strict mode', async () => {
      const sent = sampleRegistration({ container_digest: 'x'.repeat(72) });
      const failed = await lenient.send('POST', '/api/v1/workflows', sent);
      expect([failed.status, failed.body.type]).toEqual([500, problemType('internal-error')]);
      const refused = await strict.send('POST', '/api/v1/workflows', sent);
      expect([refused.status, refused.body.type]).toEqual([400, problemType('validation-error')]);
      const { body } = await lenient.get<WorkflowList>('/api/v1/workflows');
      expect(body.total).toBe(0);
    });

    test('a fake hash, an empty environment and an image without digest pass in the lenient mode alone', async () => {
      const sent = sampleRegistration({
        content_hash: 'f'.repeat(64),
        container_image: 'quay.io/acme/hello:v1',
        labels: { ...sampleRegistration().labels, environment: '' },
      });
      const { container_digest: _, parameters: __, ...loose } = sent;
      expect((await lenient.send('POST', '/api/v1/workflows', loose)).status).toBe(201);
      const { status, body } = await strict.send('POST', '/api/v1/workflows', { ...loose, version: '2.0.0' });
      expect([status, body.type]).toEqual([400, problemType('validation-error')]);
      expect(Object.keys(body.field_errors ?? {}).sort()).toEqual([
        'container_image',
        'content_hash',
        'labels.environment',
        'parameters',
      ]);
    });

    test.each<[string, Partial<WorkflowRegistration>, string]>([
      [
        'another digest beside the image',
        { container_digest: `sha256:${'0'.repeat(64)}` },
        'container_digest',
      ],
      ['no image', { container_image: undefined as never }, 'container_image'],
      [
        'a hash in upper case',
        { content_hash: sampleRegistration().content_hash.toUpperCase() },
        'content_hash',
      ],
      ['parameters without their list', { parameters: { schema: {} } }, 'parameters'],
      [
        'a parameter of an unknown type',
        {
          parameters: {
            schema: { parameters: [{ name: 'A', type: 'text', required: true, description: 'a' }] },
          },
        },
        'parameters.schema.parameters.0.type',
      ],
      [
        'a default out of range',
        {
          parameters: {
            schema: {
              parameters: [
                { name: 'A', type: 'integer', required: false, description: 'a', minimum: 2, default: 1 },
              ],
            },
          },
        },
        'parameters.schema.parameters.0.default',
      ],
    ])('the strict mode refuses %s', async (_, changes, field) => {
      const { status, body } = await strict.send('POST', '/api/v1/workflows', sampleRegistration(changes));
      expect([status, Object.keys(body.field_errors ?? {})]).toEqual([400, [field]]);
    });

    test('the strict mode answers with what is stored', async () => {
      const created = await register({}, strict);
      expect(created).toEqual(await get(created.workflow_id));
      expect(created.container_digest).toBe(sampleDigest);
    });

    test(
      '50 versions at once: each is there, and exactly one is the latest',
      async () => {
        const versions = Array.from({ length: 50 }, (_, index) => `1.0.${index}`);
        const answers = await Promise.all(
          versions.map((version) =>
            (version.endsWith('7') ? strict : lenient).send<Workflow>(
              'POST',
              '/api/v1/workflows',
              sampleRegistration({ version }),
            ),
          ),
        );
        expect(answers.map(({ status }) => status)).toEqual(versions.map(() => 201));
        const { body } = await lenient.get<WorkflowVersions>(
          '/api/v1/workflows/by-name/test-hello-world/versions',
        );
        expect(body.versions?.map(({ version }) => version).sort()).toEqual([...versions].sort());
        expect(body.versions?.filter(({ is_latest_version }) => is_latest_version)).toEqual([
          body.versions?.[0],
        ]);
      },
      2 * minutes,
    );

    test(
      'one version 20 times at once: one is there, the others conflict, and the old latest was not lost',
      async () => {
        await register({ version: '0.9.0' });
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => lenient.send('POST', '/api/v1/workflows', sampleRegistration())),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
        const { body } = await lenient.get<WorkflowVersions>(
          '/api/v1/workflows/by-name/test-hello-world/versions',
        );
        expect(body.versions?.map(({ version, is_latest_version }) => [version, is_latest_version])).toEqual([
          ['1.0.0', true],
          ['0.9.0', false],
        ]);
      },
      2 * minutes,
    );
  });

  describe('list', () => {
    test('newest first, filtered exactly, in pages', async () => {
      const labels = sampleRegistration().labels;
      for (const [index, environment] of ['test', 'production', 'test', '*'].entries()) {
        await register({ workflow_name: `w${index}`, labels: { ...labels, environment } });
      }
      await register({ workflow_name: 'off', status: 'disabled' });
      const list = async (query: string) => {
        const { body } = await lenient.get<WorkflowList>(`/api/v1/workflows?${query}`);
        return [
          body.total,
          body.limit,
          body.offset,
          body.workflows.map(({ workflow_name }) => workflow_name),
        ];
      };
      expect(await list('')).toEqual([5, 100, 0, ['off', 'w3', 'w2', 'w1', 'w0']]);
      expect(await list('environment=test')).toEqual([3, 100, 0, ['off', 'w2', 'w0']]);
      expect(await list('environment=test&status=active&limit=1&offset=1')).toEqual([2, 1, 1, ['w0']]);
      expect(await list('priority=P0')).toEqual([0, 100, 0, []]);
      expect(await list('environment=test&offset=7')).toEqual([3, 100, 7, []]);
      expect(await list('component=deployment&limit=0')).toEqual([5, 50, 0, expect.any(Array)]);
      // Not read, as by the service.
      expect(await list('custom_labels[team]=blue&signal_type=Nothing&limit=500')).toEqual([
        5,
        100,
        0,
        expect.any(Array),
      ]);
      expect(await list('offset=-3&limit=-1')).toEqual([5, 50, 0, expect.any(Array)]);
    });

    test('a page and its total are of one moment, whatever is written meanwhile', async () => {
      let writing = true;
      const writers = ['a', 'b', 'c'].map(async (writer) => {
        for (let count = 0; writing; count++) {
          await register({ workflow_name: `${writer}${count}` });
          const event = sampleEvent({ correlation_id: 'one-moment' });
          expect((await lenient.send('POST', '/api/v1/audit/events', event)).status).toBe(201);
        }
      });
      const torn: string[] = [];
      try {
        for (let seen = 0; seen < 40; ) {
          const { body } = await lenient.get<WorkflowList>('/api/v1/workflows?limit=1000');
          seen = body.workflows.length;
          if (body.total !== seen) torn.push(`${seen} of ${body.total} workflows`);
          const events = '/api/v1/audit/events?correlation_id=one-moment&limit=1000';
          const { data, pagination } = (await lenient.get<AuditEventPage>(events)).body;
          if (pagination.total !== data.length) torn.push(`${data.length} of ${pagination.total} events`);
        }
      } finally {
        writing = false;
        await Promise.all(writers);
      }
      expect(torn).toEqual([]);
    });

    test.each(['limit=1001', 'limit=ten', 'limit=1.5', 'offset=x', 'status=enabled'])(
      '%s is refused',
      async (query) => {
        const { status, body } = await lenient.get(`/api/v1/workflows?${query}`);
        expect([status, body.type]).toEqual([400, problemType('validation-error')]);
      },
    );
  });

  describe('one entry', () => {
    test('an unknown id is a 404 where the service breaks the connection', async () => {
      for (const catalog of [lenient, strict]) {
        const { status, body } = await catalog.get(`/api/v1/workflows/${unknown}`);
        expect([status, body.type]).toEqual([404, problemType('not-found')]);
        expect(
          (await catalog.send('PATCH', `/api/v1/workflows/${unknown}`, { status: 'active' })).status,
        ).toBe(404);
        expect((await catalog.send('PATCH', `/api/v1/workflows/${unknown}/disable`, {})).status).toBe(404);
      }
    });

    test('what is not an id fails as in the service, and is not found in the strict mode', async () => {
      expect((await lenient.get('/api/v1/workflows/hello')).status).toBe(500);
      expect((await strict.get('/api/v1/workflows/hello')).status).toBe(404);
      expect((await lenient.send('PATCH', '/api/v1/workflows/hello', {})).status).toBe(404);
    });

    test('any status may follow any other; who and when show the change only later, as in the service', async () => {
      const { workflow_id } = await register();
      const before = await get(workflow_id);
      const path = `/api/v1/workflows/${workflow_id}`;
      for (const status of ['archived', 'deprecated', 'disabled', 'active'] as const) {
        const change = { status, disabled_by: 'me', disabled_reason: 'because', name: 'ignored' };
        const { status: answered, body } = await lenient.send<Workflow>('PATCH', path, change);
        expect([answered, body.status, body.name]).toEqual([200, status, 'Hello world']);
        if (status === 'archived') expect(body.updated_at).toBe(before.updated_at);
      }
      const after = await get(workflow_id);
      expect(after).toMatchObject({
        status: 'active',
        disabled_by: 'me',
        disabled_reason: 'because',
        updated_by: 'me',
      });
      expect(Date.parse(after.updated_at ?? '')).toBeGreaterThan(Date.parse(before.updated_at ?? ''));
      const fresh = await strict.send<Workflow>('PATCH', path, { status: 'archived' });
      expect(fresh.body).toEqual(await get(workflow_id));
    });

    test.each(['description', 'content', 'labels'])('%s never changes', async (name) => {
      const { workflow_id } = await register();
      const { status, body } = await lenient.send('PATCH', `/api/v1/workflows/${workflow_id}`, {
        [name]: 'x',
        status: 'active',
      });
      expect([status, body.type]).toEqual([400, problemType('immutable-field-violation')]);
      expect(await get(workflow_id)).toMatchObject({ description: 'Says hello' });
    });

    test('a change of nothing keeps who disabled it and why, and an absent document may be null', async () => {
      const { workflow_id } = await register();
      const path = `/api/v1/workflows/${workflow_id}`;
      const disabled = { status: 'disabled', disabled_by: 'me', disabled_reason: 'because' };
      const first = await lenient.send<Workflow>('PATCH', path, disabled);
      expect(first.body).toMatchObject(disabled);
      expect([first.body.status_reason, first.body.updated_by]).toEqual([undefined, undefined]);
      for (const nothing of [{}, { content: null }, { disabled_by: 'you', disabled_reason: 'for fun' }]) {
        const { status, body } = await lenient.send<Workflow>('PATCH', path, nothing);
        expect([status, body]).toEqual([200, expect.objectContaining(disabled)]);
      }
      expect(await get(workflow_id)).toMatchObject({
        ...disabled,
        status_reason: 'because',
        updated_by: 'me',
      });
      const { body: active } = await lenient.send<Workflow>('PATCH', path, { status: 'active' });
      expect(active).toMatchObject({ ...disabled, status: 'active', status_reason: 'because' });
      await lenient.send('PATCH', `${path}/disable`, {});
      const last = await get(workflow_id);
      expect([last.status, last.disabled_by, last.disabled_reason, last.status_reason]).toEqual([
        'disabled',
        '',
        '',
        '',
      ]);
    });

    test('a body of a change that is none is refused', async () => {
      const { workflow_id } = await register();
      const path = `/api/v1/workflows/${workflow_id}`;
      expect((await lenient.send('PATCH', path, { status: 'gone' })).status).toBe(400);
      expect((await lenient.send('PATCH', `${path}/disable`, '')).status).toBe(400);
      expect((await lenient.send('PATCH', `${path}/disable`, { reason: 7 })).status).toBe(400);
    });

    test('disabling the latest leaves no other to be found', async () => {
      await register({ version: '1.0.0' });
      const { workflow_id } = await register({ version: '1.1.0' });
      const { status, body } = await lenient.send<Workflow>(
        'PATCH',
        `/api/v1/workflows/${workflow_id}/disable`,
        {
          reason: 'broken',
          updated_by: 'me',
        },
      );
      expect([status, body.status, body.disabled_by, body.disabled_reason]).toEqual([
        200,
        'disabled',
        'me',
        'broken',
      ]);
      expect(body.disabled_at).toBeDefined();
      expect(await find({})).toEqual([]);
      expect(await find({ include_disabled: true })).toEqual(['test-hello-world']);
    });
  });

  const filters = {
    signal_type: 'OOMKilled',
    severity: 'low',
    component: 'deployment',
    environment: 'test',
    priority: 'P3',
  };
  const search = async (asked: Record<string, unknown>, more: Record<string, unknown> = {}) => {
    const { status, body } = await lenient.send<SearchResponse>('POST', '/api/v1/workflows/search', {
      filters: { ...filters, ...more },
      ...asked,
    });
    expect([status, body]).toEqual([200, expect.objectContaining({ total_results: expect.any(Number) })]);
    searches++;
    return body;
  };
  const find = async (asked: Record<string, unknown>, more: Record<string, unknown> = {}) => {
    const { workflows } = await search(asked, more);
    const names = await Promise.all(
      workflows.map(async ({ workflow_id }) => (await get(workflow_id)).workflow_name),
    );
    return names;
  };

  describe('search', () => {
    test('labels match exactly, only a stored component * matches every component', async () => {
      const labels = sampleRegistration().labels;
      await register({ workflow_name: 'exact' });
      await register({ workflow_name: 'any-component', labels: { ...labels, component: '*' } });
      await register({ workflow_name: 'any-environment', labels: { ...labels, environment: '*' } });
      await register({ workflow_name: 'any-priority', labels: { ...labels, priority: '*' } });
      await register({ workflow_name: 'other', labels: { ...labels, signal_type: 'CrashLoopBackOff' } });
      await register({ workflow_name: 'off', status: 'disabled' });
      // Of equal score: the newest first.
      expect(await find({})).toEqual(['any-component', 'exact']);
      expect(await find({ include_disabled: true })).toEqual(['off', 'any-component', 'exact']);
      expect(await find({ top_k: 1 })).toEqual(['any-component']);
      expect(await find({}, { component: 'pod' })).toEqual(['any-component']);
      expect(await find({}, { status: ['disabled'] })).toEqual(['any-component', 'exact']);
    });

    test('the answer contains the filters, the ranks, and the number of results', async () => {
      await register({ workflow_name: 'a', custom_labels: { team: ['blue'] } });
      await register({ workflow_name: 'b' });
      const {
        workflows,
        total_results,
        filters: told,
      } = await search({ top_k: 1 }, { custom_labels: { team: ['blue'] } });
      expect([total_results, told]).toEqual([
        1,
        { ...filters, custom_labels: { team: ['blue'] }, detected_labels: {} },
      ]);
      expect(workflows[0]).toEqual({
        workflow_id: expect.any(String),
        title: 'Hello world',
        description: 'Says hello',
        signal_type: 'OOMKilled',
        container_image: sampleRegistration().container_image,
        container_digest: sampleDigest,
        confidence: 0.505,
        final_score: 0.505,
        label_boost: 0.05,
        label_penalty: 0,
        rank: 1,
        custom_labels: { team: ['blue'] },
        detected_labels: {},
      });
    });

    test('an answer repeats the filters as the service reads them', async () => {
      const asked = {
        ...filters,
        surprise: 1,
        custom_labels: {},
        detected_labels: { stateful: false, hpaEnabled: true },
      };
      const { body } = await lenient.send<SearchResponse>('POST', '/api/v1/workflows/search', {
        filters: asked,
      });
      searches++;
      expect(body.filters).toEqual({ ...filters, detected_labels: { hpaEnabled: true } });
    });

    test.each([
      [{ filters: undefined }, 'validation-error'],
      [{ top_k: 0 }, 'validation-error'],
      [{ top_k: 101 }, 'validation-error'],
      [{ min_score: 1.5 }, 'validation-error'],
      [{ filters: { ...filters, priority: '*' } }, 'validation-error'],
      [{ filters: { ...filters, severity: 'urgent' } }, 'validation-error'],
      [{ filters: { ...filters, component: '' } }, 'bad-request'],
      [{ filters: { ...filters, custom_labels: { a: Array(501).fill('x') } } }, 'bad-request'],
    ])('%j is refused', async (asked, slug) => {
      const { status, body } = await lenient.send('POST', '/api/v1/workflows/search', { filters, ...asked });
      expect([status, body.type]).toEqual([400, problemType(slug)]);
    });

    // What a stored entry has, what is asked for, the boost, the penalty and the score of the contract's formula.
    test.each<[Record<string, unknown>, Record<string, unknown>, number, number, number]>([
      [{}, {}, 0, 0, 0.5],
      [{ gitOpsManaged: true }, {}, 0, 0, 0.5],
      [{ gitOpsManaged: true }, { gitOpsManaged: true }, 0.1, 0, 0.51],
      [{}, { gitOpsManaged: true }, 0, 0.1, 0.49],
      [{ gitOpsManaged: false }, { gitOpsManaged: true }, 0, 0.1, 0.49],
      [{ gitOpsManaged: true }, { gitOpsManaged: false }, 0, 0, 0.5],
      [{ gitOpsTool: 'argocd' }, { gitOpsTool: 'argocd' }, 0.1, 0, 0.51],
      [{ gitOpsTool: 'flux' }, { gitOpsTool: 'argocd' }, 0, 0.1, 0.49],
      [{}, { gitOpsTool: 'flux' }, 0, 0.1, 0.49],
      [{ gitOpsTool: '*' }, { gitOpsTool: 'flux' }, 0, 0.1, 0.49],
      [{ gitOpsTool: 'flux' }, { gitOpsTool: '*' }, 0.05, 0, 0.505],
      [{ gitOpsTool: '*' }, { gitOpsTool: '*' }, 0.05, 0, 0.505],
      [{}, { gitOpsTool: '*' }, 0, 0, 0.5],
      [{ pdbProtected: true }, { pdbProtected: true }, 0.05, 0, 0.505],
      [{}, { pdbProtected: true }, 0, 0, 0.5],
      [{ serviceMesh: 'istio' }, { serviceMesh: 'istio' }, 0.05, 0, 0.505],
      [{ serviceMesh: 'linkerd' }, { serviceMesh: 'istio' }, 0, 0, 0.5],
      [{ serviceMesh: 'linkerd' }, { serviceMesh: '*' }, 0.03, 0, 0.503],
      [{}, { serviceMesh: '*' }, 0, 0, 0.5],
      [{ networkIsolated: true }, { networkIsolated: true }, 0.03, 0, 0.503],
      [{ helmManaged: true }, { helmManaged: true }, 0.02, 0, 0.502],
      [{ stateful: true }, { stateful: true }, 0.02, 0, 0.502],
      [{ hpaEnabled: true }, { hpaEnabled: true }, 0.02, 0, 0.502],
      [{ failed_detections: ['stateful'] }, { stateful: true, failed_detections: ['stateful'] }, 0, 0, 0.5],
      [{}, { gitOpsManaged: true, gitOpsTool: 'argocd' }, 0, 0.2, 0.48],
      [
        { gitOpsTool: 'argocd', stateful: true },
        { gitOpsManaged: true, gitOpsTool: 'argocd', stateful: true },
        0.12,
        0.1,
        0.502,
      ],
      [
        {
          gitOpsManaged: true,
          gitOpsTool: 'flux',
          pdbProtected: true,
          serviceMesh: 'istio',
          networkIsolated: true,
          helmManaged: true,
          stateful: true,
          hpaEnabled: true,
        },
        {
          gitOpsManaged: true,
          gitOpsTool: 'flux',
          pdbProtected: true,
          serviceMesh: 'istio',
          networkIsolated: true,
          helmManaged: true,
          stateful: true,
          hpaEnabled: true,
        },
        0.39,
        0,
        0.539,
      ],
    ])(
      'detected %j asked with %j: boost %d, penalty %d, score %d',
      async (stored, asked, boost, penalty, score) => {
        await register({ detected_labels: stored });
        const { workflows } = await search({}, { detected_labels: asked });
        expect(
          workflows.map((found) => [
            found.label_boost,
            found.label_penalty,
            found.final_score,
            found.confidence,
          ]),
        ).toEqual([[boost, penalty, score, score]]);
        // The score is a digit, not about one: just above it nothing is found.
        expect((await search({ min_score: score }, { detected_labels: asked })).total_results).toBe(1);
        expect((await search({ min_score: score + 0.0001 }, { detected_labels: asked })).total_results).toBe(
          0,
        );
      },
    );

    test.each<[Record<string, string[]>, Record<string, string[]>, number, number]>([
      [{ team: ['blue'] }, { team: ['blue'] }, 0.05, 0.505],
      [{ team: ['*'] }, { team: ['blue'] }, 0.03, 0.503],
      [{ team: ['*', 'blue'] }, { team: ['blue'] }, 0.05, 0.505],
      [{ team: ['red'] }, { team: ['blue'] }, 0, 0.5],
      [{}, { team: ['blue'] }, 0, 0.5],
      [{ team: ['blue', 'red'] }, { team: ['blue', 'red', 'green'] }, 0.1, 0.51],
      [{ team: ['*'] }, { team: ['blue', 'red'] }, 0.06, 0.506],
      [{ team: ['blue'], tier: ['*'] }, { team: ['blue'], tier: ['gold'] }, 0.08, 0.508],
      [{ team: [] }, { team: [] }, 0, 0.5],
      [{ kubernautteam: ['blue'] }, { 'kubernaut/team': ['blue'] }, 0.05, 0.505],
      // Where the service makes broken SQL of a quotation mark.
      [{ team: ['"'] }, { team: ['"', "'"] }, 0.05, 0.505],
    ])('custom %j asked with %j: boost %d, score %d', async (stored, asked, boost, score) => {
      await register({ custom_labels: stored });
      const { workflows } = await search({}, { custom_labels: asked });
      expect(workflows.map(({ label_boost, final_score }) => [label_boost, final_score])).toEqual([
        [boost, score],
      ]);
    });

    test('a search leaves its own event in the audit trail', async () => {
      await register();
      await search({ remediation_id: 'rr-1' });
      await search({ min_score: 0.1 });
      // Events of earlier searches may still come in; they have the second identity, never the first.
      const ids = ['457734effb97ee18', 'rr-1'];
      const found = await eventually(async () => {
        const { body } = await lenient.get<AuditEventPage>(
          '/api/v1/audit/events?event_type=workflow.catalog.search_completed',
        );
        const told = body.data.map(({ correlation_id }) => correlation_id);
        return ids.every((id) => told.includes(id)) ? body.data : undefined;
      });
      expect(new Set(found.map(({ correlation_id }) => correlation_id))).toEqual(new Set(ids));
      expect(found.filter(({ correlation_id }) => correlation_id === 'rr-1')).toHaveLength(1);
      expect(found[0]).toMatchObject({
        event_category: 'workflow',
        resource_type: 'workflow_catalog',
        retention_days: 0,
      });
    });
  });

  describe('audit', () => {
    const events = async (query = '') =>
      (await lenient.get<AuditEventPage>(`/api/v1/audit/events?${query}`)).body;

    test('an event is stored with what the service fills in', async () => {
      const event = sampleEvent({
        event_timestamp: new Date(Date.now() - 1000).toISOString().replace('Z', '456Z'),
      });
      const { status, body } = await lenient.send<AuditReceipt>('POST', '/api/v1/audit/events', event);
      expect([status, body.message]).toEqual([201, 'Audit event created successfully']);
      expect(body.event_timestamp).toBe(event.event_timestamp.replace(/\.\d+/, ''));
      const { data, pagination } = await events();
      expect(pagination).toEqual({ limit: 50, offset: 0, total: 1, has_more: false });
      expect(data[0]).toEqual({
        ...event,
        event_timestamp: event.event_timestamp.replace(/0+Z$/, 'Z'),
        event_id: body.event_id,
        event_date: event.event_timestamp.slice(0, 10),
        actor_type: 'service',
        actor_id: 'workflow-service',
        resource_type: 'workflow',
        resource_id: 'run-1',
        parent_event_id: null,
        parent_event_date: null,
        namespace: '',
        cluster_name: '',
        severity: 'info',
        duration_ms: 0,
        error_code: '',
        error_message: '',
        retention_days: 0,
        is_sensitive: false,
      });
    });

    test('a version of 11 to 20 characters is accepted as if it were stored later', async () => {
      const event = sampleEvent({ version: '1.0.0-alpha' });
      const { status, body } = await lenient.send<AuditReceipt>('POST', '/api/v1/audit/events', event);
      expect([status, body.message]).toEqual([202, 'audit event queued for async processing']);
      expect((await events()).data[0]?.version).toBe('1.0.0-alpha');
      expect((await strict.send('POST', '/api/v1/audit/events', event)).status).toBe(400);
      const long = sampleEvent({ version: 'x'.repeat(21) });
      expect((await lenient.send('POST', '/api/v1/audit/events', long)).status).toBe(400);
    });

    test('a parent has to exist', async () => {
      const parent = await lenient.send<AuditReceipt>('POST', '/api/v1/audit/events', sampleEvent());
      const child = sampleEvent({ parent_event_id: parent.body.event_id });
      expect((await lenient.send('POST', '/api/v1/audit/events', child)).status).toBe(201);
      const orphan = sampleEvent({ parent_event_id: randomUUID() });
      const { status, body } = await lenient.send('POST', '/api/v1/audit/events', orphan);
      expect([status, body.detail]).toEqual([400, 'parent event does not exist']);
    });

    test.each<[string, unknown | (() => unknown), string]>([
      ['no outcome', { event_outcome: undefined }, 'validation-error'],
      ['another outcome', { event_outcome: 'ok' }, 'validation-error'],
      ['a category of later generations', { event_category: 'workflowexecution' }, 'validation-error'],
      ['an empty correlation', { correlation_id: '' }, 'validation-error'],
      ['a type of 101', { event_type: 'x'.repeat(101) }, 'validation-error'],
      [
        'eight days ago',
        () => ({ event_timestamp: new Date(Date.now() - 8 * 86_400_000).toISOString() }),
        'validation-error',
      ],
      [
        'in six minutes',
        () => ({ event_timestamp: new Date(Date.now() + 6 * 60_000).toISOString() }),
        'validation-error',
      ],
      ['no time', { event_timestamp: 'yesterday' }, 'validation-error'],
      ['data that is a list', { event_data: [] }, 'invalid_event_data'],
      ['data that is null', { event_data: null }, 'validation-error'],
      ['a NUL in a value', { actor_id: 'a\u0000b' }, 'validation-error'],
      ['a parent that is not an id', { parent_event_id: 'x' }, 'validation-error'],
    ])('an event is refused: %s', async (_, changes, slug) => {
      const event = { ...sampleEvent(), ...(typeof changes === 'function' ? changes() : changes) };
      const single = await lenient.send('POST', '/api/v1/audit/events', event);
      expect([single.status, single.body.type]).toEqual([400, problemType(slug)]);
      const batch = await lenient.send('POST', '/api/v1/audit/events/batch', [sampleEvent(), event]);
      expect([batch.status, batch.body.type]).toEqual([400, problemType(slug)]);
      if (slug === 'invalid_event_data') expect(batch.body.detail).toContain('index 1');
      expect((await events()).pagination.total).toBe(0);
    });

    test('a batch is stored whole, also one of more rows than a statement takes', async () => {
      const batch = Array.from({ length: 1100 }, (_, index) =>
        sampleEvent({ correlation_id: `run-${index % 10}` }),
      );
      const { status, body } = await lenient.send<AuditBatchReceipt>(
        'POST',
        '/api/v1/audit/events/batch',
        batch,
      );
      expect([status, body.event_ids.length, body.message]).toEqual([
        201,
        1100,
        '1100 audit events created successfully',
      ]);
      const page = await events('correlation_id=run-3&limit=20&offset=100');
      expect(page.pagination).toEqual({ limit: 20, offset: 100, total: 110, has_more: false });
      expect(page.data.length).toBe(10);
    });

    test.each([
      ['an object', {}, 'validation-error'],
      ['nothing', [], 'validation-error'],
      ['too many', Array(5001).fill(0), 'validation-error'],
    ])('a batch of %s is refused', async (_, body, slug) => {
      const answer = await lenient.send('POST', '/api/v1/audit/events/batch', body);
      expect([answer.status, answer.body.type]).toEqual([400, problemType(slug)]);
    });

    test('events are found by each of their filters, latest first', async () => {
      const now = Date.now();
      const at = (hours: number) => new Date(now - hours * 3_600_000).toISOString();
      await lenient.send('POST', '/api/v1/audit/events/batch', [
        sampleEvent({
          event_timestamp: at(30),
          correlation_id: 'old',
          event_outcome: 'failure',
          severity: 'critical',
        }),
        sampleEvent({
          event_timestamp: at(2),
          correlation_id: 'mid',
          event_type: 'a.b',
          event_category: 'gateway',
        }),
        sampleEvent({ event_timestamp: at(0), correlation_id: 'new' }),
      ]);
      const found = async (query: string) =>
        (await events(query)).data.map(({ correlation_id }) => correlation_id);
      expect(await found('')).toEqual(['new', 'mid', 'old']);
      expect(await found('since=24h')).toEqual(['new', 'mid']);
      expect(await found('since=1d&until=1h')).toEqual(['mid']);
      expect(await found(`until=${encodeURIComponent(at(1))}`)).toEqual(['mid', 'old']);
      expect(await found('event_outcome=failure')).toEqual(['old']);
      expect(await found('severity=critical&event_category=workflow')).toEqual(['old']);
      expect(await found('event_type=a.b')).toEqual(['mid']);
      expect(await found('event_category=gateway&correlation_id=new')).toEqual([]);
      expect(await found('limit=1&offset=1')).toEqual(['mid']);
    });

    test.each(['limit=0', 'limit=1001', 'offset=-1', 'event_outcome=ok', 'since=soon', 'until=2026-13-01'])(
      'a query is refused: %s',
      async (query) => {
        const { status, body } = await lenient.get(`/api/v1/audit/events?${query}`);
        expect([status, body.type]).toEqual([400, problemType('validation-error')]);
      },
    );

    const notified = {
      remediation_id: 'rr-1',
      notification_id: 'n-1',
      recipient: 'ops@example.com',
      channel: 'email',
      message_summary: 'High load',
      status: 'sent',
      sent_at: '2026-01-04T12:00:00Z',
      delivery_status: '200 OK',
      escalation_level: 1,
    };

    test('a notification is recorded once', async () => {
      const { status, body } = await lenient.send<NotificationAuditRecord>(
        'POST',
        '/api/v1/audit/notifications',
        notified,
      );
      expect([status, body]).toEqual([
        201,
        {
          ...notified,
          id: expect.any(Number),
          created_at: expect.any(String),
          updated_at: expect.any(String),
        },
      ]);
      const again = await lenient.send('POST', '/api/v1/audit/notifications', notified);
      expect([again.status, again.body.type, again.body.title]).toEqual([
        409,
        problemType('conflict'),
        'Resource Conflict',
      ]);
    });

    test.each([
      { channel: 'fax' },
      { status: 'pending' },
      { message_summary: '' },
      { recipient: 'x'.repeat(256) },
      { escalation_level: 6 },
      { sent_at: '2126-01-04T12:00:00Z' },
      { notification_id: undefined },
    ])('a notification is refused: %j', async (changes) => {
      const { status, body } = await lenient.send('POST', '/api/v1/audit/notifications', {
        ...notified,
        ...changes,
      });
      expect([status, body.type]).toEqual([400, problemType('validation-error')]);
    });
  });

  describe('around', () => {
    test('health, and what there is not', async () => {
      expect((await lenient.get<Health>('/health')).body).toEqual({
        status: 'healthy',
        database: 'connected',
      });
      expect((await lenient.get<Health>('/health/ready')).body).toEqual({ status: 'ready' });
      expect((await lenient.get<Health>('/health/live')).body).toEqual({ status: 'alive' });
      const nothing = await lenient.get<string>('/api/v2/workflows');
      expect([nothing.status, nothing.body]).toEqual([404, '404 page not found\n']);
    });

    test('health is plain text as from the service, and JSON in the strict mode', async () => {
      for (const path of ['/health', '/health/ready', '/health/live']) {
        const type = async (catalog: CheckedCatalog) => (await catalog.get(path)).headers.get('content-type');
        expect([await type(lenient), await type(strict)]).toEqual([
          'text/plain; charset=utf-8',
          'application/json',
        ]);
      }
    });

    test('a path of the API knows no other methods than its own', async () => {
      const paths = [
        'workflows',
        `workflows/${unknown}`,
        'workflows/search',
        'audit/events',
        'audit/events/batch',
      ];
      for (const path of paths) {
        for (const method of ['DELETE', 'PUT']) {
          const request = new Request(`http://catalog.test/api/v1/${path}`, { method });
          expect((await lenient.fetch(request)).status, `${method} ${path}`).toBe(405);
        }
      }
    });

    test('what no database takes is refused: a NUL character, and JSON of many levels', async () => {
      const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
      const withDeep = (sent: object, name: string, levels: number) =>
        JSON.stringify({ ...sent, [name]: 'DEEP' }).replace('"DEEP"', `{"x":${deep(levels)}}`);
      for (const catalog of [lenient, strict]) {
        const refused: [string, unknown][] = [
          ['/api/v1/workflows', withDeep(sampleRegistration(), 'parameters', 5_000)],
          ['/api/v1/workflows', withDeep(sampleRegistration(), 'surprise', 500_000)],
          ['/api/v1/audit/events', withDeep(sampleEvent(), 'event_data', 5_000)],
          ['/api/v1/audit/events/batch', `[${withDeep(sampleEvent(), 'event_data', 5_000)}]`],
          ['/api/v1/workflows/search', withDeep({ filters: {} }, 'filters', 5_000)],
          ['/api/v1/workflows', sampleRegistration({ description: 'a\u0000b' })],
          ['/api/v1/workflows', { ...sampleRegistration(), custom_labels: { 'a\u0000': ['b'] } }],
          ['/api/v1/audit/events', sampleEvent({ event_data: { a: [{ 'b\u0000': 1 }] } })],
          ['/api/v1/workflows/search', { filters: { signal_type: '\u0000' } }],
        ];
        for (const [path, body] of refused) {
          const answer = await catalog.send('POST', path, body);
          expect([path, answer.status, answer.body.type]).toEqual([
            path,
            400,
            problemType('validation-error'),
          ]);
        }
        for (const path of [
          'workflows?component=%00',
          'workflows/by-name/%00/versions',
          'audit/events?severity=a%00',
        ])
          expect((await catalog.get(`/api/v1/${path}`)).status, path).toBe(400);
      }
      const kept = sampleEvent({ event_data: JSON.parse(`{"x":${deep(190)}}`) as Record<string, unknown> });
      expect((await lenient.send('POST', '/api/v1/audit/events', kept)).status).toBe(201);
    });

    test('only JSON is read, and not without end', async () => {
      const body = JSON.stringify(sampleRegistration());
      const plain = await lenient.send('POST', '/api/v1/workflows', body, { 'content-type': 'text/plain' });
      expect([plain.status, plain.body.type]).toEqual([400, problemType('validation-error')]);
      const long = JSON.stringify(sampleRegistration({ content: 'x'.repeat(4 * 1024 * 1024) }));
      expect((await lenient.send('POST', '/api/v1/workflows', long)).status).toBe(413);
      expect(
        (await lenient.send('PATCH', `/api/v1/workflows/${unknown}`, { disabled_reason: 'x'.repeat(70_000) }))
          .status,
      ).toBe(413);
    });

    test('who names a request gets its name back', async () => {
      const { headers, body } = await lenient.send(
        'POST',
        '/api/v1/workflows',
        {},
        {
          'content-type': 'application/json',
          'x-request-id': 'abc-1',
        },
      );
      expect([headers.get('x-request-id'), body.instance]).toEqual(['abc-1', '/api/v1/workflows']);
    });

    test('counters tell what happened', async () => {
      await using catalog = await checkedCatalog({ database: held.database });
      await catalog.send('POST', '/api/v1/audit/events', sampleEvent());
      await catalog.send('POST', '/api/v1/audit/events', {});
      const { body } = await catalog.get<string>('/metrics');
      for (const line of [
        'datastorage_audit_traces_total{service="workflow",status="success"} 1',
        'datastorage_audit_lag_seconds_count{service="workflow"} 1',
        'datastorage_write_duration_seconds_count{table="audit_events"} 1',
        'datastorage_validation_failures_total{field="body",reason="AuditEventRequest"} 1',
        'bundles_catalog_requests_total{route="POST /api/v1/audit/events",status="201"} 1',
        'bundles_catalog_database_up 1',
        'bundles_catalog_spooled_entries 0',
      ])
        expect(body).toContain(`${line}\n`);
    });

    test('a token opens it, as a bearer or as a password, and health needs none', async () => {
      await using catalog = await checkedCatalog({ database: held.database, token: 's3cret-token' });
      const ask = (authorization?: string) =>
        catalog.fetch(
          new Request(
            'http://catalog.test/api/v1/workflows',
            authorization ? { headers: { authorization } } : {},
          ),
        );
      const refused = await ask();
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringContaining('Bearer'),
      ]);
      expect((await ask('Bearer wrong')).status).toBe(401);
      expect((await ask(`Basic ${btoa('me:wrong')}`)).status).toBe(401);
      expect((await ask('Bearer s3cret-token')).status).toBe(200);
      expect((await ask(`Basic ${btoa('me:s3cret-token')}`)).status).toBe(200);
      expect((await catalog.get('/health')).status).toBe(200);
      expect((await catalog.get('/metrics')).status).toBe(200);
    });
  });

  test('a database that fails is a failure of the service, and nothing is kept aside', async () => {
    const rename = async (from: string, to: string) => {
      for (const table of ['workflows', 'audit_events', 'notifications']) {
        await sql`ALTER TABLE ${sql.table(`bundles_catalog.${table}${from}`)} RENAME TO ${sql.ref(table + to)}`.execute(
          held.database.query,
        );
      }
    };
    await rename('', '_gone');
    try {
      for (const path of ['/api/v1/workflows', '/api/v1/audit/events', `/api/v1/workflows/${unknown}`]) {
        const { status, body } = await lenient.get(path);
        expect([path, status, body.type]).toEqual([path, 500, problemType('internal-error')]);
        expect(JSON.stringify(body)).not.toContain('bundles_catalog');
      }
      for (const [path, body] of [
        ['/api/v1/workflows', sampleRegistration()],
        ['/api/v1/workflows/search', { filters }],
        ['/api/v1/audit/events', sampleEvent()],
        ['/api/v1/audit/events/batch', [sampleEvent()]],
        ['/api/v1/audit/notifications', notification('n-500')],
      ] as const) {
        expect([path, (await lenient.send('POST', path, body)).status]).toEqual([path, 500]);
      }
    } finally {
      await rename('_gone', '');
    }
    expect((await lenient.send('POST', '/api/v1/audit/events', sampleEvent())).status).toBe(201);
  });

  test(
    'while the database is away, the trail is kept aside and follows in order, each once',
    async () => {
      await register();
      await held.takeAway();
      try {
        const health = await lenient.get<Health>('/health');
        expect([health.status, health.body.status]).toEqual([503, 'unhealthy']);
        expect((await lenient.get<Health>('/health/ready')).status).toBe(503);
        for (const [method, path, body] of [
          ['POST', '/api/v1/workflows', sampleRegistration({ version: '2.0.0' })],
          ['PATCH', `/api/v1/workflows/${unknown}`, { status: 'active' }],
          ['PATCH', `/api/v1/workflows/${unknown}/disable`, {}],
          ['POST', '/api/v1/workflows/search', { filters }],
        ] as const) {
          const answer = await lenient.send(method, path, body);
          expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([
            path,
            503,
            expect.stringMatching(/^\d+$/),
          ]);
        }
        expect((await lenient.get('/api/v1/workflows')).status).toBe(503);
        expect((await lenient.get(`/api/v1/workflows/${unknown}`)).status).toBe(503);
        expect((await lenient.get('/api/v1/workflows/by-name/x/versions')).status).toBe(503);
        expect((await lenient.get('/api/v1/audit/events')).status).toBe(503);
        for (let index = 0; index < 5; index++) {
          const { status, body } = await lenient.send(
            'POST',
            '/api/v1/audit/events',
            sampleEvent({ correlation_id: `run-${index}` }),
          );
          expect([status, body]).toEqual([
            202,
            expect.objectContaining({ status: 'accepted', event_id: expect.any(String) }),
          ]);
        }
        const batch = [sampleEvent({ correlation_id: 'run-5' }), sampleEvent({ correlation_id: 'run-6' })];
        expect((await lenient.send('POST', '/api/v1/audit/events/batch', batch)).status).toBe(202);
        const late = notification('n-away');
        expect((await lenient.send('POST', '/api/v1/audit/notifications', late)).status).toBe(202);
      } finally {
        await held.bringBack();
      }
      const total = async () => {
        const { status, body } = await lenient.get<AuditEventPage>('/api/v1/audit/events');
        return status === 200 ? body.pagination.total : -1;
      };
      await eventually(async () => ((await total()) === 7 ? true : undefined));
      const rows = await held.database.query
        .selectFrom('audit_events')
        .selectAll()
        .orderBy('arrival')
        .execute();
      expect(rows.map(({ correlation_id }) => correlation_id)).toEqual(
        [0, 1, 2, 3, 4, 5, 6].map((index) => `run-${index}`),
      );
      await eventually(async () => {
        const found = await held.database.query.selectFrom('notifications').selectAll().execute();
        return found.length === 1 ? true : undefined;
      });
      await eventually(async () => {
        const { status } = await lenient.send('POST', '/api/v1/audit/events', sampleEvent());
        return status === 201 ? true : undefined;
      });
    },
    3 * minutes,
  );
});

test.skipIf(upstream === undefined)(
  'every status that the document of the service lists was given and held to it',
  () => {
    const wanted = [...(upstream?.operations ?? [])].flatMap(([operation, statuses]) =>
      statuses.map((status) => `${operation} ${status}`),
    );
    expect(wanted.filter((answer) => !listed.has(answer))).toEqual([]);
  },
);

test.skipIf(upstream === undefined)(
  'the statuses that it does not list stand in the documentation, and no others',
  () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/reference/embedded-catalog.md'), 'utf8');
    const [, section = ''] = page.split(/^## Answers that the document of the service does not list$/m);
    const documented = [
      ...(section.split(/^## /m)[0] ?? '').matchAll(/^\| `([^`]+)` \| ([\d, ]+) \|/gm),
    ].flatMap(([, operation, statuses]) =>
      (statuses ?? '').split(',').map((status) => `${operation} ${status.trim()}`),
    );
    expect(documented.sort()).toEqual([...unlisted.keys()].sort());
  },
);

function notification(notification_id: string) {
  return {
    remediation_id: 'rr',
    notification_id,
    recipient: 'x',
    channel: 'slack',
    message_summary: 'x',
    status: 'failed',
    sent_at: new Date().toISOString(),
  };
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error('it did not happen within a minute');
}
