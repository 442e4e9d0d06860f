import { createDeadline } from '../async/deadline.js';
import { type AuthError, isAuthError } from '../auth/auth-error.js';
import type { Authorization, ChallengeOptions } from '../auth/authorizer.js';
import { redactUrl } from '../http/redact.js';
import { type Answer, createAnswer } from './answer.js';
import { answerError, readDiagnostics } from './answer-error.js';
import { followLocation } from './location.js';
import { classifyNetworkFailure } from './network-failure.js';
import { RegistryError } from './registry-error.js';
import { failureError, type Outcome, type RetryOptions, type WaitAfter, withRetry } from './retry.js';
import type { Wire } from './wire.js';

/** One request in words of the distribution specification. */
export interface ExchangeRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/v2/<repository>/`, or a whole address that the registry gave. */
  readonly to: string | URL;
  /** The message's beginning: what we are doing, with its quoted subject. */
  readonly doing: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** How long the answer's head may take; 30 s. */
  readonly timeoutMs?: number;
  /** False for what must not be sent twice without a look in between. */
  readonly repeat?: boolean;
  readonly signal?: AbortSignal | undefined;
}

const answerMs = 30_000;
const maxHops = 5;

/**
 * Sends one request of a repository: authenticated, redirects followed, tried again where that is right. `consume`
 * reads the final answer, whatever its status, while the request holds its place in the host's limit.
 *
 * @throws RegistryError
 */
export async function exchange<T>(
  wire: Wire,
  request: ExchangeRequest,
  consume: (answer: Answer) => Promise<T>,
): Promise<T> {
  const { host } = wire;
  const { signal, doing, method } = request;
  const turn = await host.turn({ signal });
  try {
    const subject = { doing, method, url: redactUrl(addressOf(wire, request)) };
    if (host.failure) throw failureError(host.failure, subject);
    return await untilAuthorized(wire, request, { consume, subject, release: turn.release });
  } finally {
    turn.end();
  }
}

interface Conversation<T> {
  readonly consume: (answer: Answer) => Promise<T>;
  readonly subject: Pick<RetryOptions, 'doing' | 'method' | 'url'>;
  readonly release: () => void;
}

async function untilAuthorized<T>(wire: Wire, request: ExchangeRequest, talk: Conversation<T>): Promise<T> {
  const { signal, repeat = true } = request;
  const options = { signal, onTokenRequest: wire.countToken };
  const { clock, random } = wire;
  const retry: RetryOptions = { ...talk.subject, clock, random, repeat, signal, onRetry: wire.countRetry };
  let authorization: Authorization | undefined;
  if (wire.host.scheme !== undefined) {
    authorization = await authorize(wire, talk, () => wire.authorizer.header(wire.target(), options));
  }
  let fresh = false;
  for (let round = 1; ; round++) {
    const sent = authorization;
    const outcome = await withRetry(wire.host, retry, async (waitAfter): Promise<Outcome<T | Refused>> => {
      const mayAsk = (answer: Answer) => round <= 2 && worthAsking(answer, fresh);
      return attempt(wire, request, { ...talk, sent, waitAfter, mayAsk });
    });
    if (!(outcome instanceof Refused)) return outcome;
    const asked: ChallengeOptions = { ...options, sent: sent?.value };
    const next = await authorize(wire, talk, () =>
      outcome.expired
        ? wire.authorizer.renew(wire.target(), asked)
        : wire.authorizer.challenged(outcome.answer.headers, wire.target(), asked),
    );
    talk.release();
    if (next.value === sent?.value) {
      throw await answerError(outcome.answer, { doing: request.doing, now: clock.now() });
    }
    authorization = next;
    fresh = true;
  }
}

/** A 401, or the 403 of an expired credential: another authorization may do better. */
class Refused {
  readonly answer: Answer;
  readonly expired: boolean;
  constructor(answer: Answer, expired: boolean) {
    this.answer = answer;
    this.expired = expired;
  }
}

interface Attempt<T> extends Conversation<T> {
  readonly sent: Authorization | undefined;
  readonly waitAfter: WaitAfter;
  readonly mayAsk: (answer: Answer) => boolean;
}

async function attempt<T>(
  wire: Wire,
  request: ExchangeRequest,
  { sent, waitAfter, mayAsk, consume, release }: Attempt<T>,
): Promise<Outcome<T | Refused>> {
  const deadline = createDeadline(wire.clock, request.signal);
  let kept = false;
  const keep = () => {
    kept = true;
  };
  try {
    const answer = await firstAnswer(wire, request, { sent, deadline, keep });
    const { status, headers } = answer;
    if (status === 401 && answer.fromRegistry && mayAsk(answer)) {
      wire.host.answered(true);
      await readDiagnostics(answer);
      return { done: new Refused(answer, false) };
    }
    const waitMs = waitAfter(status, headers);
    release();
    if (waitMs !== undefined) {
      await answer.discard();
      return { waitMs };
    }
    if (status === 403 && mayAsk(answer) && (await saysExpired(answer))) {
      return { done: new Refused(answer, true) };
    }
    wire.warn(wire.host.name, headers);
    return { done: await consume(answer) };
  } finally {
    if (!kept) deadline.close();
  }
}

type Sending = Pick<Parameters<typeof createAnswer>[0], 'deadline' | 'sent' | 'keep'>;

/** A loopback host whose dialect is not known is asked by https first; http is for one that speaks no TLS. */
async function firstAnswer(wire: Wire, request: ExchangeRequest, sending: Sending): Promise<Answer> {
  const { host } = wire;
  const guessing = host.scheme === undefined;
  try {
    const answer = await followed(wire, request, { ...sending, guessing });
    host.scheme ??= 'https';
    return answer;
  } catch (error) {
    request.signal?.throwIfAborted();
    if (!guessing || sending.deadline.signal.aborted || !classifyNetworkFailure(error).mayBePlainHttp)
      throw error;
  }
  host.scheme = 'http';
  try {
    return await followed(wire, request, { ...sending, guessing: false });
  } catch (error) {
    host.scheme = undefined;
    throw error;
  }
}

async function followed(
  wire: Wire,
  request: ExchangeRequest,
  { sent, deadline, keep, guessing }: Sending & { readonly guessing: boolean },
): Promise<Answer> {
  const { method, timeoutMs = answerMs } = request;
  const first = addressOf(wire, request);
  const home = originOf(wire);
  let url = first;
  let fromRegistry = url.origin === home;
  for (let hop = 0; ; hop++) {
    const headers = headersOf(wire, request, fromRegistry ? sent?.value : undefined);
    const body = request.body ?? null;
    const outgoing = new Request(url, { method, headers, body, redirect: 'manual', signal: deadline.signal });
    let counted = true;
    let response: Response;
    try {
      response = await deadline.within(wire.host.allow(timeoutMs), wire.fetch(outgoing));
    } catch (error) {
      counted = !(guessing && classifyNetworkFailure(error).mayBePlainHttp);
      throw error;
    } finally {
      if (counted) wire.count();
    }
    const answer = createAnswer({ method, url, response, fromRegistry, sent, deadline, keep });
    if (!isRedirect(method, response.status)) return answer;
    await answer.discard();
    if (hop === maxHops) throw tooManyHops(request, first);
    const use = method === 'GET' || method === 'HEAD' ? 'read' : 'upload';
    url = followLocation(response.headers.get('location'), { url, use });
    // Once off the registry's origin, a way back earns no authorization.
    fromRegistry = fromRegistry && url.origin === home;
  }
}

function isRedirect(method: string, status: number): boolean {
  if (method === 'GET' || method === 'HEAD') return [301, 302, 303, 307, 308].includes(status);
  return method !== 'DELETE' && (status === 307 || status === 308);
}

function headersOf(wire: Wire, request: ExchangeRequest, authorization: string | undefined): Headers {
  const headers = new Headers({
    'accept-encoding': 'identity',
    'user-agent': wire.userAgent,
    ...request.headers,
  });
  if (!headers.has('accept')) headers.set('accept', 'application/json');
  if (request.body) headers.set('content-length', String(request.body.byteLength));
  else if (request.method === 'POST' || request.method === 'PUT') headers.set('content-length', '0');
  if (authorization !== undefined) headers.set('authorization', authorization);
  return headers;
}

/** https until an answer tells otherwise. */
function originOf(wire: Wire): string {
  return new URL(`${wire.host.scheme ?? 'https'}://${wire.host.name}`).origin;
}

