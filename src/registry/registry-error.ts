import { BundlesError, type ErrorCode } from '../errors.js';
import type { Diagnostic } from '../http/diagnostics.js';
import { type FailureFacts, type FailureReason, failureRow } from '../http/failure.js';

export interface RegistryErrorOptions {
  readonly reason: FailureReason;
  /** Without user, password, query and fragment. */
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  readonly status?: number | undefined;
  readonly diagnostics?: readonly Diagnostic[] | undefined;
  /** The same request may succeed a little later. */
  readonly retryable?: boolean | undefined;
  /** What the hint of the reason may name. */
  readonly facts?: FailureFacts | undefined;
  /** Replaces that hint. */
  readonly hint?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/**
 * A registry refused, did not answer, or answered what cannot be believed.
 * `code` decides the verdict: NOT_FOUND is certain absence, REGISTRY_DENIED is absent or private,
 * REGISTRY_UNREACHABLE, RATE_LIMITED and TOO_LARGE are no answer worth trusting.
 */
export class RegistryError extends BundlesError {
  readonly reason: FailureReason;
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly status: number | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: RegistryErrorOptions) {
    const { reason, method, url, status, diagnostics = [], retryable = false, cause } = options;
    const facts: Record<string, unknown> = { reason, ...options.details };
    if (method !== undefined) facts.method = method;
    if (url !== undefined) facts.url = url;
    if (status !== undefined) facts.status = status;
    if (diagnostics.length > 0) facts.diagnostics = diagnostics;
    super(code, message, {
      hint: options.hint ?? failureRow(reason, options.facts).hint,
      details: facts,
      cause,
    });
    this.reason = reason;
    this.method = method;
    this.url = url;
    this.status = status;
    this.diagnostics = diagnostics;
    this.retryable = retryable;
  }
}

/** True for our own registry errors, also across two loaded copies of the library. */
export function isRegistryError(error: unknown, code?: ErrorCode): error is RegistryError {
  if (!(error instanceof Error) || error.name !== 'BundlesError') return false;
  if (!('reason' in error) || !('diagnostics' in error) || !('code' in error)) return false;
  return code === undefined || error.code === code;
}
