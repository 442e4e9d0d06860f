import { createDeadline } from '../async/deadline.js';
import { type AuthError, isAuthError } from '../auth/auth-error.js';
import type { Authorization, ChallengeOptions } from '../auth/authorizer.js';
import { redactUrl } from '../http/redact.js';
import type { Answer } from './answer.js';
import { answerError, readDiagnostics, saysExpired } from './answer-error.js';
import type { ExchangeRequest } from './exchange-request.js';
import { RegistryError } from './registry-error.js';
import {
  failureError,
  type Outcome,
  type RequestSubject,
  type RetryOptions,
  type WaitAfter,
  withRetry,
} from './retry.js';
import { addressOf, sendOnce } from './send-once.js';
import type { Wire } from './wire.js';

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
  const { signal } = request;
  const turn = await host.turn({ signal });
  try {
    if (host.failure) {
      wire.countSaved();
      throw failureError(host.failure, subjectOf(wire, request));
    }
    return await untilAuthorized(wire, request, { consume, release: turn.release });
  } finally {
    turn.end();
  }
}

interface Conversation<T> {
  readonly consume: (answer: Answer) => Promise<T>;
  readonly release: () => void;
}

async function untilAuthorized<T>(wire: Wire, request: ExchangeRequest, talk: Conversation<T>): Promise<T> {
  const { signal, repeat = true } = request;
  const { clock, random } = wire;
  const subject = () => subjectOf(wire, request);
  const retry: RetryOptions = { subject, clock, random, repeat, signal, onRetry: wire.countRetry };
  let authorization: Authorization | undefined;
  if (wire.host.scheme !== undefined) {
    authorization = await authorize(wire, request, (onTokenRequest) =>
      wire.authorizer.header(wire.target(), { signal, onTokenRequest }),
    );
  }
  let fresh = false;
  for (let round = 1; ; round++) {
    const sent = authorization;
    const outcome = await withRetry(wire.host, retry, async (waitAfter): Promise<Outcome<T | Refused>> => {
      const mayAsk = (answer: Answer) => round <= 2 && worthAsking(answer, fresh);
      return attempt(wire, request, { ...talk, sent, waitAfter, mayAsk });
    });
    if (!(outcome instanceof Refused)) return outcome;
    const next = await authorize(wire, request, (onTokenRequest) => {
      const asked: ChallengeOptions = { signal, onTokenRequest, sent: sent?.value };
      return outcome.expired
        ? wire.authorizer.renew(wire.target(), asked)
        : wire.authorizer.challenged(outcome.answer.headers, wire.target(), asked);
    });
    talk.release();
    if (next.value === sent?.value) {
      throw await answerError(outcome.answer, { doing: request.doing, now: clock.now() });
    }
    authorization = next;
    fresh = true;
  }
}

function subjectOf(wire: Wire, request: ExchangeRequest): RequestSubject {
  const { doing, method } = request;
  return { doing, method, url: redactUrl(addressOf(wire, request)) };
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
    const answer = await sendOnce(wire, request, { sent, deadline, keep });
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
    if (status === 403 && mayAsk(answer) && saysExpired(await readDiagnostics(answer))) {
      return { done: new Refused(answer, true) };
    }
    wire.warn(wire.host.name, headers);
    return { done: await consume(answer) };
  } finally {
    if (!kept) deadline.close();
  }
}

/** A token that was fetched for this very request and refused is worth another only when its scope was too small. */
function worthAsking({ headers, status, sent }: Answer, fresh: boolean): boolean {
  if (status === 403) return !fresh && sent?.credentialSource !== undefined;
  return !fresh || /error\s*=\s*"?insufficient_scope/i.test(headers.get('www-authenticate') ?? '');
}

async function authorize(
  wire: Wire,
  { doing }: ExchangeRequest,
  ask: (onTokenRequest: () => void) => Promise<Authorization>,
): Promise<Authorization> {
  let askedForToken = false;
  try {
    const authorization = await ask(() => {
      askedForToken = true;
      wire.countToken();
    });
    if (!askedForToken && authorization.value?.startsWith('Bearer ')) wire.countSaved();
    wire.noteAccess({ challenged: authorization.challenged, credential: authorization.credentialSource });
    return authorization;
  } catch (error) {
    if (!isAuthError(error)) throw error;
    wire.noteAccess({ challenged: true, credential: error.credentialSource });
    throw authFailure(doing, error);
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
