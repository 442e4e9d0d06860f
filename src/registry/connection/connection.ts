import type { Clock } from '../../async/clock.js';
import { type AuthError, isAuthError } from '../../auth/auth-error.js';
import type { Authorization, AuthorizationTarget } from '../../auth/authorizer.js';
import type { HeaderFields } from '../../http/message.js';
import { isNetworkError, type NetworkError } from '../../http/network-error.js';
import { redactUrl } from '../../http/redact.js';
import type { Answer, Call } from '../../http/send/call.js';
import type { Host } from '../../http/send/host.js';
import { RegistryError } from '../registry-error.js';

/** What is known about who may do what in a repository, after at least one answer. */
export interface Access {
  /** The registry requested a credential. */
  readonly challenged: boolean;
  /** Where the credential that was sent was found (file and key); undefined when anonymous. */
  readonly credential: string | undefined;
}

/** An answer, and the authorization of its request. */
export interface RegistryAnswer extends Answer {
  readonly sent: Authorization | undefined;
  /** Of the request's body; undefined where it had none. */
  readonly sentBytes?: number | undefined;
}

/** What one run has learned of a registry's host; all its repositories share it. */
export interface RegistryHost extends Host {
  /** False once a POST with the digest and the bytes was not understood. */
  singlePost: boolean;
  /** Repositories from which this host would not mount a blob. */
  readonly refusedMounts: Set<string>;
}

/** One repository of a registry, with one kind of right, ready for requests. */
export interface RegistryConnection {
  /** As references write it, e.g. `docker.io`. */
  readonly registry: string;
  /** Empty for the registry as a whole. */
  readonly repository: string;
  readonly host: RegistryHost;
  readonly clock: Clock;
  /** In [0, 1), for the jitter between attempts. */
  readonly random: () => number;
  /** `pull,push` may create the repository: only where something is pushed. */
  readonly actions: AuthorizationTarget['actions'];
  /** The pipeline to this host: withAuth(withRetry(withRedirects(send))). */
  readonly send: AuthorizedExchange;
  /** Hides the secrets of this run in what a server states. */
  readonly redact: (text: string) => string;
  readonly onSent: () => void;
  readonly onRetry: () => void;
  /** Passes on what an answer of its host warns of. */
  readonly onAnswer: (answer: RegistryAnswer) => void;
  /**
   * Learns how the registry requests credentials, if there is a credential and no challenge so far: one request for each
   * host, so that no blob is uploaded into a 401.
   */
  readonly introduce: (signal: AbortSignal | undefined) => Promise<void>;
  readonly onAccess: (access: Access) => void;
  /** Learned from the answers so far, shared by all requests to this repository. */
  readonly learned: Learned;
}

/** What answers teach of one repository. */
export interface Learned {
  /** A read succeeded: a later refusal means that the account may read and not write. */
  readable: boolean;
}

export type AuthorizedExchange = (call: AuthorizedCall) => Promise<RegistryAnswer>;

export interface AuthorizedCall extends Call {
  /** The same was refused just now, with all the right that can be had: a 401 is final. Default false. */
  readonly afterRefusal?: boolean | undefined;
  readonly target: Omit<AuthorizationTarget, 'origin'>;
  readonly onAccess: (access: Access) => void;
}

/** One request in terms of the distribution specification. */
export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/v2/<repository>/`, or a whole address that the registry gave. */
  readonly to: string | URL;
  /** The message's beginning: what we are doing, with its quoted subject. */
  readonly doing: string;
  readonly headers?: HeaderFields | undefined;
  readonly body?: Uint8Array | undefined;
  /** Further repositories of this registry to be read, the sources of mounts. */
  readonly alsoPull?: readonly string[] | undefined;
  /** See Call. */
  readonly headMs?: number | undefined;
  readonly repeat?: boolean | undefined;
  readonly attempts?: number | undefined;
  /** See AuthorizedCall. */
  readonly afterRefusal?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly size?: number | undefined;
  readonly stream?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends one request of a repository and gives its final answer, whatever its status: authorized, redirects followed, tried
 * again where that is right.
 *
 * @throws RegistryError
 */
export async function sendRequest(
  connection: RegistryConnection,
  request: RegistryRequest,
): Promise<RegistryAnswer> {
  const { registry, repository, actions, host, send, onSent, onAccess, onAnswer } = connection;
  const { to, doing, headers, alsoPull, ...rest } = request;
  const url =
    typeof to === 'string'
      ? new URL(`${host.origin}/v2/${repository === '' ? '' : `${repository}/`}${to}`)
      : to;
  try {
    const answer = await send({
      ...rest,
      url,
      anyScheme: typeof to === 'string',
      headers: { accept: 'application/json', 'accept-encoding': 'identity', ...headers },
      target: { registry, repository, actions, alsoPull },
      onSent,
      onAccess,
    });
    onAnswer(answer);
    const { method } = request;
    if (answer.fromOrigin && (method === 'GET' || method === 'HEAD') && conclusiveStatuses.has(answer.status))
      connection.learned.readable = true;
    return { ...answer, sentBytes: rest.body?.byteLength };
  } catch (error) {
    throw toRegistryError(error, { doing, method: request.method, url, connection });
  }
}

/** Who may not read gets neither. */
const conclusiveStatuses: ReadonlySet<number> = new Set([200, 404]);

interface Subject {
  readonly doing: string;
  readonly method: string;
  readonly url: URL;
  readonly connection?: Pick<RegistryConnection, 'registry' | 'actions' | 'learned'> | undefined;
}

/** Describes a failed request by the operation that sent it; other errors are returned unchanged. */
export function toRegistryError(error: unknown, subject: Subject): unknown {
  if (isNetworkError(error)) return networkFailure(error, subject);
  return isAuthError(error) ? authFailure(error, subject) : error;
}

function networkFailure(error: NetworkError, { doing, method, url, connection }: Subject): RegistryError {
  const { code, reason, text, attempts, proxy } = error;
  const place = `${proxy === undefined ? 'at' : 'on the way to'} ${JSON.stringify(url.host)}`;
  const found = reason === 'redirect-refused' ? text : `${text} ${place}`;
  return new RegistryError(code, `${doing}: ${found}`, {
    reason,
    method,
    url: redactUrl(url),
    retryable: attempts !== 'one',
    facts: { registry: connection?.registry, proxy },
    details: proxy === undefined ? undefined : { proxy },
    cause: error,
  });
}

function authFailure(error: AuthError, { doing, connection }: Subject): RegistryError {
  const { code, message, method, url, status, retryable, credentialSource, registry, proxy } = error;
  const toWrite = connection?.actions === 'pull,push' && connection.learned.readable;
  const reason = error.reason === 'denied' && toWrite ? 'write-denied' : error.reason;
  return new RegistryError(code, `${doing}: ${message}`, {
    reason,
    method,
    url,
    status,
    retryable,
    facts: { registry, proxy },
    details: { credentialSource, proxy },
    cause: error,
  });
}
