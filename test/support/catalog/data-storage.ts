import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type {
  AuditEvent,
  AuditEventRequest,
  Workflow,
  WorkflowRegistration,
} from '../../../src/catalog/data-storage/data-storage-api.js';
import type { Fetch } from '../../../src/http/serve/handler-transport.js';
import { sharedPath } from '../shared.js';
import { type Message, type OpenApi, ourDocument, readOpenApi } from './openapi.js';

const upstream = sharedPath('upstream/datastorage/data-storage-v1.yaml');
let documents: readonly OpenApi[] | undefined;

/** Our document of the catalog's API, and the service's own where it is on this machine. */
function catalogDocuments(): readonly OpenApi[] {
  documents ??= [ourDocument, ...(existsSync(upstream) ? [upstream] : [])].map(readOpenApi);
  return documents;
}

/** What is wrong with a request by our document, and by the service's own, which leaves out the versions of a name. */
export function wrongWith(message: Message): readonly string[] {
  const [ours, theirs] = catalogDocuments();
  const unlisted = new URL(message.url).pathname.startsWith('/api/v1/workflows/by-name/');
  return [...(ours?.request(message) ?? []), ...(unlisted ? [] : (theirs?.request(message) ?? []))];
}

export type Fault =
  /** Nothing listens. */
  | 'away'
  /** The request arrives, its answer does not. */
  | 'lose-reply'
  /** Neither arrives. */
  | 'lose-request'
  | Response;

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number | undefined;
}

export interface DataStorageStandIn {
  readonly fetch: Fetch;
  readonly workflows: Workflow[];
  readonly events: AuditEvent[];
  readonly exchanges: Exchange[];
  /** What was wrong with requests by either document; must stay empty. */
  readonly problems: string[];
  readonly tokens: Set<string | null>;
}

export interface StandInOptions {
  /** Decides about each request before it is looked at. */
  readonly fault?: (request: Request, number: number) => Fault | undefined;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** The statuses and checks of the service of January 2026 in memory; every request is held to both documents. */
export function dataStorageStandIn({ fault, now = Date.now }: StandInOptions = {}): DataStorageStandIn {
  const workflows: Workflow[] = [];
  const events: AuditEvent[] = [];
  const exchanges: Exchange[] = [];
  const problems: string[] = [];
  const tokens = new Set<string | null>();
  let number = 0;

  const fetch: Fetch = async (request) => {
    const found = fault?.(request, number++);
    const { pathname: path } = new URL(request.url);
    const note = (status: number | undefined) => exchanges.push({ method: request.method, path, status });
    tokens.add(request.headers.get('authorization'));
    if (found === 'away') {
      note(undefined);
      throw Object.assign(new Error('nobody listens'), { code: 'ECONNREFUSED' });
    }
    const body = await request.text();
    if (found === 'lose-request') {
      note(undefined);
      throw Object.assign(new Error('broken'), { code: 'ECONNRESET' });
    }
    if (found instanceof Response) {
      note(found.status);
      return found.clone();
    }
    const message = {
      method: request.method,
      url: request.url,
      contentType: request.headers.get('content-type'),
      body,
    };
    const wrong = wrongWith(message);
    problems.push(...wrong.map((problem) => `${request.method} ${path}: ${problem}`));
    const answer =
      wrong.length > 0 ? problem(400, 'validation-error', wrong.join('; ')) : handle(request, body);
    if (found === 'lose-reply') {
      note(undefined);
      throw Object.assign(new Error('broken'), { code: 'ECONNRESET' });
    }
    note(answer.status);
    return answer;
  };

  const handle = (request: Request, body: string): Response => {
    const url = new URL(request.url);
    const [, name] = /^\/api\/v1\/workflows\/by-name\/([^/]+)\/versions$/.exec(url.pathname) ?? [];
    if (name !== undefined) return versions(decodeURIComponent(name));
    if (url.pathname === '/api/v1/workflows' && request.method === 'POST') return create(JSON.parse(body));
    if (url.pathname === '/api/v1/audit/events/batch') return record(JSON.parse(body));
    if (url.pathname === '/api/v1/audit/events' && request.method === 'GET') return query(url.searchParams);
    if (url.pathname === '/health') return Response.json({ status: 'healthy', database: 'connected' });
    return new Response('404 page not found\n', { status: 404, headers: { 'content-type': 'text/plain' } });
  };

  const versions = (name: string) => {
    const held = workflows.filter(({ workflow_name }) => workflow_name === name).reverse();
    return Response.json({
      workflow_name: name,
      versions: held.length > 0 ? held : null,
      total: held.length,
    });
  };

  const create = (sent: WorkflowRegistration) => {
    const twin = workflows.find(
      (one) => one.workflow_name === sent.workflow_name && one.version === sent.version,
    );
    if (twin) return problem(409, 'conflict', `workflow '${sent.workflow_name}' already exists`);
    const workflow = { ...sent, workflow_id: randomUUID(), is_latest_version: true } as Workflow;
    workflows.push(workflow);
    return Response.json(
      { ...workflow, created_at: '0001-01-01T00:00:00Z', updated_at: '0001-01-01T00:00:00Z' },
      { status: 201 },
    );
  };

  const record = (sent: readonly AuditEventRequest[]) => {
    for (const [index, { event_timestamp: time }] of sent.entries()) {
      const at = Date.parse(time);
      if (at < now() - 7 * 86_400_000 || at > now() + 300_000)
        return problem(400, 'validation-error', `event ${index}: timestamp out of range`);
    }
    const recorded = sent.map((event) => ({ ...event, event_id: randomUUID() }));
    events.push(...recorded);
    return Response.json(
      { event_ids: recorded.map(({ event_id }) => event_id), message: 'recorded' },
      { status: 201 },
    );
  };

  const query = (search: URLSearchParams) => {
    const limit = Number(search.get('limit') ?? 50);
    const offset = Number(search.get('offset') ?? 0);
    const found = events
      .filter(({ correlation_id }) => correlation_id === (search.get('correlation_id') ?? correlation_id))
      .sort((left, right) => (left.event_timestamp < right.event_timestamp ? 1 : -1));
    const data = found.slice(offset, offset + limit);
    const total = found.length;
    return Response.json({ data, pagination: { limit, offset, total, has_more: offset + limit < total } });
  };

  return { fetch, workflows, events, exchanges, problems, tokens };
}

export function problem(status: number, slug: string, detail: string): Response {
  const title = slug.replaceAll('-', ' ');
  return Response.json(
    { type: `https://kubernaut.ai/problems/${slug}`, title, status, detail },
    { status, headers: { 'content-type': 'application/problem+json' } },
  );
}
