import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import type { Fetch } from '../http/serve/handler-transport.js';
import { serve } from '../http/serve/serve.js';
import { createRegistryHandler } from '../registry-server/handler.js';
import { listRepositories } from '../registry-server/layout-directory.js';
import { type Account, createAccounts, createTokenIssuer, type Right } from './accounts.js';
import { withErrorTexts } from './behaviours.js';
import { type Fault, withFaults } from './fault.js';
import type { Profile, RepositoryList, Stage } from './profile.js';
import { type ProfileName, profiles } from './profiles.js';

/** A registry that fails as its script states; close it with `await using` or `stop()`. */
export interface StartedFaultyRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as references name it. */
  readonly host: string;
  readonly url: string;
  /** Its second origin, where token services and storage of some registries live. */
  readonly elsewhere: string;
  /** Every request so far at both origins, in order; may be emptied. */
  readonly requests: SeenRequest[];
  /** The content alone, to fill it and to look into it: no profile, no fault, and requests are not recorded. */
  readonly content: Fetch;
  stop(): Promise<void>;
}

/** Where a faulty registry listens. */
export interface StartFaultyRegistryOptions extends FaultyRegistryOptions {
  /** Default: any free port. */
  readonly port?: number;
}

/**
 * Starts a registry on 127.0.0.1 with the behaviour of a well-known one (`profile`, default `distribution`) and the faults that you choose. It
 * records every request.
 *
 * @throws ADDRESS_IN_USE
 * @example
 * ```ts
 * import { faults, startFaultyRegistry } from 'tekton-bundles/testing';
 *
 * const limited = faults.on({ nth: 1 }, faults.rateLimit({ retryAfter: '1' }));
 * await using registry = await startFaultyRegistry({ faults: [limited] });
 * const url = `${registry.url}/v2/acme/hello/manifests/v1`;
 * console.log((await fetch(url)).status, (await fetch(url)).status); // 429 404
 * console.log(registry.requests.length); // 2
 * ```
 */
export async function startFaultyRegistry(
  options: StartFaultyRegistryOptions = {},
): Promise<StartedFaultyRegistry> {
  const places = { origin: '', elsewhere: '' };
  const registry = await createFaultyRegistry(options, () => places);
  const { port = 0 } = options;
  // A hanging request ends with its test.
  const main = await serve((request) => registry.answer(request, 'registry'), { port, closeWithinMs: 100 });
  const second = await serve((request) => registry.answer(request, 'elsewhere'), { closeWithinMs: 100 });
  places.origin = main.url;
  places.elsewhere = second.url;
  const stop = async () => {
    await Promise.all([main.close(), second.close()]);
    await registry.remove();
  };
  const { requests, content } = registry;
  const { host } = new URL(main.url);
  return { host, url: main.url, elsewhere: second.url, requests, content, stop, [Symbol.asyncDispose]: stop };
}

/** A faulty registry without sockets, and the whole network around it. */
export interface OpenFaultyRegistry extends AsyncDisposable {
  /** As references name it. */
  readonly host: string;
  /** Its second origin, where token services and storage of some registries live. */
  readonly elsewhere: string;
  /** Reaches both origins; every other address is recorded as `stranger` and refuses the connection. */
  readonly fetch: Fetch;
  readonly requests: SeenRequest[];
  readonly content: Fetch;
  /** True while content is being read or written: a test's clock must not jump then. */
  busy(): boolean;
}

/** The addresses of a registry without sockets. */
export interface OpenFaultyRegistryOptions extends FaultyRegistryOptions {
  /** Default `registry.example`. */
  readonly host?: string;
  /** Default `https://elsewhere.example`. */
  readonly elsewhere?: string;
}

/**
 * Opens the same registry without sockets: `fetch` answers as over https, for addresses of any kind. Give it to `sendTo`.
 *
 * @example
 * ```ts
 * import { openFaultyRegistry } from 'tekton-bundles/testing';
 *
 * await using registry = await openFaultyRegistry({ host: 'quay.example', profile: 'quay' });
 * const response = await registry.fetch(new Request('https://quay.example/v2/acme/hello/manifests/v1'));
 * console.log(response.status, registry.requests[0]?.path); // 401 /v2/acme/hello/manifests/v1
 * ```
 */
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

/** The behaviour, the faults and the users of a faulty registry. */
export interface FaultyRegistryOptions {
  /** How it behaves: the name of a profile or one of your own. Default `distribution`. */
  readonly profile?: ProfileName | Profile;
  /** What goes wrong; the first sees a request first. */
  readonly faults?: readonly Fault[];
  /** Who may log in, and what each may do. */
  readonly users?: Readonly<Record<string, Account>>;
  /** What anonymous clients may do. Default: the profile's, but nothing where an open profile is given users. */
  readonly anonymous?: Right;
  /** Repositories that exist although they are empty. */
  readonly repositories?: readonly string[];
  /** A tag that exists cannot be moved. */
  readonly immutableTags?: boolean;
  /** Directory that keeps the content. Default: a temporary one that is removed at the end. */
  readonly root?: string;
  /** For the life of tokens and for delays. */
  readonly clock?: Clock;
}

