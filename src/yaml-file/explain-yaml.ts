import type { BundlesError } from '../errors.js';
import { linesOf, type Span } from './excerpt.js';
import { aliasLimit, depthLimit, showReason, unreadable } from './parse-yaml-file.js';
import type { YamlFileKind } from './problems-error.js';
import { showText } from './show-text.js';
import { positionOf } from './yaml-position.js';

/**
 * The error of a text that could not be parsed, in the words of what its author most likely did, and at the place of that.
 * Any other error stays as it is.
 */
export function explainYaml(error: BundlesError, text: string, kind: YamlFileKind): BundlesError {
  const reason = reasonOf(error.cause);
  if (reason === undefined) return error;
  const template = reason.includes('complex keys') ? text.indexOf('{{') : -1;
  const { line, column } = error.details as { line: number; column: number };
  const position = template < 0 ? { line, column } : positionOf(text, template);
  const { message, hint, place } = explain(reason, { text, lines: linesOf(text), position });
  const at = { length: 1, ...(place ?? position) };
  return unreadable(text, at, { message, hint, kind, cause: error.cause });
}

/** Of an error of the parser. */
function reasonOf(cause: unknown): string | undefined {
  const known = cause instanceof Error && cause.name === 'YAMLException' && 'reason' in cause;
  return known && typeof cause.reason === 'string' ? cause.reason : undefined;
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
  if (reason.includes('input is empty')) {
    const hint = 'Replace it: npx tekton-bundles init --force --repository REGISTRY/REPOSITORY';
    return { message: 'found an empty file, wanted a mapping', hint };
  }
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
  if (/null byte|valid JSON character|non-printable/.test(reason)) {
    const at = text.search(forbidden);
    if (at >= 0) return forbiddenCharacter(text, at);
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

/** What YAML allows nowhere but as an escape. */
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

function forbiddenCharacter(text: string, at: number): Explained {
  const number = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  return {
    message: `found U+${number}, a character that YAML does not allow`,
    hint: 'Remove it, or write it as an escape in double quotes',
    place: positionOf(text, at),
  };
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
    const quotes = 'Close it on the same line, or double a quote that is part of the text';
    return {
      message: `found ${mark.replace(/["']/, 'a quote ($&)')} that is never closed`,
      hint: mark === '"' || mark === "'" ? quotes : `Close it with ${mark === '[' ? ']' : '}'}`,
      place,
    };
  }
  // A key is over at a comment; else it goes on to the next colon, which is in a line below.
  const isOver = reason.startsWith("expected ':'");
  const colonless =
    isOver || /multiline key|document separator|indentation/.test(reason)
      ? findColonless(
          lines.slice(0, isOver ? position.line : position.line - 1),
          !reason.includes('indentation'),
        )
      : undefined;
  if (colonless !== undefined) return colonless;
  if (reason.includes('comma'))
    return {
      message: 'found no comma between two values',
      hint: /[^\s{[,:]\{/.test(text)
        ? 'Inside { } and [ ], text that contains { or } needs quotes'
        : 'Separate the values of a list or mapping by commas',
    };
  if (/^\s*(?:- |(?:[^\s:][^:]*)?:\s+)?[@`%]/.test(text))
    return { message: showReason(reason), hint: 'Text that begins with @, ` or % needs quotes' };
  if (reason.includes('indentation'))
    return {
      message: 'found an indentation that fits no line above',
      hint: 'Align the keys of a mapping, and the - of a list, in one column',
    };
  return undefined;
}

/** The last line that has text, where that is a key without a colon: `tag v1`, `tag= v1`, or, of an indented block, `workflow`. */
function findColonless(lines: readonly string[], mayHaveValue: boolean): Explained | undefined {
  const index = lines.findLastIndex((text) => /^\s*[^\s#]/.test(text));
  const [line = ''] = (lines[index] ?? '').slice(0, 200).split(/\s#/);
  const pattern = /^(?<before>\s*(?:- )?)(?<key>[A-Za-z_][\w.-]*)(?<value>(?:\s*=\s*|\s+)[^\s=:][^:]*)?$/;
  const { before = '', key, value } = pattern.exec(line.trimEnd())?.groups ?? {};
  if (key === undefined || (value !== undefined && !mayHaveValue)) return undefined;
  const shown = value?.replace(/^\s*=?\s*/, '').trim();
  return {
    message: `found no colon after ${showText(key)}`,
    hint: shown === undefined ? `Write ${key}:` : `Write ${key}: ${shown}`,
    place: { line: index + 1, column: before.length + key.length + 1 },
  };
}

/** The line with blanks in place of quoted texts. */
function blankQuoted(line: string): string {
  const blank = (quoted: string) => ' '.repeat(quoted.length);
  const single = /'(?:[^']|'')*'/g;
  // Behind a double quote that is never closed, no other one is: looking again from each would take quadratic time.
  return line.replaceAll(/("(?:[^"\\]|\\.)*")|'(?:[^']|'')*'|".*/gs, (part, double?: string) =>
    double === undefined && part.startsWith('"') ? part.replaceAll(single, blank) : blank(part),
  );
}

/** The first quote, else the last bracket, that the lines open and do not close; no file of ours needs a text of two lines. */
function findUnclosed(lines: readonly string[]): (Omit<Span, 'length'> & { mark: string }) | undefined {
  const open: (Omit<Span, 'length'> & { mark: string })[] = [];
  for (const [index, line] of lines.entries()) {
    const rest = blankQuoted(line).replace(/(?:^|\s)#.*$/s, '');
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
