import { documentUrl, issuesUrl } from './version.js';

/** What a start needs of an error; the texts that explain it are in cli/help. */
export interface ErrorRow {
  /** The exit status. */
  readonly exit: number;
  /** What to try if the place that throws has no better hint. */
  readonly hint?: string;
  /** No command fails with it: only functions of the library throw it. */
  readonly libraryOnly?: boolean;
}

/**
 * Everything this project refuses or fails at is a `BundlesError` with a stable code, in the order of docs/reference/errors/.
 * Codes are API.
 */
export const errorRows = {
  // usage and configuration
  USAGE: { exit: 2 },
  CONFIG_NOT_FOUND: { exit: 2 },
  CONFIG_INVALID: { exit: 2, hint: `${documentUrl('reference/configuration')} describes every key` },
  REFERENCE_INVALID: { exit: 2 },
  LOCK_INVALID: {
    exit: 2,
    hint: 'Restore the file from git, or remove it and run: npx tekton-bundles ensure',
  },
  LOCK_PART_INVALID: { exit: 2, hint: 'Run its shard again: npx tekton-bundles ensure --shard' },
  CREDENTIALS_INVALID: {
    exit: 2,
    hint: 'Correct the named file or helper, or log in again: npx tekton-bundles login HOST -u USER',
  },
  TRUST_REQUIRED: { exit: 2 },
  KEY_INVALID: { exit: 2 },
  IDENTITY_MISSING: { exit: 2 },
  TRUSTED_TASKS_INVALID: { exit: 2, hint: 'Correct the list, or name a new location with --to' },
  // content differs from what was requested
  TAG_DIFFERS: { exit: 4 },
  TAG_IMMUTABLE: { exit: 4 },
  RACE_LOST: { exit: 4 },
  ANCHOR_FAILED: { exit: 4 },
  DIGEST_NOT_OURS: { exit: 4 },
  FROZEN: { exit: 4 },
  SOURCES_UNCOMMITTED: { exit: 4 },
  LOCK_STALE: { exit: 4 },
  LOCK_PARTS_MISMATCH: { exit: 4 },
  RELEASE_DIFFERS: { exit: 4 },
  RELEASE_IMMUTABLE: { exit: 4 },
  // the registry refuses
  REGISTRY_DENIED: { exit: 5 },
  PUSH_NOT_ALLOWED: { exit: 5 },
  // the registry does not respond worth trusting
  REGISTRY_UNREACHABLE: { exit: 6 },
  RATE_LIMITED: { exit: 6 },
  REQUEST_LIMIT: { exit: 6 },
  NO_FALLBACK: { exit: 6 },
  IMAGE_NOT_PINNED: { exit: 6 },
  // sources, bundles and schemas that cannot be right
  SOURCE_NOT_FOUND: { exit: 7 },
  SOURCE_TOO_LARGE: {
    exit: 7,
    hint: 'Check that the right file is named: the sources of a bundle are small',
  },
  YAML_INVALID: { exit: 7, hint: 'Correct the file at that place; sources are read as tkn reads them' },
  OBJECT_INVALID: {
    exit: 7,
    hint: 'A bundle holds only Tasks, Pipelines and StepActions, each with a name',
  },
  OBJECT_DUPLICATE: { exit: 7 },
  TOO_MANY_OBJECTS: { exit: 7 },
  IMAGE_NOT_FOUND: { exit: 7 },
  LINT_FAILED: { exit: 7 },
  BUNDLE_INVALID: { exit: 7 },
  PREFLIGHT_FAILED: { exit: 7 },
  SCHEMA_INVALID: { exit: 7, hint: 'Remove the named file and run: npx tekton-bundles ensure' },
  SCHEMA_MISMATCH: { exit: 7, hint: 'Change the declaration or the Pipeline so that they agree' },
  CONTAINERFILE_INVALID: { exit: 7 },
  CONTEXT_INVALID: { exit: 7 },
  SOURCE_CHANGED: { exit: 7 },
  BUILD_FAILED: { exit: 7, hint: 'Correct the step that failed, or the files that it reads' },
  // signatures
  SIGNATURE_MISSING: { exit: 10 },
  ATTESTATION_MISSING: { exit: 10 },
  SIGNATURE_HIDDEN: { exit: 10 },
  SIGNATURE_FAILED: { exit: 10 },
  SIGSTORE_FAILED: { exit: 10 },
  // the workflow catalog
  CATALOG_UNREACHABLE: { exit: 8 },
  CATALOG_REFUSED: { exit: 8 },
  CATALOG_CONFLICT: { exit: 8 },
  DATABASE_UNAVAILABLE: { exit: 8 },
  // stored content
  NOT_FOUND: { exit: 3 },
  DIGEST_MISMATCH: { exit: 6 },
  TOO_LARGE: { exit: 6 },
  LAYOUT_INVALID: { exit: 9 },
  ARCHIVE_INVALID: { exit: 7 },
  // this machine
  DISK_FULL: { exit: 9 },
  NOT_WRITABLE: { exit: 9, hint: 'Make the directory writable, or choose another location' },
  NOT_READABLE: { exit: 9, hint: 'Put a plain file there that this user can read, or name another path' },
  BUSY: { exit: 9 },
  ADDRESS_IN_USE: { exit: 9 },
  PACKAGE_MISSING: { exit: 9 },
  ENGINE_NOT_FOUND: { exit: 9 },
  ENGINE_FAILED: { exit: 9 },
  ENGINE_UNSUPPORTED: { exit: 9 },
  RESOURCES_LOW: { exit: 9 },
  BUILD_TIMEOUT: { exit: 9 },
  SLOT_TIMEOUT: { exit: 9 },
  SLOTS_UNSAFE: { exit: 9 },
  // the rest
  INTERRUPTED: { exit: 130 },
  CLUSTER_CONFIG_INVALID: { exit: 2 },
  CLUSTER_UNREACHABLE: { exit: 6 },
  CLUSTER_REFUSED: { exit: 5 },
  CLUSTER_NO_REGISTRY: { exit: 6 },
  GITHUB_UNREACHABLE: { exit: 6 },
  GITHUB_DENIED: { exit: 5 },
  GITHUB_REFUSED: { exit: 5 },
  PHASE_FAILED: { exit: 1, libraryOnly: true },
  UNEXPECTED: { exit: 1 },
} as const satisfies Readonly<Record<string, ErrorRow>>;

