import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { generatedFile, generateTypes } from '../scripts/openapi.js';
import { ourDocument, readOpenApi } from './support/catalog/openapi.js';
import { sharedPath, testWithShared } from './support/shared.js';

const upstreamPath = 'upstream/datastorage/data-storage-v1.yaml';
const upstreamTest = testWithShared(upstreamPath);
const ours = readOpenApi(ourDocument);
const upstream = upstreamTest === test ? [readOpenApi(sharedPath(upstreamPath))] : [];

const registration = {
  workflow_name: 'hello',
  version: '1.0.0',
  name: 'Hello',
  description: 'Says hello',
  content: 'kind: WorkflowSchema\n',
  content_hash: 'a'.repeat(64),
  execution_engine: 'tekton',
  parameters: { schema: { parameters: [] } },
  labels: { signal_type: 'Test', severity: 'low', component: 'pod', environment: 'test', priority: 'P3' },
  status: 'active',
};
const event = {
  version: '1.0',
  event_type: 'bundle.published',
  event_timestamp: '2026-01-04T00:00:00Z',
  event_category: 'workflow',
  event_action: 'published',
  event_outcome: 'success',
  correlation_id: 'run-1',
  event_data: { bundle: 'hello' },
};
const host = 'http://catalog.test';

function request(method: string, path: string, body?: unknown) {
  const text = body === undefined ? '' : JSON.stringify(body);
  return {
    method,
    url: host + path,
    contentType: body === undefined ? null : 'application/json',
    body: text,
  };
}

test('the generated types are those of the document', async () => {
  expect(readFileSync(generatedFile, 'utf8')).toBe(await generateTypes());
}, 30_000);

const requests: readonly (readonly [method: string, path: string, body: unknown, problem: RegExp | null])[] =
  [
    ['POST', '/api/v1/workflows', registration, null],
    ['POST', '/api/v1/workflows', { ...registration, parameters: [] }, /\/parameters: must be object/],
    ['POST', '/api/v1/workflows', { ...registration, content_hash: 'abc' }, /\/content_hash/],
    ['POST', '/api/v1/workflows', { ...registration, status: 'enabled' }, /\/status/],
    [
      'POST',
      '/api/v1/workflows',
      { ...registration, labels: { ...registration.labels, priority: 'p3' } },
      /\/labels\/priority/,
    ],
    [
      'POST',
      '/api/v1/workflows',
      { ...registration, custom_labels: { team: 'blue' } },
      /\/custom_labels\/team/,
    ],
    ['POST', '/api/v1/workflows', undefined, /body: missing/],
    ['GET', '/api/v1/workflows?status=active&limit=1000', undefined, null],
    ['GET', '/api/v1/workflows?limit=1001', undefined, /limit/],
    ['GET', '/api/v1/workflows?status=gone', undefined, /status/],
    ['PATCH', '/api/v1/workflows/0b51a8a3-2e0e-4b1f-9d38-65b3ff1cb0d0/disable', { reason: 'old' }, null],
    ['POST', '/api/v1/audit/events/batch', [event], null],
    ['POST', '/api/v1/audit/events/batch', event, /must be array/],
    ['POST', '/api/v1/audit/events', { ...event, event_category: 'bundles' }, /event_category/],
    ['POST', '/api/v1/audit/events', { ...event, event_timestamp: 'now' }, /event_timestamp/],
    ['DELETE', '/api/v1/workflows', undefined, /no operation/],
  ];

test.each(requests)('%s %s is held to both documents', (method, path, body, problem) => {
  for (const api of [ours, ...upstream]) {
    const found = api.request(request(method, path, body)).join('\n');
    if (problem) expect(found).toMatch(problem);
    else expect(found).toBe('');
  }
});

upstreamTest('our document lists every operation and status of the service, and more', () => {
  for (const [operation, statuses] of upstream[0]!.operations) {
    expect(ours.operations.get(operation), operation).toEqual(expect.arrayContaining([...statuses]));
  }
  expect(ours.operations.get('POST /api/v1/workflows')).toContain('409');
  expect(ours.operations.has('GET /api/v1/workflows/by-name/{workflow_name}/versions')).toBe(true);
});

upstreamTest('what our document lets a request hold, the service knows', () => {
  const mine = schemasOf(ourDocument);
  const theirs = schemasOf(sharedPath(upstreamPath));
  for (const [name, twin] of [
    ['WorkflowRegistration', 'RemediationWorkflow'],
    ['MandatoryLabels', 'MandatoryLabels'],
    ['DetectedLabels', 'DetectedLabels'],
    ['WorkflowUpdate', 'WorkflowUpdateRequest'],
    ['WorkflowDisable', 'WorkflowDisableRequest'],
    ['SearchRequest', 'WorkflowSearchRequest'],
    ['SearchFilters', 'WorkflowSearchFilters'],
    ['AuditEventRequest', 'AuditEventRequest'],
    ['NotificationAudit', 'NotificationAudit'],
  ] as const) {
    const known = Object.keys(theirs[twin]!.properties);
    expect(known, name).toEqual(expect.arrayContaining(Object.keys(mine[name]!.properties)));
    expect(mine[name]!.required ?? [], name).toEqual(
      expect.arrayContaining([...(theirs[twin]!.required ?? [])]),
    );
  }
});

function schemasOf(file: string) {
  const { components } = parse(readFileSync(file, 'utf8')) as {
    components: {
      schemas: Record<string, { properties: Record<string, unknown>; required?: readonly string[] }>;
    };
  };
  return components.schemas;
}
