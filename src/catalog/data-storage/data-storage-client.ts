import { CatalogError } from '../catalog-error.js';
import { type CatalogHostOptions, createCatalogHost } from '../catalog-host.js';
import type { CatalogCallOptions } from '../catalog-target.js';
import { ask, type CatalogAnswer, type CatalogRequest } from './ask.js';
import type {
  AuditEventPage,
  AuditEventRequest,
  Health,
  SearchRequest,
  SearchResponse,
  Status,
  Workflow,
  WorkflowList,
  WorkflowRegistration,
} from './data-storage-api.js';
import { createExplainer } from './explain-missing.js';

/** Which workflows are listed. */
export interface WorkflowFilters {
  readonly status?: Status;
  readonly environment?: string;
  readonly priority?: string;
  readonly component?: string;
  /** At most 100, also for a greater number. */
  readonly limit?: number;
  readonly offset?: number;
}

/** Which audit events are listed. */
export interface AuditQuery {
  readonly eventType?: string;
  readonly eventCategory?: string;
  readonly eventOutcome?: 'success' | 'failure' | 'pending';
  readonly severity?: string;
  readonly correlationId?: string;
  /** A span before now (`24h`, `7d`), a time of RFC 3339, or a date. */
  readonly since?: string;
  readonly until?: string;
  /** 1 to 1000, default 50. */
  readonly limit?: number;
  readonly offset?: number;
}

/** What became of events that were sent. */
export interface AuditReceived {
  /** `kept`: the service has them and writes them once its database is back. */
  readonly state: 'recorded' | 'kept';
}

/**
 * The workflow catalog and audit trail of DataStorage, by its interface of January 2026. Reading repeats what may
 * pass; writing repeats only what certainly was not carried out, so that a `CatalogError` with `mayHaveHappened`
 * must be followed by a look.
 */
export interface DataStorageClient {
  /** Without a final slash. */
  readonly url: string;
  /** Undefined where this name has this version already. */
  createWorkflow(workflow: WorkflowRegistration, options?: CatalogCallOptions): Promise<Workflow | undefined>;
  listWorkflows(filters?: WorkflowFilters, options?: CatalogCallOptions): Promise<WorkflowList>;
  /** Undefined where there is none. The service itself breaks the connection then, which is CATALOG_UNREACHABLE. */
  getWorkflow(workflowId: string, options?: CatalogCallOptions): Promise<Workflow | undefined>;
  /** Newest first; empty for an unknown name. */
  versionsOf(workflowName: string, options?: CatalogCallOptions): Promise<readonly Workflow[]>;
  searchWorkflows(request: SearchRequest, options?: CatalogCallOptions): Promise<SearchResponse>;
  /** Undefined where there is none. */
  disableWorkflow(
    workflowId: string,
    change: { readonly reason?: string; readonly updatedBy?: string },
    options?: CatalogCallOptions,
  ): Promise<Workflow | undefined>;
  writeAuditEvent(event: AuditEventRequest, options?: CatalogCallOptions): Promise<AuditReceived>;
  /** All or none of them. */
  writeAuditEvents(
    events: readonly AuditEventRequest[],
    options?: CatalogCallOptions,
  ): Promise<AuditReceived>;
  /** Latest first. */
  queryAuditEvents(query?: AuditQuery, options?: CatalogCallOptions): Promise<AuditEventPage>;
  /** Never throws for a service that reports that it is not well. */
  health(
    options?: CatalogCallOptions,
  ): Promise<{ readonly healthy: boolean; readonly said: Health | undefined }>;
}

const workflows = '/api/v1/workflows';
const events = '/api/v1/audit/events';
/** A page of entries, each with its document. */
const listLimit = 32 * 1024 * 1024;

/**
 * Creates a client of the DataStorage workflow API. Requests whose failure may pass are repeated, at most 5 times in all; one response may
 * take 30 s (`timeoutMs`).
 *
 * @throws CONFIG_INVALID for an invalid URL; its calls throw CATALOG_UNREACHABLE, CATALOG_REFUSED or the signal's reason
 * @example
 * ```ts
 * import { createDataStorageClient } from 'tekton-bundles/catalog';
 * import { createNodeTransport } from 'tekton-bundles/registry';
 * import { startCatalog } from 'tekton-bundles/testing';
 *
 * await using server = await startCatalog();
 * const send = createNodeTransport();
 * const client = createDataStorageClient({ send, url: server.url });
 * console.log((await client.health()).healthy); // true
 * console.log((await client.listWorkflows()).total); // 0
 * await send.close();
 * ```
 */
