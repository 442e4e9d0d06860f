import type { Clock } from '../async/clock.js';
import { systemClock } from '../async/system-clock.js';
import { isBundlesError } from '../errors.js';
import { errnoOf } from '../fs/machine-error.js';
import type { Fetch } from '../http/fetch.js';
import { answerChallenge } from '../http/serving-note.js';
import type { Authenticator } from './authenticate.js';
import { createDiskUse } from './disk-use.js';
import { answerRequest, type RegistryContext } from './endpoints.js';
import { completeLimits, type RegistryLimits } from './limits.js';
import { createReferrerFinder } from './referrers.js';
import { createRepositories } from './repositories.js';
import { notesDirectory } from './running-registry.js';
import { createUploadSessions } from './upload-sessions.js';
import { toResponse, WireError } from './wire-error.js';

export interface RegistryHandlerOptions {
  /** Directory of the state: one OCI layout per repository (see layoutDirectory); made when first written to. */
  readonly root: string;
  readonly clock?: Clock;
  readonly limits?: Partial<RegistryLimits>;
  /** Whom to let in, see createAuthenticator. Default: everybody. */
  readonly authenticate?: Authenticator;
  /** Refuses every change. Default false. */
  readonly readOnly?: boolean;
  /** What it was announced as, so that findRunningRegistry can tell it from a stranger on its port. */
  readonly instance?: string;
  /** Told of every answer. */
  readonly log?: (entry: RegistryLogEntry) => void;
}

export interface RegistryLogEntry {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  /** What made an answer of 500 and above; never sent to the client. */
  readonly error?: unknown;
}

/**
 * A registry by distribution-spec v1.1 over a directory of OCI layouts. It keeps nothing in
 * memory that the disk could contradict: several processes may serve or write the same directory.
 */
export function createRegistryHandler(options: RegistryHandlerOptions): Fetch {
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
  return async (request) => {
    const started = log ? clock.now() : 0;
    const url = new URL(request.url);
    let failure: unknown;
    let response: Response;
    try {
      await authenticate?.(request);
      if (readOnly) refuseChange(request);
      response = await answerRequest(request, context, url);
    } catch (error) {
      response = toResponse(toWireError(error));
      if (response.status >= 500) failure = error;
    }
    if (instance !== undefined && url.pathname === '/v2/') {
      const proof = await answerChallenge(request, { directory: notesDirectory(root), instance });
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
    return new WireError(503, 'UNAVAILABLE', 'somebody else is writing here', {
      headers: { 'retry-after': '1' },
    });
  }
  const full =
    isBundlesError(error, 'DISK_FULL') || errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EDQUOT';
  if (full) return new WireError(507, 'UNAVAILABLE', 'the disk of this registry is full');
  return new WireError(500, 'UNKNOWN', 'this registry failed; its log says why');
}
