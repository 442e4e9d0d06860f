import { type ErrorCode, isBundlesError } from '../errors.js';

/** The exit status of each error code; README and docs/errors.md name them. */
export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  USAGE: 2,
  CONFIG_NOT_FOUND: 2,
  CONFIG_INVALID: 2,
  REFERENCE_INVALID: 2,
  LOCK_INVALID: 2,
  CREDENTIALS_INVALID: 2,
  TRUST_REQUIRED: 2,
  KEY_INVALID: 2,
  TAG_DIFFERS: 4,
  TAG_IMMUTABLE: 4,
  RACE_LOST: 4,
  ANCHOR_FAILED: 4,
  DIGEST_NOT_OURS: 4,
  FROZEN: 4,
  SOURCES_UNCOMMITTED: 4,
  LOCK_STALE: 4,
  REGISTRY_DENIED: 5,
  PUSH_NOT_ALLOWED: 5,
  REGISTRY_UNREACHABLE: 6,
  RATE_LIMITED: 6,
  REQUEST_LIMIT: 6,
  NO_FALLBACK: 6,
  IMAGE_NOT_PINNED: 6,
  NOT_FOUND: 3,
  SOURCE_NOT_FOUND: 7,
  SOURCE_TOO_LARGE: 7,
  YAML_INVALID: 7,
  OBJECT_INVALID: 7,
  OBJECT_DUPLICATE: 7,
  TOO_MANY_OBJECTS: 7,
  IMAGE_NOT_FOUND: 7,
  LINT_FAILED: 7,
  BUNDLE_INVALID: 7,
  PREFLIGHT_FAILED: 7,
  SCHEMA_INVALID: 7,
  SCHEMA_MISMATCH: 7,
  CONTAINERFILE_INVALID: 7,
  CONTEXT_INVALID: 7,
  SOURCE_CHANGED: 7,
  BUILD_FAILED: 7,
  SIGNATURE_MISSING: 10,
  SIGNATURE_HIDDEN: 10,
  SIGNATURE_FAILED: 10,
  CATALOG_UNREACHABLE: 8,
  CATALOG_REFUSED: 8,
  CATALOG_CONFLICT: 8,
  DATABASE_UNAVAILABLE: 8,
  DIGEST_MISMATCH: 6,
  TOO_LARGE: 6,
  LAYOUT_INVALID: 9,
  ARCHIVE_INVALID: 7,
  DISK_FULL: 9,
  NOT_WRITABLE: 9,
  NOT_READABLE: 9,
  BUSY: 9,
  ADDRESS_IN_USE: 9,
  CLUSTER_CONFIG_INVALID: 2,
  CLUSTER_UNREACHABLE: 6,
  CLUSTER_REFUSED: 5,
  CLUSTER_NO_REGISTRY: 6,
  PHASE_FAILED: 1,
  ENGINE_NOT_FOUND: 9,
  ENGINE_FAILED: 9,
  ENGINE_UNSUPPORTED: 9,
  RESOURCES_LOW: 9,
  BUILD_TIMEOUT: 9,
  SLOT_TIMEOUT: 9,
  SLOTS_UNSAFE: 9,
  INTERRUPTED: 130,
  UNEXPECTED: 1,
};

export function exitCodeOf(error: unknown): number {
  return isBundlesError(error) ? exitCodes[error.code] : 1;
}

/** One status for several failures: the smallest of 4–10, then 3, then 2, then 1. */
export function worstExitCode(codes: readonly number[]): number {
  const failures = codes.filter((code) => code !== 0);
  const specific = failures.filter((code) => code >= 4 && code <= 10);
  if (specific.length > 0) return Math.min(...specific);
  return Math.max(0, ...failures);
}
