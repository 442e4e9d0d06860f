import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { open, readdir, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BundlesError, isBundlesError } from '../../errors.js';
import { readError } from '../../fs/machine-error.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { clientFile } from '../client-files.js';
import { contextFile, contextPath } from './context-path.js';
import {
  type ContextCover,
  type ContextRules,
  engineRules,
  literalRule,
  parseContextRules,
} from './context-rules.js';

/** Something that a build sees of its context, by its `contextPath`. */
export type ContextEntry =
  | { readonly kind: 'file'; readonly path: string; readonly executable: boolean; readonly sha256: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string };

export interface BuildContext {
  /** Sorted by path, each relative to the context with `/`. */
  readonly entries: readonly ContextEntry[];
  /** Bytes of all its files. */
  readonly bytes: number;
  /**
   * An ignore file that leaves out just what was left out here: engines read patterns and exceptions in different
   * ways, and a build must not see what its key does not.
   */
  readonly ignore: string;
  /** No few rules leave out what is ignored: the build gets a copy of the entries instead. */
  readonly isCopied: boolean;
}

export interface ReadContextOptions {
  readonly signal?: AbortSignal | undefined;
  /** Paths in it, with `/`, that are left out whatever the ignore file states, and even before they exist. */
  readonly without?: readonly string[];
  /** The path of the Containerfile, beside which there may be its own ignore file. */
  readonly containerfile?: string | undefined;
  /** Called after each of its files, directories and links. */
  readonly onRead?: ((read: ContextRead) => void) | undefined;
}

/** How much of a context has been read. */
export interface ContextRead {
  readonly entries: number;
  readonly of: number;
  /** Bytes of the files so far. */
  readonly bytes: number;
}

const ownIgnoreFiles = ['.dockerignore', '.containerignore'];
const ignoreFiles = ['.containerignore', '.dockerignore'];
const ignoreLimit = 1024 * 1024;
/** More than any real context has: beyond it, the context is probably a home directory. */
const entryLimit = 200_000;
const filesAtOnce = 16;
/**
 * A client of podman's service puts the secrets of its build into the context for a while. Other builds would take them along,
 * and so would its own: podman 4 also sends a copy below the path of the context itself.
 */
const clientFileRule = '**/podman-build-secret[0-9]*';
/** Behind the rules of a build whose own secrets have to get through; the service takes those out of the context. */
export const clientFileException = '!podman-build-secret[0-9]*\n';

/**
 * Reads what a build would see of a directory, content included; symbolic links are never followed.
 *
 * @throws SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, NOT_READABLE, CONTEXT_INVALID
 */
export async function readBuildContext(
  directory: string,
  options: ReadContextOptions = {},
): Promise<BuildContext> {
  const { signal, without = [], onRead } = options;
  const ignoreFile = await readIgnoreFile(directory, options);
  const rules = await parseContextRules(ignoreFile.text, ignoreFile.path);
  const { found, cover } = await walkContext(directory, { rules, signal, without: new Set(without) });
  found.sort((left, right) => (left.path < right.path ? -1 : 1));
  const entries: ContextEntry[] = new Array(found.length);
  const sum = { bytes: 0 };
  let next = 0;
  let read = 0;
  const worker = async () => {
    for (let index = next++; index < found.length; index = next++) {
      signal?.throwIfAborted();
      const one = found[index];
      if (one) entries[index] = await readEntry(directory, one, sum);
      onRead?.({ entries: ++read, of: found.length, bytes: sum.bytes });
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, worker));
  // What is left out comes last, so that no exception lets it back in.
  const leftOut = withoutRules(without, found).map(literalRule);
  const ruled = engineRules(rules, cover);
  const ignore = [...(ruled ?? []), ...leftOut, clientFileRule].map((rule) => `${rule}\n`).join('');
  return { entries, bytes: sum.bytes, ignore, isCopied: ruled === undefined };
}

interface IgnoreFile {
  readonly path: string;
  readonly text: string;
}

/** As buildah and BuildKit look for them: one beside the Containerfile goes first, whatever lies in the context. */
async function readIgnoreFile(
  directory: string,
  { containerfile, signal }: ReadContextOptions,
): Promise<IgnoreFile> {
  const own = containerfile === undefined ? [] : ownIgnoreFiles.map((ending) => `${containerfile}${ending}`);
  for (const path of [...own, ...ignoreFiles.map((name) => join(directory, name))]) {
    try {
      const bytes = await readFileCapped(path, {
        limit: ignoreLimit,
        missing: 'SOURCE_NOT_FOUND',
        ...(signal && { signal }),
      });
      return { path, text: Buffer.from(bytes).toString('utf8') };
    } catch (error) {
      if (!isBundlesError(error, 'SOURCE_NOT_FOUND')) throw error;
    }
  }
  return { path: '', text: '' };
}

interface Found {
  readonly path: string;
  readonly kind: ContextEntry['kind'];
}

interface WalkOptions {
  readonly rules: ContextRules;
  readonly signal: AbortSignal | undefined;
  readonly without: ReadonlySet<string>;
}

