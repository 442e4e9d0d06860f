import type { GitHubFault, SeenRequest } from './github-faults.js';

export interface Answer {
  readonly status: number;
  readonly data?: unknown;
  /** Instead of JSON. */
  readonly bytes?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RouteRequest {
  readonly request: SeenRequest;
  /** What the groups of the pattern matched. */
  readonly parts: readonly (string | undefined)[];
  readonly json: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly fault: GitHubFault | undefined;
}

/** Paths are those below `/repos/OWNER/NAME`, decoded. */
export type Route = readonly [method: string, path: RegExp, answer: (request: RouteRequest) => Answer];

export const notFound = (): Answer => ({ status: 404, data: { message: 'Not Found' } });

export const unprocessable = (message: string, ...errors: readonly object[]): Answer => ({
  status: 422,
  data: { message, errors },
});

/** One page of a list; `max_page` of the query is not GitHub's, the server adds it for short pages. */
export function list(items: readonly unknown[], { query, path }: SeenRequest): Answer {
  const size = Math.min(Number(query.get('per_page') ?? 30), Number(query.get('max_page') ?? 100));
  const page = Number(query.get('page') ?? 1);
  const isLast = page * size >= items.length;
  const next = new URLSearchParams(query);
  next.delete('max_page');
  next.set('page', String(page + 1));
  return {
    status: 200,
    data: items.slice((page - 1) * size, page * size),
    headers: isLast ? {} : { link: `<https://github.test${path}?${next}>; rel="next"` },
  };
}
