import type { Clock } from '../async/clock.js';
import { type SharedTask, shareTask } from '../async/shared-task.js';
import { systemClock } from '../async/system-clock.js';
import { AuthError, isAuthError } from './auth-error.js';
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

/** A token to pull from one repository. */
export interface PullQuery extends TokenQuery {
  readonly repository: string;
  /** Other repositories that will need such a token, for the same credential: requested together with it. */
  readonly expected: () => Promise<readonly string[]>;
}

/** A token, and whether it was requested together with those of other repositories. */
export interface SharedToken extends Token {
  readonly shared: boolean;
}

/** Tokens of one run, in memory only; tasks that want the same one at the same time share one exchange. */
export interface TokenSource {
  get(query: TokenQuery, options?: GetTokenOptions): Promise<SharedToken>;
  /** The token for exactly this, where there is one that is good and not the one named. */
  atHand(query: TokenQuery, not?: string | undefined): SharedToken | undefined;
  /**
   * The same for the right to pull, requested with that of up to 24 other repositories. What the answer lacks is requested
   * alone, and from then on so is everything of this service.
   */
  getToPull(query: PullQuery, options?: GetTokenOptions): Promise<SharedToken>;
  /** Drops the tokens of a registry whose scopes `applies` to. */
  forget(origin: string, applies: (scope: string) => boolean): void;
  /** Every token handed out, for redaction by value. */
  secrets(): Iterable<string>;
}

export function createTokenSource({ ask, clock, timeoutMs }: TokenSourceOptions): TokenSource {
  const tokens = new Map<string, { readonly token: SharedToken; readonly query: TokenQuery }>();
  const flights = new Map<string, SharedTask<SharedToken>>();
  const seen = new Set<string>();

  const exchange = async (query: TokenQuery, onRequest: () => void, abandoned: AbortSignal) => {
    const controller = new AbortController();
    const { signal } = controller;
    const callOff = systemClock.alarm(timeoutMs, () => controller.abort(tooSlow(query, timeoutMs)));
    const abandon = () => controller.abort(abandoned.reason);
    abandoned.addEventListener('abort', abandon, { once: true });
    // Also where what asks pays no attention to its signal.
    const ended = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    try {
      const token = await Promise.race([
        exchangeToken(query, { ask, now: clock.now, signal, onRequest }),
        ended,
      ]);
      seen.add(token.value);
      return token;
    } finally {
      callOff();
      abandoned.removeEventListener('abort', abandon);
    }
  };
  const keep = (query: TokenQuery, token: SharedToken) => {
    tokens.set(keyOf(query), { token, query });
    return token;
  };
  const atHand: TokenSource['atHand'] = (query, not) => {
    const known = tokens.get(keyOf(query))?.token;
    return known && known.value !== not && clock.now() < known.refreshAt ? known : undefined;
  };
  const get = async (query: TokenQuery, options: GetTokenOptions = {}) => {
    const { not, signal, onRequest = () => undefined } = options;
    signal?.throwIfAborted();
    const key = keyOf(query);
    const known = atHand(query, not);
    if (known) return known;
    const running = flights.get(key);
    if (running && !running.abandoned) return running.join(signal);
    const flight = shareTask(async (abandoned) => {
      try {
        return keep(query, { ...(await exchange(query, onRequest, abandoned)), shared: false });
      } finally {
        if (flights.get(key) === flight) flights.delete(key);
      }
    });
    flights.set(key, flight);
    return flight.join(signal);
  };
  const getToPull = createBatches({ exchange, keep, atHand, get });

  return {
    get,
    atHand,
    getToPull,
    forget(origin, applies) {
      for (const [key, { query }] of tokens) {
        if (query.origin === origin && query.scopes.some(applies)) tokens.delete(key);
      }
    },
    secrets: () => seen,
  };
}

/** Quay, Docker Hub, GitLab and Harbor grant each of several scopes in one token. */
const mostRepositories = 25;
/** What names may take in a token: nginx refuses header fields beyond 8 KiB. */
const mostNameBytes = 4_500;
const entryBytes = 60;

interface BatchParts {
  readonly exchange: (query: TokenQuery, onRequest: () => void, abandoned: AbortSignal) => Promise<Token>;
  readonly keep: (query: TokenQuery, token: SharedToken) => SharedToken;
  readonly atHand: (query: TokenQuery, not: string | undefined) => SharedToken | undefined;
  readonly get: TokenSource['get'];
}

