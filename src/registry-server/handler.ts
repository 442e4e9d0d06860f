import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import { isBundlesError } from '../errors.js';
import { errnoOf } from '../fs/machine-error.js';
import type { Handler } from '../http/serve/serve.js';
import { answerChallenge } from '../http/serve/server-discovery.js';
import { isRepository } from '../oci/repository-name.js';
import type { Authenticator } from './api/authenticate.js';
import { deleteBlob, readBlob } from './api/blobs.js';
import { deleteManifest, listTags, readManifest, writeManifest } from './api/manifests.js';
import type { Incoming } from './api/receive-body.js';
import { createReferrerFinder, listReferrers, type ReferrerFinder } from './api/referrers.js';
import { parseRoute, type Route } from './api/route.js';
import {
  cancelUpload,
  continueUpload,
  describeUpload,
  finishUpload,
  startUpload,
  type UploadContext,
} from './api/uploads.js';
import { createDiskUse } from './disk-use.js';
import { announcementsDirectory } from './find-running.js';
import { completeLimits, type RegistryLimits } from './limits.js';
import { createRepositories } from './repositories.js';
import { createUploadSessions } from './upload-sessions.js';
import { toResponse, WireError } from './wire-error.js';

/** The directory, the limits and the access of a registry. */
export interface RegistryHandlerOptions {
  /** Directory of the state: one OCI layout per repository; it is created by the first write. */
  readonly root: string;
  readonly clock?: Clock;
  readonly limits?: Partial<RegistryLimits>;
  /** Decides who may use it. Default: everyone. */
  readonly authenticate?: Authenticator;
  /** Refuses every change. Default false. */
  readonly readOnly?: boolean;
  /** The name in its announcement, which lets clients distinguish it from another server on its port. */
  readonly instance?: string;
  /** Receives every answer. */
  readonly log?: (entry: RegistryLogEntry) => void;
}

/** One request that a registry answered. */
export interface RegistryLogEntry {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  /** What made an answer of 500 and above; never sent to the client. */
  readonly error?: unknown;
}

/**
 * A registry by distribution-spec v1.1 over a directory of OCI layouts, as a function of a request. Nothing is kept in memory that the disk
 * could contradict: several processes may serve or write the same directory.
 *
 * @example
 * ```ts
 * import { createRegistryHandler } from 'tekton-bundles/server';
 *
 * const handle = createRegistryHandler({ root: 'registry' });
 * const response = await handle(new Request('http://registry.example/v2/'));
 * console.log(response.status); // 200
 * ```
 */
export function createRegistryHandler(options: RegistryHandlerOptions): Handler {
  const { root, clock = systemClock, instance, log, authenticate, readOnly = false } = options;
  const limits = completeLimits(options.limits);
  const context: RegistryContext = {
    repositories: createRepositories({ root, clock }),
    sessions: createUploadSessions({ root, clock, limits }),
    disk: createDiskUse({ root, clock, limit: limits.diskBytes }),
    referrers: createReferrerFinder(),
    limits,
    clock,
  };
  return async (request, connection) => {
    const started = log ? clock.now() : 0;
    const url = new URL(request.url);
    let failure: unknown;
    let response: Response;
    try {
      await authenticate?.(request);
      if (readOnly) refuseChange(request);
      response = await answerRequest({ request, connection }, context, url);
    } catch (error) {
      response = toResponse(toWireError(error));
      if (response.status >= 500) failure = error;
    }
    if (instance !== undefined && url.pathname === '/v2/') {
      const proof = await answerChallenge(request, { directory: announcementsDirectory(root), instance });
      if (proof) response.headers.set(...proof);
    }
    log?.({
      method: request.method,
      path: url.pathname,
      status: response.status,
      ms: clock.now() - started,
      ...(failure === undefined ? {} : { error: failure }),
    });
    return response;
  };
}

function refuseChange({ method }: Request): void {
  if (method === 'GET' || method === 'HEAD') return;
  throw new WireError(405, 'UNSUPPORTED', 'this registry is read-only', { headers: { allow: 'GET, HEAD' } });
}

