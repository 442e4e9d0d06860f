import { createHash, randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import type {
  SearchRequest,
  SearchResponse,
  Workflow,
  WorkflowDisable,
  WorkflowRegistration,
  WorkflowUpdate,
} from '../../catalog/data-storage/data-storage-api.js';
import { toAuditRow } from '../audit/audit-row.js';
import { databaseFailure } from '../database/database-failure.js';
import { badRequest, notFound, ProblemError } from '../problem.js';
import { getWorkflow, listVersions, listWorkflows } from '../workflows/find-workflows.js';
import { knownDetectedLabels, toEcho, toRow, toWorkflow } from '../workflows/record.js';
import { type ScoredWorkflow, searchWorkflows } from '../workflows/search-workflows.js';
import { strictProblems } from '../workflows/strict-rules.js';
import { changeStatus, registerWorkflow, type StatusChange } from '../workflows/write-workflows.js';
import type { ApiContext } from './api-context.js';
import { checkBody, checkQuery, validationError } from './check-request.js';
import { bodyLimits, readJsonBody } from './read-body.js';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** One search may ask for this many custom values: each is a term of the score. */
const mostCustomValues = 500;

/** Entries of the catalog: `/api/v1/workflows…`. */
export function addWorkflowRoutes(app: Hono, context: ApiContext): void {
  app.post('/api/v1/workflows', async ({ req }) => {
    const registration = await register(req.raw, context);
    return Response.json(registration, { status: 201 });
  });
  app.get('/api/v1/workflows', async ({ req }) => Response.json(await list(new URL(req.url), context)));
  app.post('/api/v1/workflows/search', async ({ req }) => Response.json(await search(req.raw, context)));
  app.get('/api/v1/workflows/by-name/:name/versions', async ({ req }) => {
    const workflow_name = req.param('name');
    const rows = await listVersions(context.database, workflow_name);
    // The service has null for none.
    const versions = rows.length > 0 ? rows.map(toWorkflow) : null;
    return Response.json({ workflow_name, versions, total: rows.length });
  });
  app.get('/api/v1/workflows/:id', async ({ req }) => {
    const id = req.param('id');
    if (!uuid.test(id) && context.mode === 'lenient') throw failedToGet();
    const row = uuid.test(id) ? await getWorkflow(context.database, id) : undefined;
    if (row === undefined) throw notFound(id);
    return Response.json(toWorkflow(row));
  });
  app.patch('/api/v1/workflows/:id', async ({ req }) =>
    Response.json(await update(req.raw, req.param('id'), context)),
  );
  app.patch('/api/v1/workflows/:id/disable', async ({ req }) =>
    Response.json(await disable(req.raw, req.param('id'), context)),
  );
}

const paths = [
  '/api/v1/workflows',
  '/api/v1/workflows/search',
  '/api/v1/workflows/by-name/:name/versions',
  '/api/v1/workflows/:id',
  '/api/v1/workflows/:id/disable',
  '/api/v1/audit/events',
  '/api/v1/audit/events/batch',
  '/api/v1/audit/notifications',
];

/** Registered after all routes: refuses the methods that a path of the API does not have. */
export function refuseOtherMethods(app: Hono): void {
  for (const path of paths) app.all(path, () => new Response(null, { status: 405 }));
}

async function register(request: Request, context: ApiContext): Promise<Workflow> {
  const body = await readJsonBody(request, bodyLimits.workflow);
  const registration = checkRegistration(body, context);
  requireTexts(registration);
  if (context.mode === 'strict') {
    const problems = strictProblems(registration);
    if (Object.keys(problems).length > 0) throw validationError(problems);
  }
  const { workflow_name, version } = registration;
  const started = context.clock.now();
  try {
    const row = await registerWorkflow(context.database, toRow(registration));
    return context.mode === 'strict' ? toWorkflow(row) : toEcho(registration, row.workflow_id);
  } catch (cause) {
    if (databaseFailure(cause) !== 'duplicate') throw cause;
    const detail = `Workflow '${workflow_name}' version '${version}' already exists`;
    throw new ProblemError(409, 'conflict', 'Workflow Already Exists', detail, { cause });
  } finally {
    context.metrics.observe(
      'datastorage_write_duration_seconds',
      { table: 'workflows' },
      (context.clock.now() - started) / 1000,
    );
  }
}

/** The service finds out from its database that a digest is too long, and has no answer for that but a failure. */
function checkRegistration(body: unknown, context: ApiContext): WorkflowRegistration {
  const digest = (body as Partial<WorkflowRegistration> | null)?.container_digest;
  const isTooLong = context.mode === 'lenient' && typeof digest === 'string' && digest.length > 71;
  const checked = isTooLong ? { ...(body as object), container_digest: undefined } : body;
  const registration = checkBody<WorkflowRegistration>(context, 'WorkflowRegistration', checked);
  if (!isTooLong) return registration;
  requireTexts(registration);
  throw new ProblemError(500, 'internal-error', 'Internal Server Error', 'Failed to create workflow');
}

/** What the document allows to be empty and the service does not. */
function requireTexts(registration: WorkflowRegistration): void {
  for (const name of ['workflow_name', 'version', 'name', 'description', 'content'] as const) {
    if (registration[name] === '') throw badRequest(`${name} is required`);
  }
  const { signal_type, component } = registration.labels;
  if (signal_type === '' || component === '') {
    throw badRequest('labels are required (signal_type, severity, component, environment, priority)');
  }
}

async function list(url: URL, context: ApiContext) {
  const query = checkQuery(context, '/api/v1/workflows', url.searchParams);
  const asked = Number(query.limit);
  const limit = asked <= 0 ? 50 : Math.min(asked, 100);
  const offset = Math.max(0, Number(query.offset));
  const filters = Object.fromEntries(
    (['status', 'environment', 'priority', 'component'] as const).map((name) => [name, text(query[name])]),
  );
  const { rows, total } = await listWorkflows(context.database, filters, { limit, offset });
  return { workflows: rows.map(toWorkflow), limit, offset, total };
}

async function update(request: Request, id: string, context: ApiContext): Promise<Workflow> {
  const body = await readJsonBody(request, bodyLimits.change);
  const change = checkBody<WorkflowUpdate>(context, 'WorkflowUpdate', body);
  for (const name of ['description', 'content', 'labels'] as const) {
    if ((body as Record<string, unknown>)[name] == null) continue;
    const detail =
      'Cannot update immutable fields (description, content, labels). Create a new version instead. See DD-WORKFLOW-012.';
    throw new ProblemError(400, 'immutable-field-violation', 'Bad Request', detail);
  }
  const { status, disabled_by: by, disabled_reason: reason } = change;
  return changed(id, { status, by, reason }, context);
}

async function disable(request: Request, id: string, context: ApiContext): Promise<Workflow> {
  const body = await readJsonBody(request, bodyLimits.change);
  const { reason, updated_by: by } = checkBody<WorkflowDisable>(context, 'WorkflowDisable', body);
  return changed(id, { status: 'disabled', by, reason }, context);
}

/** The entry after a change. The service shows it as it was before, with what the request itself changes. */
async function changed(id: string, change: StatusChange, { database, mode }: ApiContext): Promise<Workflow> {
  const before = uuid.test(id) ? await getWorkflow(database, id) : undefined;
  if (before === undefined) throw notFound(id);
  const after = await changeStatus(database, before, change);
  if (after === undefined) throw notFound(id);
  if (mode === 'strict') return toWorkflow(after);
  const { status, by = null, reason = null } = change;
  return toWorkflow({
    ...before,
    status: after.status,
    ...(status === 'disabled'
      ? { disabled_at: after.disabled_at, disabled_by: by, disabled_reason: reason }
      : {}),
  });
}

async function search(request: Request, context: ApiContext): Promise<SearchResponse> {
  const started = context.clock.now();
  const body = await readJsonBody(request, bodyLimits.search);
  const asked = checkBody<SearchRequest>(context, 'SearchRequest', body);
  const { filters } = asked;
  for (const name of ['signal_type', 'component', 'environment'] as const) {
    if (filters[name] === '') throw badRequest(`filters.${name} is required`);
  }
  const customValues = Object.values(filters.custom_labels ?? {}).flat().length;
  if (customValues > mostCustomValues) {
    throw badRequest(`filters.custom_labels has ${customValues} values, wanted at most ${mostCustomValues}`);
  }
  const found = await searchWorkflows(context.database, asked);
  const workflows = found.map(toResult);
  context.later(() => auditSearch(asked, { workflows, started }, context));
  return { workflows, total_results: workflows.length, filters: toFilters(filters) };
}

/** As the service repeats them: unknown filters are left out, and `detected_labels` is always there. */
function toFilters({
  custom_labels,
  detected_labels,
  ...filters
}: SearchRequest['filters']): SearchRequest['filters'] {
  const { signal_type, severity, component, environment, priority, status } = filters as typeof filters & {
    readonly status?: readonly string[];
  };
  return {
    ...{ signal_type, severity, component, environment, priority },
    detected_labels: knownDetectedLabels(detected_labels),
    ...(custom_labels && Object.keys(custom_labels).length > 0 ? { custom_labels } : {}),
    ...(status && status.length > 0 ? { status } : {}),
  };
}

function toResult(found: ScoredWorkflow, index: number): SearchResponse['workflows'][number] {
  const { container_image, container_digest, custom_labels } = found;
  return {
    workflow_id: found.workflow_id,
    title: found.name,
    description: found.description,
    signal_type: found.signal_type,
    ...(container_image ? { container_image } : {}),
    ...(container_digest ? { container_digest } : {}),
    confidence: found.score,
    label_boost: found.boost,
    label_penalty: found.penalty,
    final_score: found.score,
    rank: index + 1,
    ...(Object.keys(custom_labels).length > 0
      ? { custom_labels: custom_labels as Record<string, string[]> }
      : {}),
    detected_labels: found.detected_labels,
  };
}

/** Adds an event for a search to the audit trail. */
async function auditSearch(
  { filters, top_k = 10, min_score = 0, remediation_id }: SearchRequest,
  { workflows, started }: { readonly workflows: SearchResponse['workflows']; readonly started: number },
  { clock, audit }: ApiContext,
): Promise<void> {
  const now = clock.now();
  const labels = ['signal_type', 'severity', 'component', 'environment', 'priority'] as const;
  const key = labels.map((name) => filters[name]).join('-');
  const queryHash = createHash('sha256').update(key).digest('hex').slice(0, 16);
  const results = workflows.map(({ workflow_id, title, rank, confidence, description }) => ({
    workflow_id,
    title,
    rank,
    description,
    scoring: { confidence },
  }));
  const event = {
    version: '1.0',
    event_type: 'workflow.catalog.search_completed',
    event_timestamp: new Date(now).toISOString(),
    event_category: 'workflow',
    event_action: 'search_completed',
    event_outcome: 'success',
    actor_type: 'service',
    actor_id: 'datastorage',
    resource_type: 'workflow_catalog',
    resource_id: queryHash,
    correlation_id: remediation_id?.slice(0, 255) || queryHash,
    duration_ms: Math.round(now - started),
    event_data: {
      query: { top_k, ...(min_score > 0 ? { min_score } : {}), filters },
      results: { total_found: results.length, returned: results.length, workflows: results },
      search_metadata: {
        duration_ms: Math.round(now - started),
        embedding_dimensions: 0,
        embedding_model: '',
      },
    },
  } as const;
  await audit.writeEvents([toAuditRow(event, { eventId: randomUUID(), retentionDays: 90 })]);
}

function text(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function failedToGet(): ProblemError {
  return new ProblemError(500, 'internal-error', 'Internal Server Error', 'Failed to get workflow');
}