function addressOf(wire: Wire, { to }: ExchangeRequest): URL {
  return typeof to === 'string' ? new URL(`${originOf(wire)}/v2/${wire.repository}/${to}`) : to;
}

/** A token that was fetched for this very request and refused is worth another only when its scope was too small. */
function worthAsking({ headers, status, sent }: Answer, fresh: boolean): boolean {
  if (status === 403) return !fresh && sent?.credentialSource !== undefined;
  return !fresh || /error\s*=\s*"?insufficient_scope/i.test(headers.get('www-authenticate') ?? '');
}

async function saysExpired(answer: Answer): Promise<boolean> {
  return (await readDiagnostics(answer)).some(({ message }) => /token has expired/i.test(message));
}

async function authorize(
  wire: Wire,
  { subject }: Pick<Conversation<unknown>, 'subject'>,
  ask: () => Promise<Authorization>,
): Promise<Authorization> {
  try {
    const authorization = await ask();
    wire.noteAccess({ challenged: authorization.challenged, credential: authorization.credentialSource });
    return authorization;
  } catch (error) {
    if (!isAuthError(error)) throw error;
    wire.noteAccess({ challenged: true, credential: error.credentialSource });
    throw authFailure(subject.doing, error);
  }
}

function authFailure(doing: string, error: AuthError): RegistryError {
  const { code, message, reason, method, url, status, retryable, hint } = error;
  return new RegistryError(code, `${doing}: ${message}`, {
    reason,
    method,
    url,
    status,
    retryable,
    hint,
    details: error.credentialSource === undefined ? {} : { credentialSource: error.credentialSource },
    cause: error,
  });
}

function tooManyHops({ doing, method }: ExchangeRequest, url: URL): RegistryError {
  return new RegistryError('REGISTRY_UNREACHABLE', `${doing}: more than ${maxHops} redirects`, {
    reason: 'redirect-refused',
    method,
    url: redactUrl(url),
  });
}