/** The codes of all errors of this package. */
export type ErrorCode = keyof typeof errorRows;

/**
 * The codes of all errors of this package; docs/reference/errors/ describes each.
 *
 * @example
 * ```ts
 * import { errorCodes } from 'tekton-bundles';
 *
 * console.log(errorCodes.includes('CONFIG_INVALID')); // true
 * ```
 */
export const errorCodes = Object.keys(errorRows) as readonly ErrorCode[];

/** Whether a word has the form of an error code: capitals, which no bundle's name has. */
export function isErrorCode(word: string): boolean {
  return /^[A-Z][A-Z\d_]+$/.test(word);
}

const rowOf = (code: ErrorCode): ErrorRow => errorRows[code];

/** The hint, details and cause of a `BundlesError`. */
export interface BundlesErrorOptions {
  /** The next command or setting to try. */
  readonly hint?: string | undefined;
  /** Plain data for programs: path, line, column, rule, expected, found … */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The error of everything that fails in this package. `code` is stable and decides the exit status of the command, `hint` names the next
 * thing to try, `details` is plain data, `cause` is the error behind it. Messages hold no secrets.
 *
 * @example
 * ```ts
 * import { BundlesError, ensure } from 'tekton-bundles';
 *
 * try {
 *   await ensure({ config: 'missing.yaml' });
 * } catch (error) {
 *   if (!(error instanceof BundlesError)) throw error;
 *   console.log(error.code); // CONFIG_NOT_FOUND
 *   console.log(error.hint !== undefined); // true
 * }
 * ```
 */
export class BundlesError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, { hint, details = {}, cause }: BundlesErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BundlesError';
    this.code = code;
    this.hint = hint ?? rowOf(code).hint;
    this.details = details;
  }
}

/**
 * Whether an error is one of this package, and has the code where one is given. It also recognises errors of another loaded copy of the
 * package.
 *
 * @example
 * ```ts
 * import { ensure, isBundlesError } from 'tekton-bundles';
 *
 * const error = await ensure({ config: 'missing.yaml' }).catch((reason: unknown) => reason);
 * console.log(isBundlesError(error, 'CONFIG_NOT_FOUND'), isBundlesError(error, 'USAGE')); // true false
 * ```
 */
export function isBundlesError(error: unknown, code?: ErrorCode): error is BundlesError {
  if (!(error instanceof Error) || error.name !== 'BundlesError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}

/** Returns a BundlesError as it is; wraps others: a full disk and a read-only path have codes, the rest is UNEXPECTED. */
export function toBundlesError(error: unknown): BundlesError {
  if (isBundlesError(error)) return error;
  const code = systemErrorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  const name = /^Cannot find (?:package|module) '((?:@[\w.-]+\/)?\w[\w.-]*)/.exec(message)?.[1];
  if (name !== undefined) return missingPackage(name, error);
  return new BundlesError(code ?? 'UNEXPECTED', code ? message : `Unexpected failure: ${message}`, {
    hint: code
      ? 'Check space and permissions of the path named above'
      : `Please report this defect: ${issuesUrl}`,
    cause: error,
  });
}

/** The optional peers of the package: the versions that work, and what loads them. A test holds it to package.json. */
const optionalPackages: Readonly<Record<string, { readonly version: string; readonly neededBy: string }>> = {
  '@kubernetes/client-node': { version: '1', neededBy: 'access to a Kubernetes cluster' },
  '@electric-sql/pglite': { version: '0.5', neededBy: 'the embedded catalog' },
  pg: { version: '8', neededBy: 'a catalog that is stored on a PostgreSQL server' },
};

function missingPackage(name: string, cause: unknown): BundlesError {
  const optional = optionalPackages[name];
  const install = `npm install ${optional === undefined ? 'tekton-bundles' : `${name}@${optional.version}`}`;
  return new BundlesError(
    'PACKAGE_MISSING',
    `Cannot load the package "${name}": ${optional?.neededBy ?? 'the program'} needs it, and it is not installed`,
    {
      hint: optional === undefined ? `Install the program again: ${install}` : `Install it: ${install}`,
      details: { package: name, neededBy: optional?.neededBy ?? null, install },
      cause,
    },
  );
}

function systemErrorCode(error: unknown): ErrorCode | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'DISK_FULL';
  if (code === 'EROFS') return 'NOT_WRITABLE';
  return undefined;
}
