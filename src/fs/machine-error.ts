import { BundlesError, type ErrorCode, isBundlesError } from '../errors.js';

const state = /state directory|(?:^|[/\\"])\.bundles(?:[/\\"]|$)/m;
const full = new Set(['ENOSPC', 'EDQUOT']);

/** Converts an error of the operating system while `doing` (e.g. `write "a/b"`) to DISK_FULL or NOT_WRITABLE. */
export function writeError(error: unknown, doing: string, path: string): BundlesError {
  if (isBundlesError(error)) return error;
  const errno = errnoOf(error);
  const code: ErrorCode = errno === undefined ? 'UNEXPECTED' : full.has(errno) ? 'DISK_FULL' : 'NOT_WRITABLE';
  const known = writeHints[errno ?? ''];
  // Only the state of a run can be kept elsewhere by that option.
  const isState = state.test(`${doing}\n${path}`);
  const hint = isState && code === 'NOT_WRITABLE' && known ? `${known}, e.g. with --state-dir` : known;
  return new BundlesError(code, `Cannot ${doing}: ${reasonOf(error)}`, {
    details: { path, errno },
    cause: error,
    hint,
  });
}

/** Converts an error of the operating system while reading to NOT_READABLE, or to `missing` if there is no file. */
export function readError(
  error: unknown,
  doing: string,
  {
    path,
    missing = 'NOT_FOUND',
    missingHint,
  }: { readonly path: string; readonly missing?: ErrorCode; readonly missingHint?: string | undefined },
): BundlesError {
  if (isBundlesError(error)) return error;
  const errno = errnoOf(error);
  const absent = errno === 'ENOENT' || errno === 'ENOTDIR';
  const code: ErrorCode = errno === undefined ? 'UNEXPECTED' : absent ? missing : 'NOT_READABLE';
  return new BundlesError(code, `Cannot ${doing}: ${reasonOf(error)}`, {
    hint: absent ? missingHint : undefined,
    details: { path, errno },
    cause: error,
  });
}

/** The operating system's word for an error, e.g. `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

function reasonOf(error: unknown): string {
  const errno = errnoOf(error) ?? '';
  return reasons[errno] ?? (errno || (error instanceof Error ? error.message : String(error)));
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'the operating system does not permit it',
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'a file has that name, a directory is wanted',
  EISDIR: 'it is a directory, a file is wanted',
  ELOOP: 'the path holds a symbolic link where none is allowed, or too many',
  ENAMETOOLONG: 'the name is too long for this file system',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this machine has too many open files',
  EIO: 'the disk reports an input/output error',
};

const permit = 'Make it writable for this user, or choose another location';

const writeHints: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space on that disk and run again; nothing half-written was left',
  EDQUOT: 'Free some space within the quota and run again; nothing half-written was left',
  EROFS: 'Choose a location that can be written',
  EACCES: permit,
  EPERM: permit,
  EEXIST: 'Move away what is there, or choose another location',
  ENOTDIR: 'Move away what is in the place of a directory, or choose another location',
};

/** What an operation of the system gives; undefined where it fails, for whatever reason. */
export function ifPossible<T>(operation: () => T): T | undefined {
  try {
    return operation();
  } catch {
    return undefined;
  }
}
