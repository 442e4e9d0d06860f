import { BundlesError } from '../errors.js';
import { redactUrl } from '../http/redact.js';

/** The codes of a catalog's errors. */
export type CatalogErrorCode = 'CATALOG_UNREACHABLE' | 'CATALOG_REFUSED' | 'CATALOG_CONFLICT';

/** Why a catalog failed us; stable words for programs. */
export type CatalogReason =
  // CATALOG_UNREACHABLE
  | 'network'
  | 'server-error'
  | 'rate-limited'
  | 'not-a-catalog'
  | 'redirect'
  | 'too-large'
  // CATALOG_REFUSED
  | 'unauthorized'
  | 'forbidden'
  | 'invalid'
  | 'generation'
  | 'status'
  // CATALOG_CONFLICT
  | 'other-content'
  | 'other-reference';

/** What a `CatalogError` is made of. */
export interface CatalogErrorOptions {
  readonly reason: CatalogReason;
  readonly url: string | URL;
  readonly method: string;
  readonly status?: number | undefined;
  /** The request may have been carried out although it failed. Default false. */
  readonly mayHaveHappened?: boolean;
  readonly hint?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The error of a workflow catalog that refused, did not answer, or gave an answer that cannot be trusted. `reason` is one stable word;
 * `mayHaveHappened` is true where the request may have been carried out although it failed.
 *
 * @example
 * ```ts
 * import { CatalogError, createDataStorageClient } from 'tekton-bundles/catalog';
 * import { createNodeTransport } from 'tekton-bundles/registry';
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * await using other = await startRegistry();
 * const send = createNodeTransport();
 * const client = createDataStorageClient({ send, url: other.url, attempts: 1 });
 * const error = await client.listWorkflows().catch((reason: unknown) => reason);
 * if (error instanceof CatalogError) console.log(error.code, error.reason); // CATALOG_REFUSED status
 * await send.close();
 * ```
 */
export class CatalogError extends BundlesError {
  readonly reason: CatalogReason;
  readonly status: number | undefined;
  readonly mayHaveHappened: boolean;

  constructor(code: CatalogErrorCode, message: string, options: CatalogErrorOptions) {
    const { reason, url, method, status, mayHaveHappened = false, hint, cause } = options;
    super(code, message, {
      hint: hint ?? hints[reason],
      details: { reason, method, url: redactUrl(url), ...(status ? { status } : {}), ...options.details },
      cause,
    });
    this.reason = reason;
    this.status = status;
    this.mayHaveHappened = mayHaveHappened;
  }
}

/**
 * Whether an error is a CatalogError, and has the code where one is given. It also recognises errors of another loaded copy of the package.
 *
 * @example
 * ```ts
 * import { createDataStorageClient, isCatalogError } from 'tekton-bundles/catalog';
 * import { createNodeTransport } from 'tekton-bundles/registry';
 * import { startRegistry } from 'tekton-bundles/testing';
 *
 * await using other = await startRegistry();
 * const send = createNodeTransport();
 * const client = createDataStorageClient({ send, url: other.url, attempts: 1 });
 * const error = await client.listWorkflows().catch((reason: unknown) => reason);
 * console.log(isCatalogError(error, 'CATALOG_CONFLICT'), isCatalogError(error)); // false true
 * await send.close();
 * ```
 */
export function isCatalogError(error: unknown, code?: CatalogErrorCode): error is CatalogError {
  if (!(error instanceof Error) || error.name !== 'BundlesError') return false;
  if (!('mayHaveHappened' in error) || !('code' in error)) return false;
  return code === undefined || error.code === code;
}

const hints: Readonly<Record<CatalogReason, string>> = {
  network: 'Check the address of the catalog, the network and the proxy settings',
  'server-error': 'The catalog has an internal problem: try again later, and check its log',
  'rate-limited': 'The catalog is busy: try again later',
  'not-a-catalog': 'The response is not from a workflow catalog: check the address and its path',
  redirect: 'Use the final address of the catalog; redirects are not followed',
  'too-large': 'The answer is larger than a catalog needs: check the address',
  unauthorized:
    'Give a bearer token in DATASTORAGE_TOKEN or by --catalog-token-file, and name the catalog with --catalog URL; for the embedded catalog too',
  forbidden: 'The token is valid but lacks the permission: ask the administrators of the catalog',
  invalid: 'The catalog refuses the workflow: the message quotes its reason',
  generation: 'Unsupported version of the catalog API',
  status: 'The response does not match the catalog API of January 2026: check the address and its path',
  'other-reference':
    'A registered version never changes: raise the version of the workflow, name the registry of that reference with --registry, or leave out --catalog to use a separate catalog',
  'other-content': 'Raise the version of the workflow: a registered version never changes',
};
