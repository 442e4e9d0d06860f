import { BundlesError } from '../errors.js';
import { type FailureReason, failureRow } from '../http/failure.js';

/** Why there is no authorization to send. */
export type AuthReason = Extract<
  FailureReason,
  | 'bad-credential'
  | 'no-credential'
  | 'denied'
  | 'read-only'
  | 'token-endpoint'
  | 'realm-refused'
  | 'proxy'
  | 'protocol'
  | 'rate-limited'
>;

export interface AuthErrorOptions {
  readonly registry: string;
  /** Where the credential that was sent is: file and key, never a value. */
  readonly credentialSource?: string | undefined;
  /** The token endpoint, without user, query and fragment. */
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  readonly status?: number | undefined;
  /** The same exchange may succeed a little later. */
  readonly retryable?: boolean | undefined;
  /** The `Retry-After` header of the token endpoint as it came. */
  readonly retryAfter?: string | undefined;
  /** Address of the proxy in between, without its password. */
  readonly proxy?: string | undefined;
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
  readonly proxy: string | undefined;

  constructor(reason: AuthReason, message: string, options: AuthErrorOptions) {
    const { registry, credentialSource, url, method, status, retryable = false } = options;
    const { retryAfter, proxy, cause } = options;
    const { code, hint } = failureRow(reason, { registry, proxy });
    super(code, message, {
      hint,
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
    this.proxy = proxy;
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

/** True where the registry itself has refused with a 401, and not its token service. */
export function isRefusedByRegistry(error: unknown): boolean {
  return isAuthError(error) && error.status === 401 && error.url === undefined;
}
