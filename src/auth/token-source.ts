import type { Clock } from '../async/clock.js';
import { type SharedTask, shareTask } from '../async/shared-task.js';
import { AuthError } from './auth-error.js';
import type { Credential } from './credential.js';
import type { Token } from './token-answer.js';
import { type AskTokenService, exchangeToken, type TokenQuery } from './token-exchange.js';

export interface TokenSourceOptions {
  readonly ask: AskTokenService;
  readonly clock: Clock;
  /** For one exchange. */
  readonly timeoutMs: number;
}

export interface GetTokenOptions {
  /** A token that is no longer good. */
  readonly not?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onRequest?: (() => void) | undefined;
}

/** Tokens of one run, in memory only; tasks that want the same one at the same time share one exchange. */
export interface TokenSource {
  get(query: TokenQuery, options?: GetTokenOptions): Promise<string>;
  /** Drops the tokens of a registry whose scopes `applies` to. */
  forget(origin: string, applies: (scope: string) => boolean): void;
  /** Every token handed out, for redaction by value. */
  secrets(): Iterable<string>;
}

export function createTokenSource({ ask, clock, timeoutMs }: TokenSourceOptions): TokenSource {
  const tokens = new Map<string, { readonly token: Token; readonly query: TokenQuery }>();
  const flights = new Map<string, SharedTask<Token>>();
  const seen = new Set<string>();

  const fetchToken = async (
    query: TokenQuery,
    { onRequest, abandoned }: { readonly onRequest: () => void; readonly abandoned: AbortSignal },
  ) => {
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(() => controller.abort(tooSlow(query, timeoutMs)), timeoutMs);
    const abandon = () => controller.abort(abandoned.reason);
    abandoned.addEventListener('abort', abandon, { once: true });
    // Also where what asks pays no attention to its signal.
    const ended = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    try {
      const options = { ask, now: clock.now, signal, onRequest };
      return await Promise.race([exchangeToken(query, options), ended]);
    } finally {
      clearTimeout(timer);
      abandoned.removeEventListener('abort', abandon);
    }
  };
  const start = (
    query: TokenQuery,
    { key, onRequest }: { readonly key: string; readonly onRequest: () => void },
  ) => {
    const flight = shareTask(async (abandoned) => {
      try {
        const token = await fetchToken(query, { onRequest, abandoned });
        tokens.set(key, { token, query });
        seen.add(token.value);
        return token;
      } finally {
        if (flights.get(key) === flight) flights.delete(key);
      }
    });
    flights.set(key, flight);
    return flight;
  };

  return {
    async get(query, { not, signal, onRequest = () => undefined } = {}) {
      signal?.throwIfAborted();
      const key = keyOf(query);
      const known = tokens.get(key)?.token;
      if (known && known.value !== not && clock.now() < known.refreshAt) return known.value;
      const running = flights.get(key);
      const flight = running && !running.abandoned ? running : start(query, { key, onRequest });
      return (await flight.join(signal)).value;
    },
    forget(origin, applies) {
      for (const [key, { query }] of tokens) {
        if (query.origin === origin && query.scopes.some(applies)) tokens.delete(key);
      }
    },
    secrets: () => seen,
  };
}

/** The registry and the credential belong to the key: a token is never used for another's sake. */
function keyOf({ origin, realm, service, scopes, credential }: TokenQuery): string {
  return JSON.stringify([origin, realm, service, [...scopes].sort(), credential && identityOf(credential)]);
}

function identityOf(
  credential: Exclude<Credential, { readonly kind: 'registry-token' }>,
): readonly unknown[] {
  const secret = credential.kind === 'basic' ? credential.password : [credential.token, credential.password];
  return [credential.source, credential.kind, credential.username, secret];
}

function tooSlow({ registry, credential }: TokenQuery, timeoutMs: number): AuthError {
  const message = `No token from the token service of registry ${JSON.stringify(registry)}: no answer within ${timeoutMs} ms`;
  return new AuthError('token-endpoint', message, {
    registry,
    credentialSource: credential?.source,
    retryable: true,
  });
}
