import type { Clock } from '../async/clock.js';
import { redactSecrets } from '../http/redact.js';
import { safeText } from '../http/safe-text.js';
import { AuthError } from './auth-error.js';
import { basicValue, bearerValue } from './authorization-value.js';
import { type Challenge, chooseChallenge, parseChallenges } from './challenge.js';
import type { Credential, Keychain } from './credential.js';
import { parseScopes, scopesFor } from './scope.js';
import type { AskTokenService } from './token-exchange.js';
import { createTokenSource } from './token-source.js';

/** One registry and what is to be done there. */
export interface AuthorizationTarget {
  /** Scheme, host and port of the registry's API, as `URL.origin` writes it, e.g. `https://registry-1.docker.io`. */
  readonly origin: string;
  /** The registry as references write it, e.g. `docker.io`: what credential files are searched for. */
  readonly registry: string;
  /** Empty to be known there and nothing else. */
  readonly repository: string;
  /** `pull,push` may create the repository on some registries: only ask for it when pushing. */
  readonly actions: 'pull' | 'pull,push';
  /** Further repositories of the same registry to be read, the sources of mounts. */
  readonly alsoPull?: readonly string[];
}

export interface Authorization {
  /** The value of the Authorization header, for requests to the target's origin only; undefined: send none. */
  readonly value: string | undefined;
  /** Where the credential behind it stands (file and key); undefined when anonymous. */
  readonly credentialSource: string | undefined;
  /** The registry has asked for authorization in this run. */
  readonly challenged: boolean;
}

export interface ChallengeOptions {
  /** The Authorization that the refused request carried; a token newer than this one is used without asking again. */
  readonly sent?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for every token request that this call causes (not for one it joins). */
  readonly onTokenRequest?: (() => void) | undefined;
}

/** Answers the challenges of registries; remembers them, and the tokens they lead to, for the run. */
export interface Authorizer {
  /** What to send with a request, by what the registry asked for earlier; asks for a token where one is due. */
  header(
    target: AuthorizationTarget,
    options?: Pick<ChallengeOptions, 'signal' | 'onTokenRequest'>,
  ): Promise<Authorization>;
  /**
   * Answers a 401: reads its WWW-Authenticate header and returns what the next attempt must carry. `sent` tells a
   * first challenge from a token that is no longer good; call it once or twice per request, not for ever.
   *
   * @throws AuthError (auth/auth-error.ts)
   */
  challenged(
    wwwAuthenticate: string,
    target: AuthorizationTarget,
    options?: ChallengeOptions,
  ): Promise<Authorization>;
  /** For a credential the registry calls expired without a challenge (ECR, 403): asks its helper again. */
  renew(target: AuthorizationTarget, options?: ChallengeOptions): Promise<Authorization>;
  /** Drops the tokens of the target, e.g. after its repository was created. */
  forget(target: AuthorizationTarget): void;
  /** Hides every credential and token handed out so far in a text. */
  redact(text: string): string;
}

export interface AuthorizerOptions {
  readonly ask: AskTokenService;
  /** Without one everything is asked as nobody. */
  readonly keychain?: Keychain | undefined;
  readonly clock: Clock;
  readonly log?: ((line: string) => void) | undefined;
  /** For one token, all that `ask` does for it included. Default 60 s. */
  readonly tokenTimeoutMs?: number;
}

export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { ask, keychain, clock, log, tokenTimeoutMs = 60_000 } = options;
  const tokens = createTokenSource({ ask, clock, timeoutMs: tokenTimeoutMs });
  const asked = new Map<string, Asked>();
  const told = new Set<string>();
  const tellSource = ({ registry }: AuthorizationTarget, credential: Credential | undefined) => {
    const line = credential
      ? `${registry}: using the credential of ${credential.source}`
      : `${registry}: no credential found, asking as nobody`;
    if (!told.has(line)) log?.(line);
    told.add(line);
  };

  const answer = async (
    target: AuthorizationTarget,
    known: Asked,
    { sent, signal, onTokenRequest, scopes = [] }: ChallengeOptions & { readonly scopes?: readonly string[] },
  ): Promise<Authorization> => {
    const credential = await keychain?.find(target, { ...(signal && { signal }) });
    if (keychain) tellSource(target, credential);
    const { realm, service } = known;
    const found = { credentialSource: credential?.source, challenged: true };
    if (credential?.kind === 'registry-token')
      return { ...found, value: bearerValue(credential.token, credential) };
    if (realm === undefined) return { ...found, value: basicOf(credential) };
    const query = {
      origin: target.origin,
      registry: target.registry,
      realm,
      service,
      scopes: scopesFor(target, [...known.scopes, ...scopes]),
      credential,
    };
    const not = sent?.startsWith('Bearer ') ? sent.slice(7) : undefined;
    const token = await tokens.get(query, { not, signal, onRequest: onTokenRequest });
    return { ...found, value: `Bearer ${token}` };
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
      const challenge = chooseChallenge(parseChallenges(wwwAuthenticate));
      if (!challenge) throw unknownChallenge(target);
      const scopes = parseScopes(challenge.parameters.get('scope'));
      const known = askedBy(challenge, scopes);
      asked.set(target.origin, known);
      log?.(`${target.registry} asks for ${challenge.scheme === 'basic' ? 'a password' : 'a token'}`);
      const next = await answer(target, known, { ...use, scopes });
      if (next.value === undefined) throw noCredential(target, next.credentialSource);
      if (next.value !== use.sent) return next;
      const renewed = await withNewCredential(target, { known, refused: next }, use);
      if (renewed.value !== use.sent) return renewed;
      // A token service that gives the same token again has taken the credential: it is the right that lacks.
      const credential = await keychain?.find(target, { ...(use.signal && { signal: use.signal }) });
      if (known.realm !== undefined && credential?.kind !== 'registry-token') return renewed;
      throw rejected(target, renewed.credentialSource);
    },

    renew: (target, use = {}) => renew(target, use),

    forget({ origin, repository }) {
      tokens.forget(origin, (scope) => scope.startsWith(`repository:${repository}:`));
    },

    redact: (text) => redactSecrets(text, [...(keychain?.secrets() ?? []), ...tokens.secrets()]),
  };
}

/** How a registry asks who we are. */
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

function basicOf(credential: Credential | undefined): string | undefined {
  if (credential?.kind === 'basic') return basicValue(credential.username, credential.password, credential);
  if (credential?.kind !== 'identity-token' || !credential.password) return undefined;
  return basicValue(credential.username, credential.password, credential);
}

function noCredential({ registry }: AuthorizationTarget, source: string | undefined): AuthError {
  const found = source === undefined ? 'none was found' : `the one of ${safeText(source)} holds none`;
  const message = `Registry ${JSON.stringify(registry)} wants a user and a password: ${found}`;
  return new AuthError('no-credential', message, { registry });
}

function rejected({ registry }: AuthorizationTarget, credentialSource: string | undefined): AuthError {
  const from = safeText(credentialSource ?? 'unknown origin');
  const message = `The credential of ${from} is refused by registry ${JSON.stringify(registry)}: it answers 401`;
  return new AuthError('bad-credential', message, { registry, credentialSource, status: 401 });
}

function unknownChallenge({ registry }: AuthorizationTarget): AuthError {
  const message = `Registry ${JSON.stringify(registry)} uses an unsupported authentication scheme; expected Bearer or Basic`;
  return new AuthError('protocol', message, { registry, status: 401 });
}