export function createDataStorageClient(options: CatalogHostOptions): DataStorageClient {
  const host = createCatalogHost(options);
  const send = async <T>(
    request: CatalogRequest,
    read: (answer: CatalogAnswer) => T,
    call: CatalogCallOptions,
  ) => read(await ask(host, request, call));
  const believe =
    <T>(request: CatalogRequest, wanted: (json: object) => boolean) =>
    ({ json }: CatalogAnswer): T => {
      if (typeof json === 'object' && json !== null && wanted(json)) return json as T;
      throw notACatalog(host.url, request);
    };
  const explained = createExplainer(host);
  return {
    url: host.url,
    createWorkflow(workflow, call = {}) {
      const doing = `Cannot register ${JSON.stringify(workflow.workflow_name)} ${workflow.version}`;
      const request = {
        method: 'POST',
        path: workflows,
        body: workflow,
        doing,
        repeat: false,
        expect: [201, 409],
      } as const;
      const read = believe<Workflow>(request, isEntry);
      return send(request, (answer) => (answer.status === 409 ? undefined : read(answer)), call);
    },
    listWorkflows(filters = {}, call = {}) {
      const doing = 'Cannot list the workflows of the catalog';
      const request = reading(workflows, doing, { query: { ...filters }, limit: listLimit });
      return send(request, believe<WorkflowList>(request, hasList('workflows', isEntry)), call);
    },
    getWorkflow(workflowId, call = {}) {
      const path = `${workflows}/${encodeURIComponent(workflowId)}`;
      const request = { ...reading(path, `Cannot get the workflow ${workflowId}`), expect: [200, 404] };
      const read = believe<Workflow>(request, isEntry);
      return send(request, (answer) => (answer.status === 404 ? undefined : read(answer)), call);
    },
    versionsOf(name, call = {}) {
      const request = versionsRequest(name);
      const read = believe<{ versions: readonly Workflow[] | null }>(request, hasVersions);
      return explained(
        send(request, (answer) => read(answer).versions ?? [], call),
        call,
      );
    },
    searchWorkflows(search, call = {}) {
      const path = `${workflows}/search`;
      const request = {
        ...reading(path, 'Cannot search the catalog', { limit: listLimit }),
        method: 'POST',
        body: search,
      } as const;
      return send(request, believe<SearchResponse>(request, hasList('workflows', isFound)), call);
    },
    disableWorkflow(workflowId, { reason, updatedBy }, call = {}) {
      const path = `${workflows}/${encodeURIComponent(workflowId)}/disable`;
      const body = { reason, updated_by: updatedBy };
      const doing = `Cannot disable the workflow ${workflowId}`;
      const request = { method: 'PATCH', path, body, doing, repeat: true, expect: [200, 404] } as const;
      const read = believe<Workflow>(request, isEntry);
      return send(request, (answer) => (answer.status === 404 ? undefined : read(answer)), call);
    },
    writeAuditEvent(event, call = {}) {
      return send(writing(events, event), received, call);
    },
    writeAuditEvents(batch, call = {}) {
      return send(writing(`${events}/batch`, batch), received, call);
    },
    queryAuditEvents(query = {}, call = {}) {
      const { eventType, eventCategory, eventOutcome, correlationId, ...others } = query;
      const request = reading(events, 'Cannot read the audit trail', {
        query: {
          event_type: eventType,
          event_category: eventCategory,
          event_outcome: eventOutcome,
          correlation_id: correlationId,
          ...others,
        },
        limit: listLimit,
      });
      return send(request, believe<AuditEventPage>(request, isEventPage), call);
    },
    health(call = {}) {
      const request = { ...reading('/health', 'Cannot read the health of the catalog'), expect: [200, 503] };
      return send(
        request,
        ({ status, json }) => ({
          healthy: status === 200,
          said: hasText(json, 'status') ? (json as unknown as Health) : undefined,
        }),
        call,
      );
    },
  };
}

function versionsRequest(name: string): CatalogRequest {
  const path = `${workflows}/by-name/${encodeURIComponent(name)}/versions`;
  return reading(path, `Cannot look for ${JSON.stringify(name)} in the catalog`, { limit: listLimit });
}

function reading(
  path: string,
  doing: string,
  rest: Pick<CatalogRequest, 'query' | 'limit'> = {},
): CatalogRequest {
  return { method: 'GET', path, doing, repeat: true, expect: [200], ...rest };
}

function writing(path: string, body: unknown): CatalogRequest {
  return {
    method: 'POST',
    path,
    body,
    doing: 'Cannot write the audit trail',
    repeat: false,
    expect: [201, 202],
  };
}

function received({ status }: CatalogAnswer): AuditReceived {
  return { state: status === 202 ? 'kept' : 'recorded' };
}

function notACatalog(url: string, { doing, method, path, repeat }: CatalogRequest): CatalogError {
  const message = `${doing}: ${JSON.stringify(url)} gives a response that is not from a workflow catalog`;
  const subject = { method, url: url + path, mayHaveHappened: !repeat } as const;
  return new CatalogError('CATALOG_UNREACHABLE', message, { ...subject, reason: 'not-a-catalog' });
}

/** Just what this program relies on. */
function isEntry(json: object): boolean {
  return hasText(json, 'workflow_id') && hasText(json, 'version') && hasText(json, 'content_hash');
}

function isFound(json: object): boolean {
  return hasText(json, 'workflow_id') && hasText(json, 'title');
}

function hasVersions(json: object): boolean {
  return ('versions' in json && json.versions === null) || hasList('versions', isEntry)(json);
}

function isEventPage(json: object): boolean {
  return hasList('data', () => true)(json) && 'pagination' in json && typeof json.pagination === 'object';
}

function hasList(name: string, isItem: (item: object) => boolean): (json: object) => boolean {
  return (json) => {
    const list: unknown = Object.getOwnPropertyDescriptor(json, name)?.value;
    if (!Array.isArray(list)) return false;
    return list.every((item: unknown) => typeof item === 'object' && item !== null && isItem(item));
  };
}

function hasText(json: unknown, name: string): json is Record<string, unknown> {
  if (typeof json !== 'object' || json === null) return false;
  return typeof Object.getOwnPropertyDescriptor(json, name)?.value === 'string';
}
