import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { open, readdir, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BundlesError } from '../errors.js';
import { readError } from '../fs/machine-error.js';
import { readFileCapped } from '../fs/read-file-capped.js';

/** Something that a build sees of its context. Sockets, pipes and devices are not seen. */
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
   * An ignore file that leaves out just what was left out here, path by path: engines read patterns and exceptions
   * in different ways, and a build must not see what its key does not.
   */
  readonly ignore: string;
}

export interface ReadContextOptions {
  readonly signal?: AbortSignal | undefined;
  /** Paths in it, with `/`, that are left out whatever the ignore file says, and even before they exist. */
  readonly without?: readonly string[];
}

/** As podman and buildah look for them. */
const ignoreFiles = ['.containerignore', '.dockerignore'];
const ignoreLimit = 1024 * 1024;
/** More than any context has: somebody named a home directory. */
const entryLimit = 200_000;
const filesAtOnce = 16;

/**
 * Reads what a build would see of a directory, content included; symbolic links are never followed.
 *
 * @throws SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, NOT_READABLE
 */
export async function readBuildContext(
  directory: string,
  { signal, without = [] }: ReadContextOptions = {},
): Promise<BuildContext> {
  const rules = await ignoreRules(await readIgnoreFile(directory, signal));
  const { found, ignored } = await walkContext(directory, { rules, signal, without: new Set(without) });
  found.sort((left, right) => (left.path < right.path ? -1 : 1));
  const entries: (ContextEntry | undefined)[] = new Array(found.length);
  const sum = { bytes: 0 };
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < found.length; index = next++) {
      signal?.throwIfAborted();
      const one = found[index];
      if (one) entries[index] = await readEntry(directory, one, sum);
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, worker));
  const ignore = [...withoutRules(without, found), ...ignored]
    .map((path) => `${literalRule(path)}\n`)
    .join('');
  return { entries: entries.filter((entry) => entry !== undefined), bytes: sum.bytes, ignore };
}

async function readIgnoreFile(directory: string, signal: AbortSignal | undefined): Promise<string> {
  for (const name of ignoreFiles) {
    const limits = { limit: ignoreLimit, missing: 'SOURCE_NOT_FOUND' } as const;
    try {
      const bytes = await readFileCapped(join(directory, name), signal ? { ...limits, signal } : limits);
      return Buffer.from(bytes).toString('utf8');
    } catch (error) {
      if (!(error instanceof BundlesError) || error.code !== 'SOURCE_NOT_FOUND') throw error;
    }
  }
  return '';
}

interface Found {
  readonly path: string;
  readonly entry: Dirent;
}

interface WalkOptions {
  readonly rules: IgnoreRules;
  readonly signal: AbortSignal | undefined;
  readonly without: ReadonlySet<string>;
}

/** What the rules leave in, and the topmost paths that they leave out. */
async function walkContext(
  directory: string,
  { rules, signal, without }: WalkOptions,
): Promise<{ found: Found[]; ignored: string[] }> {
  const found: Found[] = [];
  const walk = async (below: string): Promise<string[]> => {
    signal?.throwIfAborted();
    const out: string[] = [];
    const first = found.length;
    let leftOut = false;
    for (const entry of await list(directory, below)) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (without.has(path)) {
        leftOut = true;
        continue;
      }
      const ignored = rules.ignores(path);
      if (!ignored) found.push({ path, entry });
      if (found.length > entryLimit) throw tooMany(directory);
      const before = found.length;
      const inside = entry.isDirectory() && !(ignored && rules.deep) ? await walk(path) : [];
      leftOut ||= found.length < before;
      if (ignored && found.length === before) out.push(path);
      else out.push(...inside);
    }
    // A directory that holds only what is left out was made for it.
    if (leftOut && found.length === first && found.at(-1)?.path === below) found.pop();
    return out;
  };
  const ignored = await walk('');
  return { found, ignored };
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

/** A rule that means one path: what a pattern would read otherwise stands in brackets. */
function literalRule(path: string): string {
  return path
    .replace(/[\n\r]/g, '?')
    .replace(/[*?[\]\\]/g, '\\$&')
    .replace(/^[!#]|^\s|\s$/g, '[$&]');
}

interface IgnoreRules {
  ignores(path: string): boolean;
  /** True where nothing below an ignored directory can be wanted again. */
  readonly deep: boolean;
}

async function ignoreRules(text: string): Promise<IgnoreRules> {
  if (text.trim() === '') return { ignores: () => false, deep: true };
  const { default: module } = await import('@balena/dockerignore');
  const rules = module.default({ ignorecase: false }).add(text);
  return {
    ignores: (path) => rules.ignores(path),
    deep: !text.split('\n').some((line) => line.trim().startsWith('!')),
  };
}

async function list(directory: string, below: string): Promise<Dirent[]> {
  const path = join(directory, below);
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    throw readError(error, `read the build context ${JSON.stringify(path)}`, {
      path,
      missing: 'SOURCE_NOT_FOUND',
    });
  }
}

async function readEntry(
  directory: string,
  { path, entry }: { readonly path: string; readonly entry: Dirent },
  sum: { bytes: number },
): Promise<ContextEntry | undefined> {
  const place = join(directory, path);
  try {
    if (entry.isSymbolicLink()) return { kind: 'link', path, target: await readlink(place) };
    if (entry.isDirectory()) return { kind: 'directory', path };
    if (!entry.isFile()) return undefined;
    const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const hash = createHash('sha256');
    const { mode } = await handle.stat();
    for await (const chunk of handle.createReadStream() as AsyncIterable<Buffer>) {
      sum.bytes += chunk.length;
      hash.update(chunk);
    }
    return { kind: 'file', path, executable: (mode & 0o100) !== 0, sha256: hash.digest('hex') };
  } catch (error) {
    throw readError(error, `read ${JSON.stringify(place)}`, { path: place, missing: 'SOURCE_NOT_FOUND' });
  }
}

function tooMany(directory: string): BundlesError {
  return new BundlesError(
    'SOURCE_TOO_LARGE',
    `Cannot read the build context ${JSON.stringify(directory)}: found more than ${entryLimit} files, wanted fewer`,
    { hint: 'Name a smaller directory, or ignore what the build does not need in .containerignore' },
  );
}
