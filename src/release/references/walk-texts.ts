import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { BundlesError } from '../../errors.js';
import { isInside } from '../../fs/is-inside.js';
import { readError } from '../../fs/machine-error.js';
import { readFileCapped } from '../../fs/read-file-capped.js';

export interface WalkOptions {
  /** The repository's directory: nothing outside of it is read or written. */
  readonly root: string;
  /** Files and directories that stay out, whatever is named: their owner writes them. */
  readonly leaveOut?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** A file that may hold references. */
export interface TextFile {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** From the root, with `/`. */
  readonly relativePath: string;
  readonly bytes: Uint8Array;
}

export interface Skipped {
  links: number;
  binary: number;
  large: number;
}

/** Longer texts are data, not something that people refer from. */
const sizeLimit = 1024 * 1024;
const mostNames = 200_000;
const never: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/**
 * Reads the text files that some paths stand for, one at a time, sorted: files, and directories with all that is in them.
 * Symbolic links, `.git`, `node_modules`, repositories within the repository, OCI layouts, binary files and those over 1 MiB are
 * skipped.
 *
 * @throws USAGE for a path outside of the root, SOURCE_NOT_FOUND, NOT_READABLE, SOURCE_TOO_LARGE after 200,000 names
 */
export async function* walkTexts(
  paths: readonly string[],
  options: WalkOptions,
  skipped: Skipped,
): AsyncGenerator<TextFile> {
  const root = await realpath(options.root);
  const out = await Promise.all((options.leaveOut ?? []).map((path) => real(path)));
  const walk: Walk = {
    ...options,
    root,
    skipped,
    names: { seen: 0 },
    done: new Set(out.filter((one) => one !== undefined)),
  };
  for (const path of paths) {
    const start = await real(path);
    if (start === undefined) throw missing(path);
    if (!isInside(root, start) || relative(root, start).split(sep).includes('.git'))
      throw outside(path, options.root);
    yield* walkPath(start, walk);
  }
}

interface Walk extends WalkOptions {
  readonly skipped: Skipped;
  readonly names: { seen: number };
  /** Paths that are not to be looked at again. */
  readonly done: Set<string>;
}

async function* walkPath(path: string, walk: Walk): AsyncGenerator<TextFile> {
  walk.signal?.throwIfAborted();
  if (walk.done.has(path)) return;
  walk.done.add(path);
  const stats = await lstat(path).catch((error: unknown) => {
    throw readError(error, `look at ${JSON.stringify(path)}`, { path });
  });
  if (stats.isSymbolicLink()) walk.skipped.links++;
  if (stats.isDirectory()) yield* walkDirectory(path, walk);
  if (!stats.isFile()) return;
  if (stats.size > sizeLimit) {
    walk.skipped.large++;
    return;
  }
  const bytes = await readFileCapped(path, {
    limit: sizeLimit,
    missing: 'SOURCE_NOT_FOUND',
    linksWithin: walk.root,
    ...(walk.signal ? { signal: walk.signal } : {}),
  });
  if (bytes.subarray(0, 8000).includes(0)) walk.skipped.binary++;
  else yield { path, relativePath: relative(walk.root, path).split(sep).join('/'), bytes };
}

async function* walkDirectory(path: string, walk: Walk): AsyncGenerator<TextFile> {
  const names = await readdir(path).catch((error: unknown) => {
    throw readError(error, `list the directory ${JSON.stringify(path)}`, { path });
  });
  walk.names.seen += names.length;
  if (walk.names.seen > mostNames) {
    throw new BundlesError(
      'SOURCE_TOO_LARGE',
      `Cannot look for references in ${JSON.stringify(walk.root)}: found more than ${mostNames} names`,
      { hint: 'Name the directories with references' },
    );
  }
  // Another repository, such as a submodule: it has its own lock, or none.
  if (path !== walk.root && names.includes('.git')) return;
  // Blobs of `build` or `export`: with another byte they are no longer what their names state.
  if (names.includes('oci-layout')) return;
  for (const name of names.sort()) if (!never.has(name)) yield* walkPath(join(path, name), walk);
}

async function real(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch {
    return undefined;
  }
}

function missing(path: string): BundlesError {
  return new BundlesError('SOURCE_NOT_FOUND', `Cannot read ${JSON.stringify(path)}: there is no such path`, {
    hint: 'Name files or directories of the repository, or none for all of it',
    details: { path },
  });
}

function outside(path: string, root: string): BundlesError {
  return new BundlesError(
    'USAGE',
    `Cannot use ${JSON.stringify(path)}: it is not in the work tree of the repository ${JSON.stringify(resolve(root))}`,
    {
      hint: 'Run the command in the repository that the path belongs to',
      details: { path, name: basename(path) },
    },
  );
}
