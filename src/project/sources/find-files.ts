import { type Dirent, type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BundlesError } from '../../errors.js';
import { errnoOf, readError } from '../../fs/machine-error.js';

/** What a directory gives, and what it never does. */
const sourceName = /^[^.].*\.(?:ya?ml|json)$/s;
const skippedDirectories = new Set(['node_modules']);

/** More than any project has; a `**` over a home directory ends here. */
const entryLimit = 50_000;

export interface FindFilesOptions {
  /** The project's directory. */
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The files that one declared path represents, relative to the directory, sorted: the file itself, the sources
 * directly inside a directory, or what a glob matches. A path that exists is never taken for a glob. `**` follows
 * no symbolic links. None found gives an empty list.
 *
 * @throws NOT_READABLE, SOURCE_TOO_LARGE where a glob walks over more than 50,000 names
 */
export async function findFiles(path: string, options: FindFilesOptions): Promise<readonly string[]> {
  const found = statOf(join(options.directory, path));
  if (found?.isDirectory()) {
    const entries = await list(path, { ...options, seen: { entries: 0 } });
    return entries
      .filter(({ name }) => sourceName.test(name))
      .map(({ name }) => below(path, name))
      .sort();
  }
  if (found !== undefined) return [path];
  if (!isGlob(path)) return [];
  const matched = new Set<string>();
  await walk('.', globParts(path), { ...options, seen: { entries: 0 }, matched });
  return [...matched].sort();
}

interface Walk extends FindFilesOptions {
  readonly seen: { entries: number };
  readonly matched: Set<string>;
}

async function walk(path: string, parts: readonly GlobPart[], context: Walk): Promise<void> {
  const [part, ...rest] = parts;
  if (part === undefined) return;
  if (part.kind === 'any-depth') {
    await walk(path, rest.length === 0 ? anyName : rest, context);
    for (const entry of await list(path, context)) {
      if (!entry.isDirectory() || entry.name.startsWith('.') || skippedDirectories.has(entry.name)) continue;
      await walk(below(path, entry.name), parts, context);
    }
    return;
  }
  for (const entry of await list(path, context)) {
    if (!part.matches(entry.name)) continue;
    const child = below(path, entry.name);
    const target = entry.isSymbolicLink() ? statOf(join(context.directory, child)) : entry;
    if (rest.length === 0 && target !== undefined && !target.isDirectory()) context.matched.add(child);
    if (rest.length > 0 && target?.isDirectory()) await walk(child, rest, context);
  }
}

const anyName: readonly GlobPart[] = [{ kind: 'name', matches: (name) => sourceName.test(name) }];

const list = (path: string, options: FindFilesOptions & { readonly seen: { entries: number } }) =>
  listDirectory(path, { ...options, limit: entryLimit, hint: 'Name a directory before **' });

/**
 * What a directory holds, in whatever order; `seen` counts the names of a whole search.
 * @throws NOT_READABLE, SOURCE_TOO_LARGE where a search sees more names than `limit`
 */
export async function listDirectory(
  path: string,
  {
    directory,
    signal,
    seen,
    limit,
    hint,
  }: FindFilesOptions & {
    readonly seen: { entries: number };
    readonly limit: number;
    readonly hint: string;
  },
): Promise<Dirent[]> {
  signal?.throwIfAborted();
  const place = join(directory, path);
  try {
    const entries = await readdir(place, { withFileTypes: true });
    seen.entries += entries.length;
    if (seen.entries <= limit) return entries;
  } catch (error) {
    throw readError(error, `list the directory ${JSON.stringify(place)}`, { path: place });
  }
  const message = `Cannot look for sources in ${JSON.stringify(directory)}: found more than ${limit} names`;
  throw new BundlesError('SOURCE_TOO_LARGE', message, { hint });
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'].includes(errnoOf(error) ?? '')) return undefined;
    throw readError(error, `look at ${JSON.stringify(path)}`, { path });
  }
}

function below(path: string, name: string): string {
  return path === '.' ? name : `${path}/${name}`;
}

/** A pattern cut at its slashes: what each part of a path must be. */
export type GlobPart =
  | { readonly kind: 'any-depth' }
  | { readonly kind: 'name'; readonly matches: (name: string) => boolean };

/** True where `*` or `?` make a pattern of a path. */
function isGlob(path: string): boolean {
  return /[*?]/.test(path);
}

/**
 * The parts of a glob: `*` is any run of characters of one name, `?` one of them, a part that is `**` any number of
 * directories, none too. Names that begin with a dot are matched only by a part that begins with one.
 */
export function globParts(pattern: string): readonly GlobPart[] {
  return pattern
    .split('/')
    .map((part) => (part === '**' ? { kind: 'any-depth' } : { kind: 'name', matches: nameMatcher(part) }));
}

function nameMatcher(part: string): (name: string) => boolean {
  if (!isGlob(part)) return (name) => name === part;
  const hidden = part.startsWith('.');
  const pieces = part.split(/\*+/);
  return (name) => (hidden || !name.startsWith('.')) && matchesPieces(name, pieces);
}

/** The pieces between stars: first and last at the ends, each other one as early as it fits. */
function matchesPieces(name: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return name.length === first.length && fitsAt(name, first, 0);
  if (name.length < first.length + last.length || !fitsAt(name, first, 0)) return false;
  if (!fitsAt(name, last, name.length - last.length)) return false;
  let position = first.length;
  for (const piece of rest) {
    while (position + piece.length <= name.length - last.length && !fitsAt(name, piece, position)) position++;
    if (position + piece.length > name.length - last.length) return false;
    position += piece.length;
  }
  return true;
}

function fitsAt(name: string, piece: string, offset: number): boolean {
  for (let index = 0; index < piece.length; index++)
    if (piece[index] !== '?' && piece[index] !== name[offset + index]) return false;
  return true;
}
