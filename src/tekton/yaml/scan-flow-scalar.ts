import { type Cursor, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd } from './cursor.js';
import { TextBuilder } from './text-builder.js';
import { YamlProblem } from './yaml-problem.js';

export interface PlainScalar {
  readonly value: string;
  /** It ended behind a line break, so that a key may follow. */
  readonly endsLine: boolean;
}

/** Reads an unquoted scalar; `indent` is the least column of its further lines. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): PlainScalar {
  const start = cursor.offset;
  let lines: TextBuilder | undefined;
  let breaks: Breaks | undefined;
  let lineFrom = start;
  let lineEnd = start;
  while (!cursor.atDocumentMarker() && cursor.code() !== 35) {
    const from = cursor.offset;
    skipWord(cursor, inFlow);
    if (cursor.offset > from) {
      if (breaks !== undefined) {
        lines ??= new TextBuilder();
        lines.add(cursor.text.slice(lineFrom, lineEnd));
        lines.add(breaks.folded());
        breaks = undefined;
        lineFrom = from;
      }
      lineEnd = cursor.offset;
    }
    const code = cursor.code();
    if (!isBlank(code) && !isBreak(code)) break;
    while (isBlank(cursor.code()) || isBreak(cursor.code())) {
      if (isBreak(cursor.code())) {
        const found = cursor.takeBreak();
        if (breaks === undefined) breaks = new Breaks(found);
        else breaks.add(found);
      } else {
        if (breaks !== undefined && cursor.code() === 9 && cursor.column < indent)
          throw tabIndentation(cursor);
        cursor.offset++;
      }
    }
    if (!inFlow && cursor.column < indent) break;
  }
  if (cursor.offset === start) throw new YamlProblem(start, 'found nothing where a value is expected');
  const last = cursor.text.slice(lineFrom, lineEnd);
  if (lines === undefined) return { value: last, endsLine: breaks !== undefined };
  lines.add(last);
  return { value: lines.take(), endsLine: breaks !== undefined };
}

/** Steps to the next blank, break, end, `: ` or, inside brackets, indicator. */
function skipWord(cursor: Cursor, inFlow: boolean): void {
  const { codes } = cursor;
  let at = cursor.offset;
  for (;;) {
    const code = codes[at] as number;
    if (isBlankOrEnd(code)) break;
    if (code === 58 && isBlankOrEnd(codes[at + 1] as number)) break;
    if (inFlow && isFlowStop(code)) break;
    at++;
  }
  cursor.offset = at;
}

function isFlowStop(code: number): boolean {
  // , ? [ ] { }
  return code === 44 || code === 63 || code === 91 || code === 93 || code === 123 || code === 125;
}

function tabIndentation(cursor: Cursor): YamlProblem {
  return new YamlProblem(
    cursor.offset,
    'found a tab that indents the next line of an unquoted value',
    'Indent with spaces',
  );
}

const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const BACKSLASH = 92;

/** Reads a quoted scalar from its opening to behind its closing quote. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.offset;
  const quote = cursor.code();
  cursor.offset++;
  const text = new TextBuilder();
  for (;;) {
    refuseEnd(cursor, start, quote);
    const joined = takeLine(cursor, text, { start, quote });
    if (cursor.code() === quote) break;
    text.add(takeWhitespace(cursor, joined));
  }
  cursor.offset++;
  return text.take();
}

function refuseEnd(cursor: Cursor, start: number, quote: number): void {
  if (!cursor.atDocumentMarker() && cursor.code() !== 0) return;
  throw new YamlProblem(
    start,
    `found no closing ${String.fromCharCode(quote)} before the end of the document`,
    'Close the quote; lines that start with --- or ... end a document even inside quotes',
  );
}

/**
 * Reads up to the closing quote, or to the end of the line or the blanks before it. True where a backslash at the end
 * joined it with the next one.
 */
function takeLine(
  cursor: Cursor,
  text: TextBuilder,
  { start, quote }: { readonly start: number; readonly quote: number },
): boolean {
  let from = cursor.offset;
  for (;;) {
    const code = cursor.code();
    if (code === quote) {
      if (quote === DOUBLE_QUOTE || cursor.code(1) !== QUOTE) break;
      text.add(cursor.text.slice(from, cursor.offset + 1));
      cursor.offset += 2;
      from = cursor.offset;
    } else if (code === BACKSLASH && quote === DOUBLE_QUOTE) {
      text.add(cursor.text.slice(from, cursor.offset));
      if (isBreak(cursor.code(1))) {
        cursor.offset++;
        cursor.takeBreak();
        return true;
      }
      text.add(takeEscape(cursor, start));
      from = cursor.offset;
    } else if (isBlankOrEnd(code)) {
      const end = cursor.offset;
      while (isBlank(cursor.code())) cursor.offset++;
      if (!isBreakOrEnd(cursor.code())) continue;
      cursor.offset = end;
      break;
    } else cursor.offset++;
  }
  text.add(cursor.text.slice(from, cursor.offset));
  return false;
}

/** Blanks within a line stay; a line break folds, and blanks around it vanish. */
function takeWhitespace(cursor: Cursor, joined: boolean): string {
  const from = cursor.offset;
  let breaks = joined ? new Breaks('') : undefined;
  for (;;) {
    const code = cursor.code();
    if (isBlank(code)) {
      cursor.offset++;
    } else if (isBreak(code)) {
      const found = cursor.takeBreak();
      if (breaks === undefined) breaks = new Breaks(found);
      else breaks.add(found);
    } else break;
  }
  return breaks === undefined ? cursor.text.slice(from, cursor.offset) : breaks.folded();
}

const escapes: Readonly<Record<string, string>> = {
  __proto__: null as never,
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

function takeEscape(cursor: Cursor, start: number): string {
  const letter = cursor.text.charAt(cursor.offset + 1);
  const plain = escapes[letter];
  if (plain !== undefined) {
    cursor.offset += 2;
    return plain;
  }
  const length = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0;
  if (length === 0) throw unknownEscape(cursor, letter, start);
  const digits = cursor.text.slice(cursor.offset + 2, cursor.offset + 2 + length);
  if (digits.length < length || !/^[0-9A-Fa-f]+$/.test(digits)) {
    throw new YamlProblem(
      cursor.offset,
      `found \\${letter} without its ${length} hexadecimal digits in a double-quoted value`,
    );
  }
  const code = Number.parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw new YamlProblem(
      cursor.offset,
      `found \\${letter}${digits}, which is not a Unicode character, in a double-quoted value`,
      'Write the character itself, or \\U and 8 digits; YAML has no surrogate pairs',
    );
  }
  cursor.offset += 2 + length;
  return String.fromCodePoint(code);
}

function unknownEscape(cursor: Cursor, letter: string, start: number): YamlProblem {
  if (letter === '') {
    return new YamlProblem(start, 'found no closing " before the end of the document', 'Close the quote');
  }
  return new YamlProblem(
    cursor.offset,
    `found the unknown escape \\${letter} in a double-quoted value`,
    'Write \\\\ for a backslash, or use single quotes',
  );
}

/**
 * What is between two lines of a folded scalar: one LF becomes a space, or vanishes before empty lines; the Unicode
 * separators stay.
 */
class Breaks {
  readonly #first: string;
  readonly #further = new TextBuilder();

  constructor(first: string) {
    this.#first = first;
  }

  add(found: string): void {
    this.#further.add(found);
  }

  folded(): string {
    const further = this.#further.take();
    if (this.#first !== '\n') return this.#first + further;
    return further === '' ? ' ' : further;
  }
}
