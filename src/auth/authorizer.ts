import type { Clock } from '../async/clock.js';
import { hiding } from '../http/redactor.js';
import { shorten } from '../http/shorten.js';
import { AuthError } from './auth-error.js';
import { basicValue, bearerValue } from './authorization-value.js';
import { type Challenge, chooseChallenge, parseChallenges, refusalIn } from './challenge.js';
import type { Credential, Keychain } from './credential.js';
import { realmFitness } from './realm.js';
import { parseScopes, scopesFor } from './scope.js';
import type { Token } from './token-answer.js';
import type { AskTokenService, TokenQuery } from './token-exchange.js';
import {
  createTokenSource,
  type GetTokenOptions,
  identityOf,
  type SharedToken,
  type TokenSource,
} from './token-source.js';

/** One registry and what is to be done there. */
export interface AuthorizationTarget {
  /** Scheme, host and port of the registry's API, as `URL.origin` writes it, e.g. `https://registry-1.docker.io`. */
  readonly origin: string;
  /** The registry as references write it, e.g. `docker.io`: what credential files are searched for. */
  readonly registry: string;
  /** Empty: only a login. */
  readonly repository: string;
  /** `pull,push` may create the repository on some registries: only request it when pushing. */
  readonly actions: 'pull' | 'pull,push';
  /** Further repositories of the same registry to be read, the sources of mounts. */
  readonly alsoPull?: readonly string[];
}

export interface Authorization {
  /** The value of the Authorization header, for requests to the target's origin only; undefined: send none. */
  readonly value: string | undefined;
  /** Where the credential behind it is (file and key); undefined when anonymous. */
  readonly credentialSource: string | undefined;
  /** The registry has required authorization in this run. */
  readonly challenged: boolean;
  /** The token itself states that it does not grant what is to be done: a refusal of it is final. */
  readonly lacksRight?: boolean | undefined;
  /** The token was requested with those of other repositories: one for this repository alone may grant more. */
  readonly shared?: boolean | undefined;
}

export interface ChallengeOptions {
  /** The Authorization that the refused request carried; a token newer than this one is used without another request. */
  readonly sent?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for every token request that this call causes (not for one it joins). */
  readonly onTokenRequest?: (() => void) | undefined;
}

/** Answers the challenges of registries; remembers them, and the tokens they lead to, for the run. */
export interface Authorizer {
  /** What to send with a request, by the earlier challenges of the registry; requests a token if one is needed. */
  header(
    target: AuthorizationTarget,
    options?: Pick<ChallengeOptions, 'signal' | 'onTokenRequest'>,
  ): Promise<Authorization>;
  /**
   * Answers a 401: reads its WWW-Authenticate header and returns what the next attempt must carry. `sent` distinguishes a
   * first challenge from an expired token; call it once or twice per request, not indefinitely.
   *
   * @throws AuthError (auth/auth-error.ts)
   */
  challenged(
    wwwAuthenticate: string,
    target: AuthorizationTarget,
    options?: ChallengeOptions,
  ): Promise<Authorization>;
  /** For a credential the registry calls expired without a challenge (ECR, 403): runs its helper again. */
  renew(target: AuthorizationTarget, options?: ChallengeOptions): Promise<Authorization>;
  /** Whether the registry has requested a credential in this run. */
  knows(origin: string): boolean;
  /** Remembers the challenge of a 401, without answering it. */
  note(wwwAuthenticate: string, target: Pick<AuthorizationTarget, 'origin' | 'registry'>): void;
  /** Drops the tokens of the target, e.g. after its repository was created. */
  forget(target: AuthorizationTarget): void;
  /** Hides every credential and token handed out so far in a text. */
  redact(text: string): string;
  /** Every credential and token handed out so far. */
  secrets(): readonly string[];
}

export interface AuthorizerOptions {
  readonly ask: AskTokenService;
  /** Without one, all requests are anonymous. */
  readonly keychain?: Keychain | undefined;
  readonly clock: Clock;
  readonly log?: ((line: string) => void) | undefined;
  /** The repositories of a registry that the run is about: tokens to pull from them are requested together. Default: none. */
  readonly repositoriesOf?: ((registry: string) => Iterable<string>) | undefined;
  /** For one token, all that `ask` does for it included. Default 60 s. */
  readonly tokenTimeoutMs?: number;
}

