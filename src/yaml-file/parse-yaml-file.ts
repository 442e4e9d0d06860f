import { CORE_SCHEMA, load, YAMLException } from 'js-yaml';
import type { BundlesError } from '../errors.js';
import type { Problem } from './config-node.js';
import { excerpt, linesOf, type Span } from './excerpt.js';
import { placedError, problemsError, type YamlFileKind } from './problems-error.js';
import { showText } from './show-text.js';
import { findRepeatedKeys, positionOf } from './yaml-position.js';

/** More than any honest file of ours has; an alias may stand for a whole shared block. */
const aliasLimit = 100;
const depthLimit = 30;
/** Of a file with every alias replaced by what it names. */
const valueLimit = 100_000;

export interface ReadYaml {
  readonly value: unknown;
  /** Keys that stand twice: the value has the last of them, so that the rest can be checked, too. */
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

/** How many values there are for who looks at all of them: an aliased one counts in each of its places. */
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
  const message = `its aliases stand for more than ${valueLimit} values`;
  return unreadable(text, { line: 1, column: 1, length: 1 }, { message, hint: 'Write the values out', kind });
}

function refuseConflict(text: string, kind: YamlFileKind): void {
  const marker = /^(?:<{7}|>{7}|\|{7})(?: |\r?$)/m.exec(text);
  if (marker === null) return;
  const place = { ...positionOf(text, marker.index), length: 7 };
  const message = 'found a merge conflict of git, wanted one side of it';
  throw unreadable(text, place, { message, hint: kind.conflictHint, kind, rule: 'merge-conflict' });
}

interface Unreadable {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly kind: YamlFileKind;
  readonly rule?: string;
  readonly cause?: unknown;
}

function unreadable(
  text: string,
  place: Span,
  { message, hint, kind, rule = 'yaml', cause }: Unreadable,
): BundlesError {
  const { line, column } = place;
  const problem = { path: '', line, column, message, hint: hint ?? null };
  return placedError([{ ...problem, excerpt: excerpt(linesOf(text), place) }], kind, { rule, cause });
}

function describe(error: unknown, { text, kind }: { text: string; kind: YamlFileKind }): BundlesError {
  const reason = error instanceof YAMLException ? error.reason : 'not YAML that can be read';
  const mark = error instanceof YAMLException ? error.mark : undefined;
  const template = reason.includes('complex keys') ? text.indexOf('{{') : -1;
  const found = template < 0 ? markPosition(mark) : positionOf(text, template);
  // An unclosed text or list is noticed at the end of the file only.
  const lines = linesOf(text);
  const position = found.line > lines.length ? { line: lines.length, column: 1 } : found;
  const { message, hint, place } = explain(reason, { text, lines, position });
  return unreadable(text, { length: 1, ...(place ?? position) }, { message, hint, kind, cause: error });
}

function markPosition(mark: YAMLException['mark']): { line: number; column: number } {
  return mark === undefined ? { line: 1, column: 1 } : { line: mark.line + 1, column: mark.column + 1 };
}

interface Explained {
  readonly message: string;
  readonly hint?: string;
  /** Where the mistake is, where that is not where the parser stopped. */
  readonly place?: Omit<Span, 'length'>;
}

interface Stop {
  readonly text: string;
  readonly lines: readonly string[];
  readonly position: { readonly line: number; readonly column: number };
}

function explain(reason: string, stop: Stop): Explained {
  const { text } = stop;
  if (reason.includes('input is empty')) return { message: 'found an empty file, wanted a mapping' };
  if (reason.includes('single document'))
    return { message: 'found more than one YAML document, wanted one', hint: 'Remove the line that is ---' };
  if (reason.includes('tab char'))
    return { message: 'found a tab in the indentation', hint: 'Indent with spaces' };
  if (reason.startsWith('aliases exceeded'))
    return { message: `found more than ${aliasLimit} aliases`, hint: 'Write the values out' };
  if (reason.includes('alias')) {
    const { line, column } = stop.position;
    const isBehind = stop.lines[line - 1]?.[column - 2] === '*';
    const place = { line, column: isBehind ? column - 1 : column };
    return { message: showReason(reason), hint: 'Text that begins with * needs quotes', place };
  }
  if (reason.startsWith('nesting exceeded'))
    return { message: `found more than ${depthLimit} levels of nesting` };
  if (text.includes('{{'))
    return {
      message: reason,
      hint: 'Templates are not expanded; give --repository, --tag, --fallback or their environment variables instead',
    };
  if (reason.includes('complex keys'))
    return {
      message: 'found a list or a mapping as a key, wanted text',
      hint: 'Text that begins with { or [ needs quotes',
    };
  return explainLine(reason, stop) ?? { message: showReason(reason) };
}

