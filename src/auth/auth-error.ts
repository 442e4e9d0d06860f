import { BundlesError, type ErrorCode } from '../errors.js';

/** Why there is no authorization to send; the same words as a registry error's reasons. */
export type AuthReason =
  // REGISTRY_DENIED
  | 'bad-credential'
  | 'no-credential'
  | 'denied'
  // REGISTRY_UNREACHABLE
  | 'token-endpoint'
  | 'realm-refused'
  | 'protocol'
  // RATE_LIMITED
  | 'rate-limited';

export interface AuthErrorOptions {
  readonly registry: string;
  /** Where the credential that was sent stands: file and key, never a value. */
  readonly credentialSource?: string | undefined;
  /** The token endpoint, without user, query and fragment. */
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  readonly status?: number | undefined;
  /** The same exchange may succeed a little later. */
  readonly retryable?: boolean | undefined;
  /** The `Retry-After` header of the token endpoint as it came. */
  readonly retryAfter?: string | undefined;
  readonly cause?: unknown;
}

/** A challenge could not be answered. No field and no message holds a secret. */
export class AuthError extends BundlesError {
  readonly reason: AuthReason;
  readonly registry: string;
  readonly credentialSource: string | undefined;
  readonly url: string | undefined;
  readonly method: string | undefined;
  readonly status: number | undefined;
  readonly retryable: boolean;
  readonly retryAfter: string | undefined;

  constructor(reason: AuthReason, message: string, options: AuthErrorOptions) {
    const { registry, credentialSource, url, method, status, retryable = false, retryAfter, cause } = options;
    super(codes[reason], message, {
      hint: hints[reason],
      details: { reason, registry, credentialSource, url, status },
      cause,
    });
    this.reason = reason;
    this.registry = registry;
    this.credentialSource = credentialSource;
    this.url = url;
    this.method = method;
    this.status = status;
    this.retryable = retryable;
    this.retryAfter = retryAfter;
  }
}

/** True for our own, also across two loaded copies of the library. */
export function isAuthError(error: unknown): error is AuthError {
  return (
    error instanceof Error &&
    error.name === 'BundlesError' &&
    'credentialSource' in error &&
    'reason' in error
  );
}

const codes: Readonly<Record<AuthReason, ErrorCode>> = {
  'bad-credential': 'REGISTRY_DENIED',
  'no-credential': 'REGISTRY_DENIED',
  denied: 'REGISTRY_DENIED',
  'token-endpoint': 'REGISTRY_UNREACHABLE',
  'realm-refused': 'REGISTRY_UNREACHABLE',
  protocol: 'REGISTRY_UNREACHABLE',
  'rate-limited': 'RATE_LIMITED',
};

const hints: Readonly<Record<AuthReason, string>> = {
  'bad-credential': 'Log in again, or replace the password or token at the place named above',
  'no-credential': 'Log in to this registry, or name a credential file in REGISTRY_AUTH_FILE',
  denied: 'Log in to this registry if the repository is private, or check its name',
  'token-endpoint': 'Try again later: the token service of this registry does not answer as one',
  'realm-refused': 'Check the registry: it sends credentials to a place that is not safe',
  protocol: 'Check that this host is a registry: it asks for credentials in a way this tool does not know',
  'rate-limited': 'Wait, or log in: the token service of this registry answers no more requests for now',
};
