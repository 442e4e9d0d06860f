import { closeSync, lstatSync, read, readSync, realpathSync } from 'node:fs';
import { promisify } from 'node:util';
import { BundlesError, type ErrorCode } from '../errors.js';
import { isInside } from './is-inside.js';
import { readError } from './machine-error.js';
import { openPlainFileSync } from './open-plain-file.js';

export interface ReadFileOptions {
  /** Bytes; a longer file is refused before a byte of it is read. */
  readonly limit: number;
  /** The code if the file does not exist, e.g. CONFIG_NOT_FOUND. */
  readonly missing: ErrorCode;
  /** The hint if the file does not exist. */
  readonly missingHint?: string;
  /** The code when it is longer than `limit`. Default SOURCE_TOO_LARGE. */
  readonly tooLarge?: ErrorCode;
  /** A symbolic link at the path has to lead to a file below this directory: for files of a checkout, which strangers wrote. */
  readonly linksWithin?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Bytes up to which a file is read at once: to hand that to another thread takes five times as long. */
const small = 64 * 1024;
const readLater = promisify(read);

/**
 * The bytes of a plain file of limited size. Symbolic links are followed, unless `linksWithin` refuses them; pipes, devices, sockets and directories
 * are refused, so that nothing here can wait indefinitely or never end.
 *
 * @throws `missing`, `tooLarge`, NOT_READABLE
 */
export async function readFileCapped(path: string, options: ReadFileOptions): Promise<Uint8Array> {
  options.signal?.throwIfAborted();
  try {
    if (options.linksWithin !== undefined) requireLinkWithin(path, options.linksWithin);
    const { descriptor, size } = openPlainFileSync(path);
    try {
      if (size > options.limit) throw tooLarge(path, options);
      return await readWhole(descriptor, path, { ...options, size });
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    const { missing, missingHint } = options;
    throw readError(error, `read ${JSON.stringify(path)}`, { path, missing, missingHint });
  }
}

/** What a link shows of a file elsewhere, a token for example, would end in messages and logs. */
function requireLinkWithin(path: string, root: string): void {
  if (!lstatSync(path).isSymbolicLink()) return;
  if (isInside(realpathSync.native(root), realpathSync.native(path))) return;
  throw new BundlesError(
    'NOT_READABLE',
    `Cannot read ${JSON.stringify(path)}: it is a symbolic link that leads out of ${JSON.stringify(root)}`,
    {
      hint: 'Put a copy of the file in the place of the link',
      details: { path },
    },
  );
}

/** The size is a hint: the file may grow while it is read, and files below /proc claim to be empty. */
async function readWhole(
  descriptor: number,
  path: string,
  options: ReadFileOptions & { readonly size: number },
): Promise<Uint8Array> {
  let buffer = Buffer.allocUnsafe(Math.min(options.limit, options.size) + 1);
  let length = 0;
  for (;;) {
    options.signal?.throwIfAborted();
    if (length === buffer.length) {
      if (length > options.limit) throw tooLarge(path, options);
      buffer = Buffer.concat([buffer], Math.min(options.limit + 1, Math.max(length * 2, 65_536)));
    }
    const room = buffer.length - length;
    const bytesRead =
      options.size <= small
        ? readSync(descriptor, buffer, length, room, null)
        : (await readLater(descriptor, buffer, length, room, null)).bytesRead;
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (length > options.limit) throw tooLarge(path, options);
  return buffer.subarray(0, length);
}

function tooLarge(
  path: string,
  { limit, tooLarge: code = 'SOURCE_TOO_LARGE' }: ReadFileOptions,
): BundlesError {
  return new BundlesError(
    code,
    `Cannot read ${JSON.stringify(path)}: it is larger than the ${limit} bytes allowed`,
    {
      details: { path, limit },
    },
  );
}