/** The mistakes that the lines around the place give away. */
function explainLine(reason: string, { lines, position }: Stop): Explained | undefined {
  for (const line of [position.line, position.line - 1]) {
    const text = lines[line - 1] ?? '';
    const glued = /^\s*(?:- )?(?<key>[A-Za-z][A-Za-z0-9_-]*):(?=[^\s/:])/.exec(text);
    if (glued?.groups?.key !== undefined && /multiline key|expected ':'|indentation/.test(reason)) {
      const column = text.indexOf(':') + 1;
      const message = `found no space after ${showText(`${glued.groups.key}:`)}`;
      return { message, hint: 'Write a space after the colon', place: { line, column } };
    }
    const second = /^\s*(?:- )?[A-Za-z_][\w.-]*:\s+[^\s"'#[{|>&*!][^"'#]*?:\s/.exec(text);
    if (second !== null && !reason.includes('flow') && /indentation|nested|multiline|expected/.test(reason)) {
      const column = second[0].lastIndexOf(':') + 1;
      return {
        message: 'found a second ": " in one line',
        hint: 'Text that holds ": " needs quotes',
        place: { line, column },
      };
    }
  }
  const text = lines[position.line - 1] ?? '';
  const unclosed = /quoted|flow|deficient|end of the stream/.test(reason)
    ? findUnclosed(lines.slice(0, position.line))
    : undefined;
  if (unclosed !== undefined) {
    const { mark, ...place } = unclosed;
    const quotes = 'Close it in its line, or double a quote that belongs to the text';
    return {
      message: `found ${mark.replace(/["']/, 'a quote ($&)')} that is never closed`,
      hint: mark === '"' || mark === "'" ? quotes : `Close it with ${mark === '[' ? ']' : '}'}`,
      place,
    };
  }
  if (reason.includes('comma'))
    return {
      message: 'found no comma between two values',
      hint: /[^\s{[,:]\{/.test(text)
        ? 'Inside { } and [ ], text that holds { or } needs quotes'
        : 'Separate the values of a list or mapping by commas',
    };
  if (/^\s*(?:- |[^:]*:\s+)?[@`%]/.test(text))
    return { message: showReason(reason), hint: 'Text that begins with @, ` or % needs quotes' };
  if (reason.includes('indentation'))
    return {
      message: 'found an indentation that fits no line above',
      hint: 'Begin keys of one mapping, and the - of one list, in one column',
    };
  return undefined;
}

/** The first quote, else the last bracket, that the lines open and do not close; no file of ours needs a text of two lines. */
function findUnclosed(lines: readonly string[]): (Omit<Span, 'length'> & { mark: string }) | undefined {
  const open: (Omit<Span, 'length'> & { mark: string })[] = [];
  for (const [index, line] of lines.entries()) {
    const rest = line
      .replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, (quoted) => ' '.repeat(quoted.length))
      .replace(/(?:^|\s)#.*$/, '');
    const quote = /(?:^|[\s:,[{-])(?<mark>["'])/.exec(rest);
    if (quote?.groups?.mark !== undefined)
      return { line: index + 1, column: quote.index + quote[0].length, mark: quote.groups.mark };
    for (const { 0: mark, index: at } of rest.matchAll(/[[\]{}]/g)) {
      if (mark === '[' || mark === '{') open.push({ line: index + 1, column: at + 1, mark });
      else open.pop();
    }
  }
  return open.at(-1);
}

function showReason(reason: string): string {
  return reason.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\uFFFD').slice(0, 200);
}
