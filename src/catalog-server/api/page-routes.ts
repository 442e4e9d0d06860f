import type { Context, Hono } from 'hono';
import { auditPage } from '../../catalog-page/audit.js';
import { overviewPage } from '../../catalog-page/overview.js';
import type { AuditData, OverviewData, WorkflowData } from '../../catalog-page/page-data.js';
import { contentPolicy, messagePage } from '../../catalog-page/shell.js';
import { workflowPage } from '../../catalog-page/workflow.js';
import { toAuditEvent } from '../audit/audit-row.js';
import { queryEvents } from '../audit/query-events.js';
import type { BundleLookup } from '../bundle-lookup.js';
import { databaseFailure } from '../database/database-failure.js';
import { browseWorkflows, countAll, eventsOf } from '../workflows/browse-workflows.js';
import { getWorkflow, listVersions } from '../workflows/find-workflows.js';
import { toWorkflow } from '../workflows/record.js';
import type { ApiContext } from './api-context.js';

const pageSize = 50;
/** How long a page waits for registries; what is not known by then states so. */
const patienceMs = 120;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const statuses: readonly string[] = ['active', 'disabled', 'deprecated', 'archived'];

export interface PageOptions {
  readonly bundles: BundleLookup;
  /** Printed below every page: what database, what mode. */
  readonly footer: string;
}

/** Whether a path is one of the pages for people. */
export function isPage(path: string): boolean {
  return /^\/(?:audit|workflows\/[^/]+)?$/.test(path);
}

/** Pages for people: `/`, `/workflows/ID` and `/audit`. */
export function addPageRoutes(app: Hono, context: ApiContext, options: PageOptions): void {
  const message = (title: string, sentence: string, status: number) =>
    htmlAnswer(messagePage(title, sentence, options), status);
  const routes: Readonly<Record<string, (c: Context) => Promise<Response>>> = {
    '/': async ({ req }) => {
      const data = await overviewData(new URL(req.url), context, options);
      return htmlAnswer(overviewPage(data, options));
    },
    '/workflows/:id': async ({ req }) => {
      const data = await workflowData(req.param('id') ?? '', context, options);
      if (data === undefined) return message('No such workflow', 'The catalog has no entry of this id.', 404);
      return htmlAnswer(workflowPage(data, options));
    },
    '/audit': async ({ req }) => htmlAnswer(auditPage(await auditData(new URL(req.url), context), options)),
  };
  for (const [path, show] of Object.entries(routes)) {
    app.get(path, async (c) => {
      try {
        return await show(c);
      } catch (error) {
        c.error = error instanceof Error ? error : new Error(String(error));
        const away = databaseFailure(error) === 'away';
        if (!away) return message('This did not work', 'The catalog failed; its log has the reason.', 500);
        const sentence = 'Nothing is lost: audit records are kept aside until it is back. Try again soon.';
        return message('The database is away', sentence, 503);
      }
    });
  }
}

/** A browser gets a page, a program the line that the service has. */
export function answerUnknownPath({ req }: Context, options: PageOptions): Response {
  if (!req.header('accept')?.includes('text/html')) {
    return new Response('404 page not found\n', { status: 404 });
  }
  const sentence = 'The catalog has nothing at this address.';
  return htmlAnswer(messagePage('No such page', sentence, options), 404);
}

function htmlAnswer(text: string, status = 200): Response {
  return new Response(text, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentPolicy({}),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      ...(status === 503 ? { 'retry-after': '2' } : {}),
    },
  });
}

async function overviewData(
  url: URL,
  { database }: ApiContext,
  { bundles }: PageOptions,
): Promise<OverviewData> {
  const query = (url.searchParams.get('q') ?? '').replaceAll('\u0000', '').slice(0, 200);
  const asked = url.searchParams.get('status') ?? '';
  const status = statuses.includes(asked) ? asked : '';
  const number = pageNumber(url);
  const offset = (number - 1) * pageSize;
  const { rows, total } = await browseWorkflows(
    database,
    { text: query, status },
    { limit: pageSize, offset },
  );
  const counts = await countAll(database);
  await within(patienceMs, Promise.all(rows.map((row) => bundles.served(row.container_image ?? undefined))));
  return {
    total,
    counts,
    query,
    status,
    page: number,
    pageSize,
    rows: rows.map((row) => {
      const { container_image, labels, status: held, ...columns } = row;
      const image = container_image ?? undefined;
      return {
        ...columns,
        labels: labels as unknown as WorkflowData['workflow']['labels'],
        status: held as WorkflowData['workflow']['status'],
        ...(image === undefined ? {} : { container_image: image }),
        served: bundles.known(image),
      };
    }),
  };
}

async function workflowData(
  id: string,
  { database }: ApiContext,
  { bundles }: PageOptions,
): Promise<WorkflowData | undefined> {
  const row = uuid.test(id) ? await getWorkflow(database, id) : undefined;
  if (row === undefined) return undefined;
  const image = row.container_image ?? undefined;
  const [versions, events, served, graph] = await Promise.all([
    listVersions(database, row.workflow_name),
    eventsOf(database, row),
    bundles.served(image),
    bundles.graph(image),
  ]);
  return {
    workflow: toWorkflow(row),
    versions: versions.slice(0, 100).map(toWorkflow),
    served,
    graph,
    events: events.map(toAuditEvent),
  };
}

async function auditData(url: URL, { database }: ApiContext): Promise<AuditData> {
  const names = ['correlation_id', 'event_category', 'event_outcome'] as const;
  const filters = Object.fromEntries(
    names.map((name) => [name, (url.searchParams.get(name) ?? '').replaceAll('\u0000', '').slice(0, 255)]),
  );
  const number = pageNumber(url);
  const page = { limit: pageSize, offset: (number - 1) * pageSize };
  const { rows, total } = await queryEvents(database, filters, page);
  return { events: rows.map(toAuditEvent), total, filters, page: number, pageSize };
}

function pageNumber(url: URL): number {
  const text = url.searchParams.get('page') ?? '1';
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 1;
}

/** Waits for a task, but not longer; it goes on behind. */
async function within(ms: number, task: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([task.catch(() => undefined), patience]);
  clearTimeout(timer);
}