interface Batch {
  readonly repositories: Set<string>;
  readonly task: SharedTask<SharedToken>;
}

function createBatches({ exchange, keep, atHand, get }: BatchParts): TokenSource['getToPull'] {
  /** By service and credential: those that others may still join, and those on their way by repository. */
  const open = new Map<string, Batch>();
  const flying = new Map<string, Batch>();
  const requested = new Set<string>();
  /** Services that grant one repository at a time. */
  const alone = new Set<string>();

  const start = (query: PullQuery, service: string, onRequest: () => void): Batch => {
    const { expected, repository } = query;
    const repositories = new Set([repository]);
    const task = shareTask(async (abandoned) => {
      // Anyone who comes at the same moment comes along.
      await new Promise((resolve) => setImmediate(resolve));
      const more = (await expected()).filter((name) => !requested.has(`${service} ${name}`));
      open.delete(service);
      for (const name of more) if (hasRoom(repositories, name)) repositories.add(name);
      const names = [...repositories];
      const own = query.scopes.filter((scope) => scope !== pullScope(repository));
      const all = { ...query, scopes: [...names.map(pullScope), ...own] };
      for (const name of names) flying.set(`${service} ${name}`, batch);
      for (const name of names) requested.add(`${service} ${name}`);
      try {
        const token = { ...(await exchange(all, onRequest, abandoned)), shared: names.length > 1 };
        for (const name of names) {
          if (isGranted(token, name)) keep({ ...query, scopes: [pullScope(name), ...own] }, token);
          else alone.add(service);
        }
        return token;
      } finally {
        for (const name of names) flying.delete(`${service} ${name}`);
      }
    });
    const batch = { repositories, task };
    return batch;
  };

  return async (query, options = {}) => {
    const { not, signal, onRequest = () => undefined } = options;
    signal?.throwIfAborted();
    const { repository } = query;
    const known = atHand(query, not);
    if (known) return known;
    const service = keyOf({
      ...query,
      scopes: query.scopes.filter((scope) => scope !== pullScope(repository)),
    });
    // A token for many that was refused proves nothing about one for this repository.
    if (not !== undefined && atHand(query, undefined)?.shared) alone.add(service);
    if (alone.has(service)) return get(query, options);
    let batch = flying.get(`${service} ${repository}`) ?? open.get(service);
    if (batch === undefined || batch.task.abandoned || !hasRoom(batch.repositories, repository)) {
      batch = start(query, service, onRequest);
      open.set(service, batch);
    }
    batch.repositories.add(repository);
    try {
      const token = await batch.task.join(signal);
      if (isGranted(token, repository)) return token;
    } catch (error) {
      if (batch.repositories.size === 1 || !refusesMany(error)) throw error;
      alone.add(service);
    }
    return get(query, options);
  };
}

/** A token for many states of each what it grants, be it nothing; or it does not let one look inside. */
function isGranted({ shared, access }: SharedToken, repository: string): boolean {
  return !shared || access === undefined || access.has(repository);
}

function pullScope(repository: string): string {
  return `repository:${repository}:pull`;
}

function hasRoom(names: ReadonlySet<string>, name: string): boolean {
  if (names.has(name)) return true;
  const bytes = [...names, name].reduce((sum, one) => sum + one.length + entryBytes, 0);
  return names.size < mostRepositories && bytes <= mostNameBytes;
}

/** A request for several scopes was refused as such, or for one of them. */
function refusesMany(error: unknown): boolean {
  if (!isAuthError(error)) return false;
  const { reason, status = 0 } = error;
  return (reason === 'denied' || reason === 'token-endpoint') && status >= 400 && status < 500;
}

/** The registry and the credential belong to the key: a token is never used for another's sake. */
function keyOf({ origin, realm, service, scopes, credential }: TokenQuery): string {
  return JSON.stringify([origin, realm, service, [...scopes].sort(), credential && identityOf(credential)]);
}

/** The fields that distinguish credentials. */
export function identityOf(credential: Credential): readonly unknown[] {
  if (credential.kind === 'registry-token') return [credential.source, credential.kind, credential.token];
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
