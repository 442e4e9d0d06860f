import { documentUrl } from './version.js';

/**
 * Everything this project refuses or fails at is a `BundlesError` with a stable code.
 * Codes are API: each has a paragraph in docs/errors.md and one exit code in cli/exit-codes.ts.
 */
export const errorCodes = [
  // usage and configuration
  'USAGE',
  'CONFIG_NOT_FOUND',
  'CONFIG_INVALID',
  'REFERENCE_INVALID',
  'LOCK_INVALID',
  'CREDENTIALS_INVALID',
  'TRUST_REQUIRED',
  'KEY_INVALID',
  // content differs from what was asked for
  'TAG_DIFFERS',
  'TAG_IMMUTABLE',
  'RACE_LOST',
  'ANCHOR_FAILED',
  'DIGEST_NOT_OURS',
  'FROZEN',
  'SOURCES_UNCOMMITTED',
  'LOCK_STALE',
  // the registry refuses
  'REGISTRY_DENIED',
  'PUSH_NOT_ALLOWED',
  // the registry does not answer, or not as one
  'REGISTRY_UNREACHABLE',
  'RATE_LIMITED',
  'REQUEST_LIMIT',
  'NO_FALLBACK',
  'IMAGE_NOT_PINNED',
  // sources, bundles and schemas that cannot be right
  'SOURCE_NOT_FOUND',
  'SOURCE_TOO_LARGE',
  'YAML_INVALID',
  'OBJECT_INVALID',
  'OBJECT_DUPLICATE',
  'TOO_MANY_OBJECTS',
  'IMAGE_NOT_FOUND',
  'LINT_FAILED',
  'BUNDLE_INVALID',
  'PREFLIGHT_FAILED',
  'SCHEMA_INVALID',
  'SCHEMA_MISMATCH',
  'CONTAINERFILE_INVALID',
  'CONTEXT_INVALID',
  'SOURCE_CHANGED',
  'BUILD_FAILED',
  // signatures
  'SIGNATURE_MISSING',
  'SIGNATURE_HIDDEN',
  'SIGNATURE_FAILED',
  // the workflow catalog
  'CATALOG_UNREACHABLE',
  'CATALOG_REFUSED',
  'CATALOG_CONFLICT',
  'DATABASE_UNAVAILABLE',
  // content stores
  'NOT_FOUND',
  'DIGEST_MISMATCH',
  'TOO_LARGE',
  'LAYOUT_INVALID',
  'ARCHIVE_INVALID',
  // this machine
  'DISK_FULL',
  'NOT_WRITABLE',
  'NOT_READABLE',
  'BUSY',
  'ADDRESS_IN_USE',
  // a cluster
  'CLUSTER_CONFIG_INVALID',
  'CLUSTER_UNREACHABLE',
  'CLUSTER_REFUSED',
  'CLUSTER_NO_REGISTRY',
  // setting up an environment
  'PHASE_FAILED',
  'ENGINE_NOT_FOUND',
  'ENGINE_FAILED',
  'ENGINE_UNSUPPORTED',
  'RESOURCES_LOW',
  'BUILD_TIMEOUT',
  'SLOT_TIMEOUT',
  'SLOTS_UNSAFE',
  // the rest
  'INTERRUPTED',
  'UNEXPECTED',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface BundlesErrorOptions {
  /** The next command or setting to try. */
  readonly hint?: string | undefined;
  /** Plain data for programs: path, line, column, rule, expected, found … */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * `message` says what we were doing, to what, what we found and what was wanted, without a final period
 * and without any secret.
 */
export class BundlesError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, { hint, details = {}, cause }: BundlesErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BundlesError';
    this.code = code;
    this.hint = hint ?? usualHints[code];
    this.details = details;
  }
}

/** What to try where the one who refuses knows nothing better. */
const usualHints: Readonly<Partial<Record<ErrorCode, string>>> = {
  CREDENTIALS_INVALID:
    'Correct the file or helper that is named, or log in again: npx tekton-bundles login HOST -u USER',
  CONFIG_INVALID: `${documentUrl('configuration')} describes every key`,
  LOCK_INVALID: 'Take the file from git again, or remove it and run: npx tekton-bundles ensure',
  SOURCE_TOO_LARGE: 'Look whether the right file is named: sources of a bundle are small',
  YAML_INVALID: 'Correct the file at the place named; sources are read as tkn reads them',
  OBJECT_INVALID: 'A bundle holds Tasks, Pipelines and StepActions, each with a name, and nothing else',
  SCHEMA_INVALID: 'Remove the file named and run: npx tekton-bundles ensure',
  NOT_READABLE: 'Put a plain file there that this user may read, or name another path',
  NOT_WRITABLE: 'Make the place writable, or name another one, e.g. with --state-dir',
};

/** True for our own errors, also across two loaded copies of the library. */
export function isBundlesError(error: unknown, code?: ErrorCode): error is BundlesError {
  if (!(error instanceof Error) || error.name !== 'BundlesError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}

/** Ours as it is; everything foreign gets a code: a full disk and a read-only place have one, the rest is UNEXPECTED. */
export function toBundlesError(error: unknown): BundlesError {
  if (isBundlesError(error)) return error;
  const code = systemErrorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  return new BundlesError(code ?? 'UNEXPECTED', code ? message : `Unexpected failure: ${message}`, {
    hint: code
      ? 'Check space and permissions of the path named above'
      : 'Please report this as a defect of bundles',
    cause: error,
  });
}

function systemErrorCode(error: unknown): ErrorCode | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'DISK_FULL';
  if (code === 'EROFS') return 'NOT_WRITABLE';
  return undefined;
}