export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { ask, keychain, clock, log, repositoriesOf, tokenTimeoutMs = 60_000 } = options;
  const tokens = createTokenSource({ ask, clock, timeoutMs: tokenTimeoutMs });
  const tokenFor = createTokenGetter(tokens, { keychain, repositoriesOf });
  const asked = new Map<string, Asked>();
  const tellSource = createSourceLog(log);
  const secrets = () => [...(keychain?.secrets() ?? []), ...tokens.secrets()];

  const answer = async (
    target: AuthorizationTarget,
    known: Asked,
    { sent, signal, onTokenRequest, scopes = [] }: ChallengeOptions & { readonly scopes?: readonly string[] },
  ): Promise<Authorization> => {
    const credential = await keychain?.find(target, { signal });
    if (keychain) tellSource(target, credential);
    const { realm, service } = known;
    const found = { credentialSource: credential?.source, challenged: true };
    if (credential?.kind === 'registry-token')
      return { ...found, value: bearerValue(credential.token, credential) };
    if (realm === undefined) return { ...found, value: basicOf(credential) };
    if (credential === undefined && isQuay(realm, target)) return { ...found, value: undefined };
    const not = sent?.startsWith('Bearer ') ? sent.slice(7) : undefined;
    const token = await tokenFor(
      { target, credential, realm, service, common: known.scopes, challenged: scopes },
      { not, signal, onRequest: onTokenRequest },
    );
    return {
      ...found,
      value: `Bearer ${token.value}`,
      lacksRight: lacksRight(token, target),
      shared: token.shared,
    };
  };

  const learn = (wwwAuthenticate: string, target: Pick<AuthorizationTarget, 'origin' | 'registry'>) => {
    const { challenge, scopes } = readChallenge(wwwAuthenticate, target);
    const known = askedBy(challenge, scopes);
    asked.set(target.origin, known);
    log?.(`${target.registry} asks for ${challenge.scheme === 'basic' ? 'a password' : 'a token'}`);
    return { known, scopes };
  };

  /** What was sent is refused: a helper may have a newer credential by now; the same one leads to nothing else. */
  const withNewCredential = async (
    target: AuthorizationTarget,
    { known, refused }: { readonly known: Asked; readonly refused: Authorization },
    again: ChallengeOptions,
  ): Promise<Authorization> => {
    const use = again.signal ? { signal: again.signal } : {};
    const before = await keychain?.find(target, use);
    const after = await keychain?.find(target, { ...use, fresh: true });
    return JSON.stringify(after) === JSON.stringify(before) ? refused : answer(target, known, again);
  };

  const renew = async (target: AuthorizationTarget, again: ChallengeOptions) => {
    const known = asked.get(target.origin) ?? { realm: undefined, service: undefined, scopes: [] };
    const current = await answer(target, known, again);
    if (current.value !== again.sent) return current;
    return withNewCredential(target, { known, refused: current }, again);
  };

  return {
    async header(target, use = {}) {
      const known = asked.get(target.origin);
      if (!known) return { value: undefined, credentialSource: undefined, challenged: false };
      return answer(target, known, use);
    },

    async challenged(wwwAuthenticate, target, use = {}) {
      const { known, scopes } = learn(wwwAuthenticate, target);
      const next = await answer(target, known, { ...use, scopes });
      if (next.value === undefined && known.realm === undefined)
        throw noCredential(target, next.credentialSource);
      if (next.value !== use.sent) return next;
      const renewed = await withNewCredential(target, { known, refused: next }, use);
      if (renewed.value !== use.sent) return renewed;
      // A token service that gives the same token again has taken the credential: it is the right that lacks.
      const credential = await keychain?.find(target, { ...(use.signal && { signal: use.signal }) });
      if (known.realm !== undefined && credential?.kind !== 'registry-token') return renewed;
      throw rejected(target, renewed.credentialSource, wwwAuthenticate);
    },

    renew: (target, use = {}) => renew(target, use),
    knows: (origin) => asked.has(origin),
    note(wwwAuthenticate, target) {
      if (!asked.has(target.origin)) learn(wwwAuthenticate, target);
    },

    forget({ origin, repository }) {
      tokens.forget(origin, (scope) => scope.startsWith(`repository:${repository}:`));
    },

    redact: hiding(secrets),
    secrets,
  };
}

/** Reports once for each registry whose credential is used. */
function createSourceLog(log: ((line: string) => void) | undefined) {
  const logged = new Set<string>();
  return ({ registry }: AuthorizationTarget, credential: Credential | undefined) => {
    const line = credential
      ? `${registry}: using the credential of ${credential.source}`
      : `${registry}: no credential found, sending anonymous requests`;
    if (!logged.has(line)) log?.(line);
    logged.add(line);
  };
}

interface WantedToken {
  readonly target: AuthorizationTarget;
  readonly credential: TokenQuery['credential'];
  readonly realm: string;
  readonly service: string | undefined;
  /** Scopes of every repository, and those of this challenge. */
  readonly common: readonly string[];
  readonly challenged: readonly string[];
}

