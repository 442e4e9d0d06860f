import { CORE_SCHEMA, load, YAMLException } from 'js-yaml';
import { BundlesError, type ErrorCode } from '../errors.js';
import { showText } from './show-text.js';
import { positionOf } from './yaml-position.js';

/** More than any honest file of ours has; an alias may stand for a whole shared block. */
const aliasLimit = 100;
const depthLimit = 30;
/** Of a file with every alias replaced by what it names. */
const valueLimit = 100_000;

export interface YamlFileKind {
  /** As the message names it, e.g. `project`. */
  readonly what: string;
  readonly file: string;
  readonly invalid: ErrorCode;
  /** What to do about a conflict that git left in the file. */
  readonly conflictHint: string;
}

/**
 * Parses a file of ours by YAML 1.2's core rules: no merge keys, no tags, no duplicate keys, one document.
 * @throws `invalid` with file, line and column
 */
export function parseYamlFile(text: string, kind: YamlFileKind): unknown {
  refuseConflict(text, kind);
  let value: unknown;
  try {
    value = load(text, { schema: CORE_SCHEMA, maxAliases: aliasLimit, maxDepth: depthLimit });
  } catch (error) {
    throw describe(error, { text, kind });
  }
  if (text.includes('*') && countValues(value, new Map()) > valueLimit) throw tooManyValues(kind);
  return value;
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

function tooManyValues({ what, file, invalid }: YamlFileKind): BundlesError {
  return new BundlesError(
    invalid,
    `Cannot read the ${what}, ${showText(file)}: its aliases stand for more than ${valueLimit} values`,
    { hint: 'Write the values out', details: { file, line: 1, column: 1, rule: 'yaml' } },
  );
}

function refuseConflict(text: string, kind: YamlFileKind): void {
  const marker = /^(?:<{7}|>{7}|\|{7})(?: |\r?$)/m.exec(text);
  if (marker === null) return;
  const { line, column } = positionOf(text, marker.index);
  throw new BundlesError(
    kind.invalid,
    `Cannot read the ${kind.what}, ${showText(`${kind.file}:${line}:${column}`)}: found a merge conflict of git, wanted one side of it`,
    { hint: kind.conflictHint, details: { file: kind.file, line, column, rule: 'merge-conflict' } },
  );
}

function describe(error: unknown, { text, kind }: { text: string; kind: YamlFileKind }): BundlesError {
  const reason = error instanceof YAMLException ? error.reason : 'not YAML that can be read';
  const mark = error instanceof YAMLException ? error.mark : undefined;
  const template = reason.includes('complex keys') ? text.indexOf('{{') : -1;
  const position = template < 0 ? markPosition(mark) : positionOf(text, template);
  const where = `${kind.file}:${position.line}:${position.column}`;
  const { said, hint } = explain(reason, text);
  return new BundlesError(kind.invalid, `Cannot read the ${kind.what}, ${showText(where)}: ${said}`, {
    hint,
    details: { file: kind.file, ...position, rule: 'yaml' },
    cause: error,
  });
}

function markPosition(mark: YAMLException['mark']): { line: number; column: number } {
  return mark === undefined ? { line: 1, column: 1 } : { line: mark.line + 1, column: mark.column + 1 };
}

function explain(reason: string, text: string): { said: string; hint?: string } {
  if (reason.includes('input is empty')) return { said: 'found an empty file, wanted a mapping' };
  if (reason.includes('single document'))
    return { said: 'found more than one YAML document, wanted one', hint: 'Remove the line that is ---' };
  if (reason.includes('tab char'))
    return { said: 'found a tab in the indentation', hint: 'Indent with spaces' };
  if (reason.includes('duplicated'))
    return { said: 'found a key for the second time in one mapping', hint: 'Keep one of the two' };
  if (reason.startsWith('aliases exceeded'))
    return { said: `found more than ${aliasLimit} aliases`, hint: 'Write the values out' };
  if (reason.includes('alias'))
    return { said: showReason(reason), hint: 'Text that begins with * needs quotes' };
  if (reason.startsWith('nesting exceeded'))
    return { said: `found more than ${depthLimit} levels of nesting` };
  if (text.includes('{{'))
    return {
      said: reason,
      hint: 'Templates are not expanded; give --repository, --tag, --fallback or their environment variables instead',
    };
  if (reason.includes('complex keys')) return { said: 'found a list or a mapping as a key, wanted text' };
  return { said: showReason(reason) };
}

function showReason(reason: string): string {
  return reason.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\uFFFD').slice(0, 200);
}
