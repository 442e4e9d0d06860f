import { AuthError, isAuthError } from '../../auth/auth-error.js';
import type { Authorization, Authorizer } from '../../auth/authorizer.js';
import { parseDiagnostics } from '../../http/diagnostics.js';
import type { Exchange } from '../../http/send/call.js';
import type { Host } from '../../http/send/host.js';
import { isExpired } from './answer-error.js';
import type { AuthorizedCall, AuthorizedExchange, RegistryAnswer } from './connection.js';

export interface WithAuthOptions {
  readonly host: Host;
  readonly authorizer: Authorizer;
  /** Called for a request that needed no token request, or was not sent because its host was given up. */
  readonly onSaved: () => void;
}

/**
 * Answers the challenges of one registry. What a first answer teaches is used by all that follow, so the first request
 * goes alone. A request is sent once more with another authorization, twice where the first one's scope was too small.
 *
 * @throws NetworkError, AuthError; the signal's reason
 */
export function withAuth(next: Exchange, { host, authorizer, onSaved }: WithAuthOptions): AuthorizedExchange {
  const send = async (call: AuthorizedCall, sent: Authorization | undefined): Promise<RegistryAnswer> => {
    const { value } = sent ?? {};
    // Only what leads to the registry itself carries its authorization.
    const own = call.anyScheme || call.url.origin === host.origin;
    const headers = own && value !== undefined ? { ...call.headers, authorization: value } : call.headers;
    const answer = await next({ ...call, headers });
    return { ...answer, fromOrigin: answer.fromOrigin && own, sent };
  };

  const authorize = async (
    call: AuthorizedCall,
    ask: (onTokenRequest: () => void) => Promise<Authorization>,
  ): Promise<Authorization> => {
    let askedForToken = false;
    try {
      const found = await ask(() => {
        askedForToken = true;
        call.onSent?.();
      });
      if (!askedForToken && found.value?.startsWith('Bearer ')) onSaved();
      call.onAccess({ challenged: found.challenged, credential: found.credentialSource });
      return found;
    } catch (error) {
      if (isAuthError(error)) call.onAccess({ challenged: true, credential: error.credentialSource });
      throw error;
    }
  };

  return async (call) => {
    const { signal } = call;
    const target = () => ({ ...call.target, origin: host.origin });
    const entry = await host.enter({ signal });
    try {
      let sent: Authorization | undefined;
      if (host.scheme !== undefined && host.failure === undefined) {
        sent = await authorize(call, (onTokenRequest) =>
          authorizer.header(target(), { signal, onTokenRequest }),
        );
      }
      for (let round = 1; ; round++) {
        if (sent?.lacksRight && isWrite(call)) throw mayNotWrite(call, sent);
        const answer = await send(call, sent);
        const way = round <= 3 ? another(answer, round, call.afterRefusal) : undefined;
        if (way === undefined) return answer;
        await answer.source?.close();
        const asking = authorize(call, (onTokenRequest) => {
          const options = { signal, onTokenRequest, sent: sent?.value };
          return way === 'renew'
            ? authorizer.renew(target(), options)
            : authorizer.challenged(answer.headers['www-authenticate'] ?? '', target(), options);
        });
        // The challenge of the registry is known now; the others request their tokens together with this one.
        entry.admitOthers();
        const renewed = await asking;
        if (renewed.value === sent?.value) return { ...answer, sent };
        sent = renewed;
      }
    } finally {
      entry.leave();
    }
  };
}

function isWrite({ method }: AuthorizedCall): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** The token states so itself: a body would be sent in vain. */
function mayNotWrite({ target }: AuthorizedCall, { credentialSource }: Authorization): AuthError {
  const whose = credentialSource === undefined ? 'anonymous access' : `the credential of ${credentialSource}`;
  const message = `Registry ${JSON.stringify(target.registry)} does not let ${whose} write`;
  const reason = credentialSource === undefined ? 'no-credential' : 'denied';
  return new AuthError(reason, message, { registry: target.registry, credentialSource, status: 401 });
}

/**
 * How another authorization may do better: by the challenge of a 401, or by a new credential where a 403 calls it expired. A
 * token that was fetched for this very request and refused is worth another only when its scope was too small, or when it
 * was one for many; a token that states itself that it lacks the right is worth no other.
 */
function another(
  answer: RegistryAnswer,
  round: number,
  afterRefusal = false,
): 'challenge' | 'renew' | undefined {
  const { status, headers, fromOrigin, sent, body } = answer;
  if (!fromOrigin) return undefined;
  const fresh = round > 1;
  if (status === 401) {
    if (sent?.lacksRight || afterRefusal) return undefined;
    if (!fresh || sent?.shared) return 'challenge';
    const tooSmall = /error\s*=\s*"?insufficient_scope/i.test(headers['www-authenticate'] ?? '');
    return tooSmall && round === 2 ? 'challenge' : undefined;
  }
  const mayBeOld = status === 403 && !fresh && sent?.credentialSource !== undefined;
  return mayBeOld && isExpired(parseDiagnostics(body)) ? 'renew' : undefined;
}
