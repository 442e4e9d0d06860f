/** One registry and what is to be done there. */
export interface AuthorizationTarget {
  /** Scheme, host and port of the registry's API, as `URL.origin` writes it, e.g. `https://registry-1.docker.io`. */
  readonly origin: string;
  /** The registry as references write it, e.g. `docker.io`: what credential files are searched for. */
  readonly registry: string;
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
    headers: Headers,
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