/** Tokens to pull are requested together, all others one by one. */
function createTokenGetter(
  tokens: TokenSource,
  { keychain, repositoriesOf }: Pick<AuthorizerOptions, 'keychain' | 'repositoriesOf'>,
) {
  return async (
    { target, credential, realm, service, common, challenged }: WantedToken,
    options: GetTokenOptions,
  ): Promise<SharedToken> => {
    const { origin, registry, repository } = target;
    const scopes = scopesFor(target, [...common, ...challenged]);
    const query = { origin, registry, realm, service, scopes, credential };
    const plain = scopes[0] === `repository:${repository}:pull` && scopes.length === 1 + common.length;
    if (!plain || credential?.kind === 'identity-token') return tokens.get(query, options);
    const { signal, not } = options;
    // The right to write includes that to read, and the repository may be one that it made.
    const toWrite = tokens.atHand(
      { ...query, scopes: [`repository:${repository}:pull,push`, ...common] },
      not,
    );
    if (toWrite && !lacksRight(toWrite, target)) return toWrite;
    const expected = () =>
      withSameCredential([...(repositoriesOf?.(registry) ?? [])], { registry, credential, keychain, signal });
    return tokens.getToPull({ ...query, repository, expected }, options);
  };
}

interface CredentialUse {
  readonly registry: string;
  readonly credential: Credential | undefined;
  readonly keychain: Keychain | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Those of the repositories for which the same credential is used. */
async function withSameCredential(
  repositories: readonly string[],
  { registry, credential, keychain, signal }: CredentialUse,
): Promise<readonly string[]> {
  const identity = JSON.stringify(credential && identityOf(credential));
  const found = await Promise.all(
    repositories.map(async (repository) => {
      const own = await keychain?.find({ registry, repository }, { signal });
      return JSON.stringify(own && identityOf(own)) === identity ? repository : undefined;
    }),
  );
  return found.filter((name) => name !== undefined);
}

function readChallenge(wwwAuthenticate: string, target: Pick<AuthorizationTarget, 'origin' | 'registry'>) {
  const challenge = chooseChallenge(parseChallenges(wwwAuthenticate), ({ parameters }) =>
    realmFitness(parameters, target),
  );
  if (!challenge) throw unknownChallenge(target);
  return { challenge, scopes: parseScopes(challenge.parameters.get('scope')) };
}

/** How a registry requests a credential. */
interface Asked {
  /** Undefined: it asks for user and password itself. */
  readonly realm: string | undefined;
  readonly service: string | undefined;
  /** Scopes that belong to no repository, wanted for each of them. */
  readonly scopes: readonly string[];
}

function askedBy({ scheme, parameters }: Challenge, scopes: readonly string[]): Asked {
  if (scheme === 'basic') return { realm: undefined, service: undefined, scopes: [] };
  return {
    realm: parameters.get('realm'),
    service: parameters.get('service'),
    scopes: scopes.filter((scope) => !scope.startsWith('repository')),
  };
}

/** Public repositories of Quay need no token, and an anonymous token gives access to no others. */
function isQuay(realm: string, { origin }: AuthorizationTarget): boolean {
  return URL.canParse(realm, origin) && new URL(realm, origin).pathname === '/v2/auth';
}

/** The right to write includes that to read; a service that leaves out what it denies denies it too. */
function lacksRight({ access }: Token, { repository, actions }: AuthorizationTarget): boolean {
  if (access === undefined || repository === '') return false;
  const granted = access.get(repository) ?? [];
  return !granted.includes('*') && !granted.includes(actions === 'pull' ? 'pull' : 'push');
}

function basicOf(credential: Credential | undefined): string | undefined {
  if (credential?.kind === 'basic') return basicValue(credential.username, credential.password, credential);
  if (credential?.kind !== 'identity-token' || !credential.password) return undefined;
  return basicValue(credential.username, credential.password, credential);
}

function noCredential({ registry }: AuthorizationTarget, source: string | undefined): AuthError {
  const found = source === undefined ? 'none was found' : `the one of ${shorten(source)} holds none`;
  const message = `Registry ${JSON.stringify(registry)} wants a user and a password: ${found}`;
  return new AuthError('no-credential', message, { registry, status: 401 });
}

function rejected(
  { registry }: AuthorizationTarget,
  credentialSource: string | undefined,
  wwwAuthenticate: string,
): AuthError {
  const from = shorten(credentialSource ?? 'unknown origin');
  const refusal = refusalIn(parseChallenges(wwwAuthenticate));
  const why = refusal ? ` (${shorten(`${refusal.code} ${refusal.message}`)})` : '';
  const message = `The credential of ${from} was refused by the registry ${JSON.stringify(registry)}: it answers 401${why}`;
  return new AuthError('bad-credential', message, { registry, credentialSource, status: 401 });
}

function unknownChallenge({ registry }: Pick<AuthorizationTarget, 'registry'>): AuthError {
  const message = `Registry ${JSON.stringify(registry)} uses an unsupported authentication scheme; expected Bearer or Basic`;
  return new AuthError('protocol', message, { registry, status: 401 });
}