/** A faulty registry without an address. */
interface FaultyRegistry {
  /** Every request so far, in order; may be emptied. */
  readonly requests: SeenRequest[];
  /** The content alone, to fill it and to look into it: no profile, no fault, and requests are not recorded. */
  readonly content: Fetch;
  /** True while the content is being read or written: no fault waits then. */
  busy(): boolean;
  answer(request: Request, server: Exclude<Server, 'stranger'>): Promise<Response>;
  remove(): Promise<void>;
}

/** Puts profile and faults around the content; `places` gives its addresses once they are known. */
async function createFaultyRegistry(
  options: FaultyRegistryOptions,
  places: () => Pick<Stage, 'origin' | 'elsewhere'>,
): Promise<FaultyRegistry> {
  const { users = {}, faults = [], root, clock = systemClock } = options;
  const { profile: wanted = 'distribution', immutableTags = false, repositories = [] } = options;
  const profile = typeof wanted === 'string' ? profiles[wanted] : wanted;
  const directory = root ?? (await mkdtemp(join(tmpdir(), 'bundles-registry-')));
  const requests: SeenRequest[] = [];
  const { content, busy } = countRunning(createRegistryHandler({ root: directory }));
  const stage: Stage = {
    texts: profile.texts,
    clock,
    content,
    get origin() {
      return places().origin;
    },
    get elsewhere() {
      return places().elsewhere;
    },
    accounts: createAccounts(users, options.anonymous ?? defaultRight(profile, users)),
    tokens: createTokenIssuer(clock),
    repositories: createRepositoryList(content, directory, repositories),
    immutableTags,
  };
  const registry = profile.wrap(withErrorTexts(content, stage), stage);
  const main = withFaults(faults, registry, stage);
  // Storage on another host serves anyone who has the address.
  const storage = withFaults(faults, content, stage);
  return {
    requests,
    content,
    busy,
    answer(request, server) {
      requests.push(seeRequest(request, server));
      const api = new URL(request.url).pathname.startsWith('/v2/');
      return server === 'elsewhere' && api ? storage(request) : main(request);
    },
    async remove() {
      if (root === undefined) await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function defaultRight({ anonymous }: Profile, users: object): Right {
  return anonymous === 'push' && Object.keys(users).length > 0 ? 'nothing' : anonymous;
}

/** Responses are small and read whole, so that what is not busy is truly idle. */
function countRunning(handler: Fetch): { readonly content: Fetch; readonly busy: () => boolean } {
  let running = 0;
  return {
    busy: () => running > 0,
    async content(request) {
      running++;
      try {
        const answer = await handler(request);
        if (answer.body === null || request.method === 'HEAD') return answer;
        return new Response(await answer.arrayBuffer(), { status: answer.status, headers: answer.headers });
      } finally {
        running--;
      }
    },
  };
}

function createRepositoryList(content: Fetch, root: string, given: readonly string[]): RepositoryList {
  const created = new Set(given);
  const unlisted = new Set<string>();
  return {
    async exists(name) {
      if (created.has(name)) return true;
      const answer = await content(new Request(`http://content.invalid/v2/${name}/tags/list`));
      await answer.body?.cancel();
      return answer.status === 200;
    },
    isPublic: (name) => !unlisted.has(name),
    names: async () => [...new Set([...created, ...(await listRepositories(root))])].sort(),
    createPrivate(name) {
      created.add(name);
      unlisted.add(name);
    },
  };
}

/** What a faulty registry keeps of a request: enough to show what crossed which origin, and no secret. */
export interface SeenRequest {
  /** `elsewhere` is its second origin (token service, storage), `stranger` any other that requests arrived at. */
  readonly server: Server;
  readonly method: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  /** Names of all headers, in lower case. */
  readonly headers: readonly string[];
  /** The scheme of the Authorization header, never its value; undefined where there was none. */
  readonly authorization: string | undefined;
}

/** Which address a request went to: the registry, its second origin, or another one. */
export type Server = 'registry' | 'elsewhere' | 'stranger';

function seeRequest({ method, url, headers }: Request, server: Server): SeenRequest {
  const { origin, pathname, search } = new URL(url);
  return {
    server,
    method,
    origin,
    path: pathname,
    query: search,
    headers: [...headers.keys()],
    authorization: headers.get('authorization')?.split(' ', 1)[0],
  };
}
