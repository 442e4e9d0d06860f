import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BundlesError } from '../../errors.js';
import { isInside } from '../../fs/is-inside.js';
import { errnoOf, readError } from '../../fs/machine-error.js';
import { showText } from '../../yaml-file/show-text.js';
import { listDirectory } from '../sources/find-files.js';
import { literalPart, matchPart, type PathPattern, type Values } from './pattern.js';

/** A path that a pattern of `discover` matched. */
export interface Match {
  /** The place of its rule in the list. */
  readonly rule: number;
  /** Relative to the project's directory, with `/`. */
  readonly path: string;
  readonly values: Values;
}

/** Names that are looked at for one project: more than 30,000 bundles need. */
const entryLimit = 100_000;

export interface FindMatchesOptions {
  /** Path of bundles.yaml, which is never a match itself. */
  readonly file: string;
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What the patterns of a project match, by rule and then by path. Each directory is listed once, and only where a part of
 * a pattern is open. Symbolic links count as what they name, inside the project's directory.
 *
 * @throws NOT_READABLE, also for a link that leads out; SOURCE_TOO_LARGE for more than 100,000 names
 */
export async function findMatches(
  patterns: readonly (PathPattern | undefined)[],
  options: FindMatchesOptions,
): Promise<readonly Match[]> {
  const walk: Walk = { ...options, seen: { entries: 0 }, listed: new Map(), root: undefined };
  const matches: Match[] = [];
  for (const [rule, pattern] of patterns.entries()) {
    if (pattern === undefined) continue;
    const found: Omit<Match, 'rule'>[] = [];
    await descend(walk, { pattern, at: 0, path: '.', values: {}, found });
    found.sort((left, right) => (left.path < right.path ? -1 : 1));
    for (const match of found) matches.push({ rule, ...match });
  }
  return matches;
}

interface Walk extends FindMatchesOptions {
  readonly seen: { entries: number };
  readonly listed: Map<string, readonly string[]>;
  root: string | undefined;
}

interface Step {
  readonly pattern: PathPattern;
  readonly at: number;
  readonly path: string;
  readonly values: Values;
  readonly found: Omit<Match, 'rule'>[];
}

async function descend(walk: Walk, step: Step): Promise<void> {
  const { pattern, at, path, values, found } = step;
  const part = pattern.parts[at];
  if (part === undefined) return;
  const last = at === pattern.parts.length - 1;
  const literal = literalPart(part, values);
  const names = literal === undefined ? await namesIn(walk, path) : [literal];
  for (const name of names) {
    const taken = literal === undefined ? matchPart(part, name, values) : values;
    if (taken === undefined) continue;
    const child = path === '.' ? name : `${path}/${name}`;
    if (child === basename(walk.file) || name === 'node_modules') continue;
    const entry = look(walk, child);
    if (entry === undefined || entry.isDirectory() !== (!last || pattern.directories)) continue;
    if (last) found.push({ path: child, values: taken });
    else await descend(walk, { ...step, at: at + 1, path: child, values: taken });
  }
}

async function namesIn(walk: Walk, path: string): Promise<readonly string[]> {
  const known = walk.listed.get(path);
  if (known !== undefined) return known;
  const entries = await listDirectory(path, {
    ...walk,
    limit: entryLimit,
    hint: 'Name the directories that hold the bundles in the files of discover',
  });
  const names = entries.map(({ name }) => name);
  walk.listed.set(path, names);
  return names;
}

/** What a path is, links followed; undefined where nothing is there. */
function look(walk: Walk, path: string): Stats | undefined {
  const full = join(walk.directory, path);
  try {
    const found = lstatSync(full, { throwIfNoEntry: false });
    if (!found?.isSymbolicLink()) return found;
    const target = statSync(full, { throwIfNoEntry: false });
    if (target !== undefined) requireInside(walk, full);
    return target;
  } catch (error) {
    if (['ENOTDIR', 'ENAMETOOLONG', 'ELOOP'].includes(errnoOf(error) ?? '')) return undefined;
    throw error instanceof BundlesError
      ? error
      : readError(error, `look at ${JSON.stringify(full)}`, { path: full });
  }
}

function requireInside(walk: Walk, path: string): void {
  walk.root ??= realpathSync.native(walk.directory);
  if (isInside(walk.root, realpathSync.native(path))) return;
  throw new BundlesError(
    'NOT_READABLE',
    `Cannot discover bundles at ${showText(path)}: it is a symbolic link that leads out of the project's directory`,
    { hint: `Copy its target into the directory of ${showText(walk.file)}`, details: { path } },
  );
}
