import fc from 'fast-check';
import { expect, test } from 'vitest';
import { auditPage } from './audit.js';
import { overviewPage } from './overview.js';
import type { AuditData, OverviewData, WorkflowData } from './page-data.js';
import { reportPage } from './report.js';
import { contentPolicy, messagePage } from './shell.js';
import { workflowPage } from './workflow.js';

const footer = 'bundles 1.0.0';
const mebibyte = 1024 * 1024;

function sampleWorkflow(text: string, many: number): WorkflowData {
  const labels = { signal_type: text, severity: text, component: text, environment: text, priority: text };
  const lists = Array.from({ length: many }, (_, index) => index);
  const workflow = {
    workflow_id: '00000000-0000-4000-8000-000000000000',
    workflow_name: text,
    version: text,
    name: text,
    description: text,
    content: text,
    content_hash: text,
    execution_engine: text,
    container_image: text,
    labels,
    custom_labels: Object.fromEntries(lists.map((index) => [`${index}${text}`, [text]])),
    parameters: {
      schema: {
        parameters: lists.map(() => ({
          name: text,
          type: text,
          description: text,
          enum: [text, text],
          pattern: text,
        })),
      },
    },
    status: 'disabled',
    disabled_at: text,
    disabled_by: text,
    disabled_reason: text,
    is_latest_version: true,
    created_at: text,
    detected_labels: {},
  } as unknown as WorkflowData['workflow'];
  const task = {
    name: text,
    runs: text,
    after: lists.slice(0, 20).map(() => text),
    conditional: true,
    conditions: [],
    matrix: true,
    retries: 1,
  };
  return {
    workflow,
    versions: lists.map(() => workflow),
    served: { state: 'unreachable', note: text },
    graph: {
      omitted: 0,
      tasks: lists
        .slice(0, 400)
        .map((index) => ({ ...task, name: `${index}${text}`, final: index % 2 === 0 })),
    },
    events: sampleEvents(text, Math.min(many, 50)),
  };
}

function sampleEvents(text: string, many: number): AuditData['events'] {
  const event = {
    event_id: text,
    event_type: text,
    event_category: text,
    event_outcome: text,
    event_timestamp: text,
    resource_type: text,
    resource_id: text,
    actor_id: text,
    correlation_id: text,
    event_data: { [text]: text },
  };
  return Array.from({ length: many }, () => event as unknown as AuditData['events'][number]);
}

/** Every page over the same text and as many of everything as `many`. */
function allPages(text: string, many = 2): Readonly<Record<string, string>> {
  const data = sampleWorkflow(text, many);
  const rows = Array.from({ length: Math.min(many, 50) }, () => ({
    ...data.workflow,
    versions: 2,
    served: data.served,
  }));
  const counts = { workflows: 1, versions: 1, events: 1 };
  const overview: OverviewData = {
    rows,
    counts,
    total: 1000,
    query: text.slice(0, 200),
    status: '',
    page: 2,
    pageSize: 50,
  };
  const events = sampleEvents(text, Math.min(many, 50));
  const filters = {
    correlation_id: text.slice(0, 255),
    event_category: text.slice(0, 255),
    event_outcome: '',
  };
  return {
    overview: overviewPage(overview, { footer }),
    workflow: workflowPage(data, { footer }),
    audit: auditPage({ events, total: 1000, filters, page: 2, pageSize: 50 }, { footer }),
    message: messagePage('No such page', 'The catalog has nothing at this address.', { footer }),
    report: reportPage({
      source: text.slice(0, 200),
      time: '2026-01-04T00:00:00Z',
      workflows: [data],
      audit: { events, total: 1 },
      footer,
    }),
  };
}

test('no text brings markup of its own, in content or in attributes', () => {
  const tags = (page: string) => page.match(/<\/?[a-z!][^\s>/]*/gi)?.length;
  const plain = allPages('x');
  for (const hostile of [
    '<script>alert(1)</script>',
    `"'><img src=x onerror=alert(1)>`,
    '&lt;b&gt;<b>',
    '</style><b>',
    '{{<i>}}',
  ]) {
    for (const [name, page] of Object.entries(allPages(hostile)))
      expect(tags(page), name).toBe(tags(plain[name] ?? ''));
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), (text) => {
      for (const [name, page] of Object.entries(allPages(`x${text}`))) {
        expect(tags(page), name).toBe(tags(plain[name] ?? ''));
      }
    }),
    { numRuns: 40 },
  );
});

test('characters that hide or turn what follows are shown as such', () => {
  for (const page of Object.values(allPages('a\u202eb\u0000c\u2066d'))) {
    expect(page).not.toMatch(/[\u0000\u202e\u2066]/);
  }
  expect(allPages('a\u202eb').workflow).toContain('a\ufffdb');
});

test('a page has less than 2 MiB whatever the catalog holds, and a report less than 40', () => {
  for (const text of ['"'.repeat(70_000), '€'.repeat(70_000), 'x y '.repeat(20_000)]) {
    const { report = '', ...pages } = allPages(text, 400);
    for (const [name, page] of Object.entries(pages))
      expect(Buffer.byteLength(page), name).toBeLessThan(2 * mebibyte);
    expect(Buffer.byteLength(report)).toBeLessThan(4 * mebibyte);
  }
  const data = sampleWorkflow('"'.repeat(300), 100);
  const workflows = Array.from({ length: 600 }, (_, index) => {
    const workflow_id = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    return { ...data, workflow: { ...data.workflow, workflow_id } };
  });
  const report = reportPage({ source: 'x', time: '', workflows, audit: { events: [], total: 0 }, footer });
  expect(Buffer.byteLength(report)).toBeLessThan(40 * mebibyte);
  expect(report).toContain('more would make a file that no browser likes');
  expect(report.match(/<tr role="row">/g)).toHaveLength(601);
});

test('a page runs no script, and a report only its own', () => {
  const { report = '', ...pages } = allPages('x');
  for (const page of Object.values(pages)) expect(page).not.toContain('<script');
  expect(report.match(/<script/g)).toHaveLength(1);
  expect(contentPolicy({})).toMatch(
    /^default-src 'none'; style-src 'sha256-[^;]+; img-src data:; base-uri 'none'; form-action/,
  );
});
