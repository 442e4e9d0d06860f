import { CORE_SCHEMA, load, YAMLException } from 'js-yaml';
import type { BundlesError } from '../errors.js';
import type { Problem } from './config-node.js';
import { excerpt, linesOf, type Span } from './excerpt.js';
import { placedError, problemsError, type YamlFileKind } from './problems-error.js';
import { showText } from './show-text.js';
import { findRepeatedKeys, positionOf } from './yaml-position.js';

/** More than any honest file of ours has; an alias may represent a whole shared block. */
export const aliasLimit = 100;
export const depthLimit = 30;
/** Of a file with every alias replaced by what it names. */
const valueLimit = 100_000;

export interface ReadYaml {
  readonly value: unknown;
  /** Duplicate keys: the value has the last of them, so that the rest can be checked, too. */
  readonly problems: readonly Problem[];
}

/**
 * Parses a file of ours by YAML 1.2's core rules: no merge keys, no tags, no duplicate keys, one document.
 * @throws `invalid` with file, line and column
 */
export function parseYamlFile(text: string, kind: YamlFileKind): unknown {
  const { value, problems } = readYamlFile(text, kind);
  if (problems.length > 0) throw problemsError(problems, text, kind);
  return value;
}

/**
 * The same for a reader that reports repeated keys together with its own problems.
 * @throws `invalid` with file, line and column
 */
export function readYamlFile(text: string, kind: YamlFileKind): ReadYaml {
  refuseConflict(text, kind);
  const options = { schema: CORE_SCHEMA, maxAliases: aliasLimit, maxDepth: depthLimit };
  let value: unknown;
  let problems: readonly Problem[] = [];
  try {
    try {
      value = load(text, options);
    } catch (error) {
      if (!(error instanceof YAMLException) || !error.reason.includes('duplicated mapping key')) throw error;
      value = load(text, { ...options, json: true });
      problems = repeatedKeys(text);
    }
  } catch (error) {
    throw describe(error, { text, kind });
  }
  if (text.includes('*') && countValues(value, new Map()) > valueLimit) throw tooManyValues(text, kind);
  return { value, problems };
}

function repeatedKeys(text: string): readonly Problem[] {
  return findRepeatedKeys(text).map(({ path, times, line }) => {
    const count = times === 2 ? 'twice' : `${times} times`;
    const message = `found the key ${showText(String(path.at(-1)))} ${count} in one mapping, first in line ${line}`;
    return { path, at: 'key', message, hint: 'Keep one of them', unquoted: false };
  });
}

/** How many values a full walk visits: an aliased one counts in each of its places. */
function countValues(value: unknown, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const counted = known.get(value);
  if (counted !== undefined) return counted;
  // Until it is counted: what holds itself has no end.
  known.set(value, Number.POSITIVE_INFINITY);
  let count = 1;
  for (const item of Object.values(value)) count += countValues(item, known);
  known.set(value, count);
  return count;
}

function tooManyValues(text: string, kind: YamlFileKind): BundlesError {
  const message = `its aliases expand to more than ${valueLimit} values`;
  return unreadable(text, { line: 1, column: 1, length: 1 }, { message, hint: 'Write the values out', kind });
}

function refuseConflict(text: string, kind: YamlFileKind): void {
  const marker = /^(?:<{7}|>{7}|\|{7})(?: |\r?$)/m.exec(text);
  if (marker === null) return;
  const place = { ...positionOf(text, marker.index), length: 7 };
  const message = 'found a merge conflict of git, wanted one side of it';
  throw unreadable(text, place, { message, hint: kind.conflictHint, kind, rule: 'merge-conflict' });
}

export interface Unreadable {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly kind: YamlFileKind;
  readonly rule?: string;
  readonly cause?: unknown;
}

/** The error for a text that is not YAML of ours. */
export function unreadable(
  text: string,
  place: Span,
  { message, hint, kind, rule = 'yaml', cause }: Unreadable,
): BundlesError {
  const { line, column } = place;
  const problem = { path: '', line, column, message, hint: hint ?? null };
  return placedError([{ ...problem, excerpt: excerpt(linesOf(text), place) }], kind, { rule, cause });
}

/** With the parser's own message; `explainYaml` has better ones. */
function describe(error: unknown, { text, kind }: { text: string; kind: YamlFileKind }): BundlesError {
  const [reason, mark] =
    error instanceof YAMLException ? [error.reason, error.mark] : ['not YAML that can be read', undefined];
  const lines = linesOf(text);
  const found =
    mark === undefined ? { line: 1, column: 1 } : { line: mark.line + 1, column: mark.column + 1 };
  // What stays open is noticed at the end of the file only.
  const position = found.line > lines.length ? { line: lines.length, column: 1 } : found;
  return unreadable(text, { ...position, length: 1 }, { message: showReason(reason), kind, cause: error });
}

export function showReason(reason: string): string {
  return reason.slice(0, 200);
}
