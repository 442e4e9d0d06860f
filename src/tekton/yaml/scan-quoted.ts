import { isBlank, isBlankOrEnd, isBreak } from './characters.js';
import type { Cursor } from './cursor.js';
import { foldBreaks } from './fold-breaks.js';
import { YamlProblem } from './yaml-problem.js';

const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const BACKSLASH = 92;

/** Reads a quoted scalar from its opening to behind its closing quote. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.offset;
  const quote = cursor.code();
  cursor.offset++;
  let value = '';
  for (;;) {
    refuseEnd(cursor, start, quote);
    const part = quote === QUOTE ? takeSingle(cursor) : takeDouble(cursor, start);
    value += part.text;
    if (cursor.code() === quote) break;
    value += takeWhitespace(cursor, part.joined);
  }
  cursor.offset++;
  return value;
}

function refuseEnd(cursor: Cursor, start: number, quote: number): void {
  if (!cursor.atDocumentMarker() && cursor.code() !== 0) return;
  throw new YamlProblem(
    start,
    `found no closing ${String.fromCharCode(quote)} before the end of the document`,
    'Close the quote; lines that start with --- or ... end a document even inside quotes',
  );
}

interface QuotedPart {
  readonly text: string;
  /** A backslash at the line's end joined it with the next one. */
  readonly joined: boolean;
}

function takeSingle(cursor: Cursor): QuotedPart {
  let text = '';
  let from = cursor.offset;
  for (;;) {
    const code = cursor.code();
    if (isBlankOrEnd(code)) break;
    if (code === QUOTE) {
      if (cursor.code(1) !== QUOTE) break;
      text += cursor.text.slice(from, cursor.offset + 1);
      cursor.offset++;
      from = cursor.offset + 1;
    }
    cursor.offset++;
  }
  return { text: text + cursor.text.slice(from, cursor.offset), joined: false };
}

function takeDouble(cursor: Cursor, start: number): QuotedPart {
  let text = '';
  let from = cursor.offset;
  for (;;) {
    const code = cursor.code();
    if (isBlankOrEnd(code) || code === DOUBLE_QUOTE) break;
    if (code !== BACKSLASH) {
      cursor.offset++;
      continue;
    }
    text += cursor.text.slice(from, cursor.offset);
    if (isBreak(cursor.code(1))) {
      cursor.offset++;
      cursor.takeBreak();
      return { text, joined: true };
    }
    text += takeEscape(cursor, start);
    from = cursor.offset;
  }
  return { text: text + cursor.text.slice(from, cursor.offset), joined: false };
}

/** Blanks within a line stay; a line break folds, and blanks around it vanish. */
function takeWhitespace(cursor: Cursor, joined: boolean): string {
  const from = cursor.offset;
  let leading = '';
  let trailing = '';
  let broken = joined;
  for (;;) {
    const code = cursor.code();
    if (isBlank(code)) {
      cursor.offset++;
    } else if (!isBreak(code)) {
      break;
    } else if (broken) {
      trailing += cursor.takeBreak();
    } else {
      leading = cursor.takeBreak();
      broken = true;
    }
  }
  return broken ? foldBreaks(leading, trailing) : cursor.text.slice(from, cursor.offset);
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
      `found \\${letter}${digits}, which is no Unicode character, in a double-quoted value`,
      'Write the character itself, or \\U and 8 digits; YAML has no surrogate pairs',
    );
  }
  cursor.offset += 2 + length;
  return String.fromCodePoint(code);
}

function unknownEscape(cursor: Cursor, letter: string, start: number): YamlProblem {
  if (letter === '\0') {
    return new YamlProblem(start, 'found no closing " before the end of the document', 'Close the quote');
  }
  return new YamlProblem(
    cursor.offset,
    `found the unknown escape \\${letter} in a double-quoted value`,
    'Write \\\\ for a backslash, or use single quotes',
  );
}
