import { BundlesError, type ErrorCode } from '../errors.js';
import type { Diagnostic } from '../http/diagnostics.js';
import { type FailureFacts, type FailureReason, failureRow } from '../http/failure.js';

/** What a `RegistryError` is made of. */
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
 * The error of a registry that refused, did not answer, or gave an answer that cannot be trusted. NOT_FOUND is certain absence,
 * REGISTRY_DENIED is absent or private; REGISTRY_UNREACHABLE, RATE_LIMITED and TOO_LARGE prove nothing about the content. `reason` is one
 * stable word, `diagnostics` are the registry's own codes and messages, `url` holds no secrets.
 *
 * @example
 * ```ts
 * import { createNodeTransport, createRegistryClient, RegistryError } from 'tekton-bundles/registry';
 * import { faults, startFaultyRegistry } from 'tekton-bundles/testing';
 *
 * await using server = await startFaultyRegistry({ faults: [faults.refuse(403, 'DENIED', 'not for you')] });
 * const send = createNodeTransport();
 * const repository = createRegistryClient({ send }).repository({ registry: server.host, repository: 'acme/hello' });
 * const error = await repository.resolve('v1').catch((reason: unknown) => reason);
 * if (error instanceof RegistryError) console.log(error.code, error.status); // REGISTRY_DENIED 403
 * await send.close();
 * ```
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

/**
 * Whether an error is a RegistryError, and has the code where one is given. It also recognises errors of another loaded copy of the
 * package.
 *
 * @example
 * ```ts
 * import { createNodeTransport, createRegistryClient, isRegistryError } from 'tekton-bundles/registry';
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * await using server = await startRegistry();
 * const send = createNodeTransport();
 * const repository = createRegistryClient({ send }).repository({ registry: server.host, repository: 'acme/hello' });
 * const error = await repository.resolve('v1').catch((reason: unknown) => reason);
 * console.log(isRegistryError(error, 'NOT_FOUND')); // true
 * await send.close();
 * ```
 */
export function isRegistryError(error: unknown, code?: ErrorCode): error is RegistryError {
  if (!(error instanceof Error) || error.name !== 'BundlesError') return false;
  if (!('reason' in error) || !('diagnostics' in error) || !('code' in error)) return false;
  return code === undefined || error.code === code;
}