function toWireError(error: unknown): WireError {
  if (error instanceof WireError) return error;
  if (isBundlesError(error, 'BUSY')) {
    return new WireError(503, 'UNAVAILABLE', 'another client is writing here', {
      headers: { 'retry-after': '1' },
    });
  }
  const full =
    isBundlesError(error, 'DISK_FULL') || errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EDQUOT';
  if (full) return new WireError(507, 'UNAVAILABLE', 'the disk of this registry is full');
  return new WireError(500, 'UNKNOWN', 'this registry failed; its log has the reason');
}

interface RegistryContext extends UploadContext {
  readonly referrers: ReferrerFinder;
}

/** Finds the endpoint of a request and lets it answer. @throws WireError for every refusal */
async function answerRequest(incoming: Incoming, context: RegistryContext, url: URL): Promise<Response> {
  const { method } = incoming.request;
  const route = parseRoute(url.pathname);
  if (!route) throw new WireError(404, 'UNSUPPORTED', 'no such endpoint');
  if ('repository' in route && !isRepository(route.repository)) {
    throw new WireError(400, 'NAME_INVALID', 'not a repository name', {
      detail: { name: route.repository.slice(0, 300) },
    });
  }
  const methods = actions[route.kind];
  const action = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!action) throw methodNotAllowed(route);
  return await action({ incoming, context, query: url.searchParams, route: route as never });
}

interface Call<R extends Route> {
  readonly incoming: Incoming;
  readonly context: RegistryContext;
  readonly query: URLSearchParams;
  readonly route: R;
}

type Actions = {
  readonly [K in Route['kind']]: Readonly<
    Record<string, (call: Call<Extract<Route, { kind: K }>>) => Promise<Response>>
  >;
};

const getManifest: Actions['manifest'][string] = ({ incoming: { request }, context, route }) =>
  readManifest(request, context.repositories.open(route.repository), route);
const getBlob: Actions['blob'][string] = ({ incoming: { request }, context, route }) =>
  readBlob(request, context.repositories.open(route.repository), route);

const actions: Actions = {
  version: {
    GET: () => answerVersion(),
    HEAD: () => answerVersion(),
  },
  manifest: {
    GET: getManifest,
    HEAD: getManifest,
    PUT: ({ incoming, context: { repositories, limits, disk }, route, query }) =>
      writeManifest(incoming, repositories.open(route.repository), { ...route, query, limits, disk }),
    DELETE: ({ context, route }) => deleteManifest(context.repositories.open(route.repository), route),
  },
  blob: {
    GET: getBlob,
    HEAD: getBlob,
    DELETE: ({ context, route }) => deleteBlob(context.repositories.open(route.repository), route),
  },
  uploads: {
    POST: ({ incoming, context, route, query }) => startUpload(incoming, context, { ...route, query }),
  },
  upload: {
    GET: ({ context, route }) => describeUpload(context, route),
    PATCH: ({ incoming, context, route }) => continueUpload(incoming, context, route),
    PUT: ({ incoming, context, route, query }) => finishUpload(incoming, context, { ...route, query }),
    DELETE: ({ context, route }) => cancelUpload(context, route),
  },
  tags: {
    GET: ({ context, route, query }) => listTags(context.repositories.open(route.repository), { query }),
  },
  referrers: {
    GET: ({ context, route, query }) =>
      listReferrers(context.repositories.open(route.repository), {
        digest: route.digest,
        query,
        finder: context.referrers,
      }),
  },
};

async function answerVersion(): Promise<Response> {
  return Response.json({}, { headers: { 'docker-distribution-api-version': 'registry/2.0' } });
}

function methodNotAllowed({ kind }: Route): WireError {
  return new WireError(405, 'UNSUPPORTED', 'endpoint does not support this method', {
    headers: { allow: Object.keys(actions[kind]).join(', ') },
  });
}
