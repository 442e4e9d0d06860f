import { existsSync } from 'node:fs';
import type { Problem } from '../../../src/catalog/data-storage/data-storage-api.js';
import { type Catalog, type CatalogOptions, createCatalog } from '../../../src/catalog-server/catalog.js';
import type { Fetch } from '../../../src/http/serve/handler-transport.js';
import { sharedPath } from '../shared.js';
import { tempDir } from '../temp-dir.js';
import { type OpenApi, ourDocument, readOpenApi } from './openapi.js';

/** A catalog whose every answer is held to the documents of its API. */
export interface CheckedCatalog extends AsyncDisposable {
  readonly catalog: Catalog;
  readonly fetch: Fetch;
  get<T = Problem>(path: string): Promise<Answer<T>>;
  send<T = Problem>(
    method: 'POST' | 'PATCH',
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface SeenStatus {
  /** `GET /api/v1/workflows/{workflow_id}`. */
  readonly operation: string;
  readonly status: number;
}

const upstreamPath = sharedPath('upstream/datastorage/data-storage-v1.yaml');
const ours = readOpenApi(ourDocument);
/** The service's own document, where it is on this machine. */
export const upstream: OpenApi | undefined = existsSync(upstreamPath) ? readOpenApi(upstreamPath) : undefined;
if (upstream === undefined)
  console.warn('SKIPPED: answers are not held to the document of the service, which is not here');

/** Answers seen by all catalogs of this process that the document of the service does not list. */
export const unlisted = new Map<string, SeenStatus>();
/** Answers that were held to the document of the service. */
export const listed = new Map<string, SeenStatus>();

/** Without a spool directory it gets a temporary one. */
export async function checkedCatalog(
  options: Omit<CatalogOptions, 'spool'> & { readonly spool?: string },
): Promise<CheckedCatalog> {
  const directory = tempDir('catalog-spool-');
  const catalog = await createCatalog({ ...options, spool: options.spool ?? directory.path });
  const fetch: Fetch = async (request) => {
    const response = await catalog.fetch(request);
    await check(request, response.clone());
    return response;
  };
  const ask = async <T>(request: Request): Promise<Answer<T>> => {
    const response = await fetch(request);
    const text = await response.text();
    // The service calls the JSON of its health plain text.
    const isJson = /^[[{]/.test(text);
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as T,
    };
  };
  return {
    catalog,
    fetch,
    get: (path) => ask(new Request(`http://catalog.test${path}`)),
    send: (method, path, body, headers = { 'content-type': 'application/json' }) =>
      ask(
        new Request(`http://catalog.test${path}`, {
          method,
          headers,
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      ),
    async [Symbol.asyncDispose]() {
      await catalog.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function check({ method, url }: Request, response: Response): Promise<void> {
  const body = await response.text();
  const answer = {
    method,
    url,
    // The document of the service calls its health JSON, the service itself plain text.
    contentType: url.includes('/health') ? 'application/json' : response.headers.get('content-type'),
    body,
    status: response.status,
  };
  const operation = ours.operationOf(answer);
  if (operation === undefined) return;
  const seen = { operation, status: response.status };
  const key = `${operation} ${response.status}`;
  const problems = [...ours.answer(answer)];
  if (upstream?.operations.get(operation)?.includes(String(response.status))) {
    problems.push(...upstream.answer(answer));
    listed.set(key, seen);
  } else {
    unlisted.set(key, seen);
  }
  if (problems.length > 0) throw new Error(`${key}: ${problems.join('; ')}\n${body.slice(0, 500)}`);
}
