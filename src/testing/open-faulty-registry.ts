import type { Fetch } from '../http/fetch.js';
import { createFaultyRegistry, type FaultyRegistryOptions } from './faulty-registry.js';
import { type SeenRequest, seeRequest } from './seen-request.js';

/** A faulty registry without sockets, and the whole network around it. */
export interface OpenFaultyRegistry extends AsyncDisposable {
  /** As references name it. */
  readonly host: string;
  /** Its second origin, where token services and storage of some registries live. */
  readonly elsewhere: string;
  /** Reaches both origins; every other address is written down as `stranger` and refuses the connection. */
  readonly fetch: Fetch;
  readonly requests: SeenRequest[];
  readonly content: Fetch;
  /** True while content is being read or written: a test's clock must not jump then. */
  busy(): boolean;
}

export interface OpenFaultyRegistryOptions extends FaultyRegistryOptions {
  /** Default `registry.example`. */
  readonly host?: string;
  /** Default `https://elsewhere.example`. */
  readonly elsewhere?: string;
}

/** Opens a registry as a Fetch, over https as it seems: nothing is listened on, and addresses may be any. */
export async function openFaultyRegistry(
  options: OpenFaultyRegistryOptions = {},
): Promise<OpenFaultyRegistry> {
  const { host = 'registry.example', elsewhere = 'https://elsewhere.example' } = options;
  const origin = `https://${host}`;
  const registry = await createFaultyRegistry(options, () => ({ origin, elsewhere }));
  const { requests, content, busy } = registry;
  const route = (request: Request): Promise<Response> => {
    const asked = new URL(request.url).origin;
    if (asked === origin) return registry.answer(request, 'registry');
    if (asked === elsewhere) return registry.answer(request, 'elsewhere');
    requests.push(seeRequest(request, 'stranger'));
    return Promise.reject(systemError('ECONNREFUSED'));
  };
  const fetch: Fetch = async (request) => {
    const answer = await route(request);
    if (answer.type === 'error') throw systemError('ECONNRESET');
    if (request.method !== 'HEAD' || answer.body === null) return answer;
    await answer.body.cancel();
    return new Response(null, { status: answer.status, headers: answer.headers });
  };
  return { host, elsewhere, fetch, requests, content, busy, [Symbol.asyncDispose]: registry.remove };
}

/** As a socket gives it. */
function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