/** What the rules leave in, and what that covers. */
async function walkContext(
  directory: string,
  { rules, signal, without }: WalkOptions,
): Promise<{ found: Found[]; cover: ContextCover }> {
  const found: Found[] = [];
  const walk = async (below: string): Promise<{ kept: string[]; ignored: string[]; whole: boolean }> => {
    signal?.throwIfAborted();
    const kept: string[] = [];
    const ignored: string[] = [];
    const first = found.length;
    let leftOut = false;
    for (const entry of await list(directory, below)) {
      const name = contextPath(entry.name);
      const path = below === '' ? name : `${below}/${name}`;
      if (without.has(path) || clientFile.test(path)) {
        leftOut = true;
        continue;
      }
      const isIgnored = rules.ignores(path);
      const before = found.length;
      if (!isIgnored) found.push({ path, kind: kindOf(entry, directory, path) });
      if (found.length > entryLimit) throw tooMany(directory);
      const started = found.length;
      const isWalked = entry.isDirectory() && !(isIgnored && rules.deep);
      const inside = isWalked ? await walk(path) : { kept: [], ignored: [], whole: true };
      leftOut ||= found.length < started;
      if (found.length === before && isIgnored) ignored.push(path);
      else if (found.length > before && !isIgnored && inside.whole) kept.push(path);
      else {
        if (found.length === before + 1 && !isIgnored) kept.push(`${path}/`);
        kept.push(...inside.kept);
        ignored.push(...inside.ignored);
      }
    }
    const whole = !leftOut && ignored.length === 0;
    // A directory that holds only what is left out was made for it.
    if (leftOut && found.length === first && found.at(-1)?.path === below) found.pop();
    return { kept, ignored, whole };
  };
  const { kept, ignored } = await walk('');
  return { found, cover: { paths: found.map(({ path }) => path), kept: new Set(kept), ignored } };
}

/** @throws CONTEXT_INVALID for what no image can hold as it is */
function kindOf(entry: Dirent<Buffer>, directory: string, path: string): ContextEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  if (entry.isSymbolicLink()) return 'link';
  const what = entry.isSocket() ? 'a socket' : entry.isFIFO() ? 'a FIFO' : 'a device';
  throw new BundlesError(
    'CONTEXT_INVALID',
    `Cannot read the build context ${JSON.stringify(directory)}: ${JSON.stringify(path)} is ${what}, wanted files, directories and symbolic links`,
    { hint: `Remove it, or ignore it in .containerignore: ${literalRule(path)}`, details: { path, what } },
  );
}

/** For each path that is left out the topmost directory above it that holds nothing else, which may be made later. */
function withoutRules(without: readonly string[], found: readonly Found[]): readonly string[] {
  const kept = new Set<string>();
  for (const { path } of found) {
    for (let above = path; above !== '.' && !kept.has(above); above = dirname(above)) kept.add(above);
  }
  const topmost = (path: string): string => {
    const above = dirname(path);
    return above === '.' || kept.has(above) ? path : topmost(above);
  };
  return [...new Set(without.map(topmost))];
}

async function list(directory: string, below: string): Promise<Dirent<Buffer>[]> {
  const path = contextFile(directory, below);
  try {
    return await readdir(path, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    throw readError(error, `read the build context ${JSON.stringify(String(path))}`, {
      path: String(path),
      missing: 'SOURCE_NOT_FOUND',
    });
  }
}

async function readEntry(
  directory: string,
  { path, kind }: Found,
  sum: { bytes: number },
): Promise<ContextEntry> {
  const place = contextFile(directory, path);
  try {
    if (kind === 'directory') return { kind, path };
    if (kind === 'link') return { kind, path, target: contextPath(await readlink(place, 'buffer')) };
    const { size, executable, sha256 } = await hashFile(place);
    sum.bytes += size;
    return { kind, path, executable, sha256 };
  } catch (error) {
    throw readError(error, `read ${JSON.stringify(String(place))}`, {
      path: String(place),
      missing: 'SOURCE_NOT_FOUND',
    });
  }
}

/** Most files are small, and a stream for each costs more than its bytes. */
async function hashFile(
  place: string | Buffer,
): Promise<{ size: number; executable: boolean; sha256: string }> {
  const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const hash = createHash('sha256');
    const { mode, size: expected } = await handle.stat();
    const buffer = Buffer.allocUnsafe(Math.min(Math.max(expected + 1, 1024), chunkBytes));
    let size = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      size += bytesRead;
      hash.update(buffer.subarray(0, bytesRead));
    }
    return { size, executable: (mode & 0o100) !== 0, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

const chunkBytes = 256 * 1024;

function tooMany(directory: string): BundlesError {
  return new BundlesError(
    'SOURCE_TOO_LARGE',
    `Cannot read the build context ${JSON.stringify(directory)}: found more than ${entryLimit} files, wanted fewer`,
    { hint: 'Name a smaller directory, or ignore what the build does not need in .containerignore' },
  );
}
