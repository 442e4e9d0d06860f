import type { Fetch } from '../../../src/http/serve/handler-transport.js';

/** One request as a server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  /** `METHOD /path?query` */
  readonly line: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
}

export type Answerer = (
  request: SeenRequest,
  index: number,
) => Response | Error | undefined | Promise<Response | Error | undefined>;

/** A Fetch that keeps what it was asked; an Error is thrown as the network's, undefined is a 404 of no registry. */
export function scriptedFetch(answer: Answerer): { readonly fetch: Fetch; readonly seen: SeenRequest[] } {
  const seen: SeenRequest[] = [];
  const fetch: Fetch = async (request) => {
    const url = new URL(request.url);
    const one: SeenRequest = {
      method: request.method,
      url,
      line: `${request.method} ${url.pathname}${url.search}`,
      headers: new Headers(request.headers),
      body: new Uint8Array(await request.arrayBuffer()),
      signal: request.signal,
    };
    seen.push(one);
    const given = await answer(one, seen.length - 1);
    if (given instanceof Error) throw given;
    return given ?? new Response('not here', { status: 404 });
  };
  return { fetch, seen };
}

/** An error of the system with its code, as sockets give it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A refusal in a registry's own words. */
export function wireRefusal(
  status: number,
  code: string,
  message = 'no',
  headers: Record<string, string> = {},
): Response {
  return Response.json({ errors: [{ code, message }] }, { status, headers });
}
