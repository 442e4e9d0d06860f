import { isBlank, isBlankOrEnd, isBreak } from './characters.js';
import type { Cursor } from './cursor.js';
import { foldBreaks } from './fold-breaks.js';
import { YamlProblem } from './yaml-problem.js';

export interface PlainScalar {
  readonly value: string;
  /** It ended behind a line break, so that a key may follow. */
  readonly endsLine: boolean;
}

/** Reads an unquoted scalar; `indent` is the least column of its further lines. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): PlainScalar {
  const start = cursor.offset;
  let value = '';
  let space = '';
  let leading = '';
  let trailing = '';
  let endsLine = false;
  while (!cursor.atDocumentMarker() && cursor.code() !== 35) {
    const from = cursor.offset;
    skipWord(cursor, inFlow);
    if (cursor.offset > from) {
      if (endsLine) value += foldBreaks(leading, trailing);
      else value += space;
      endsLine = false;
      space = leading = trailing = '';
      value += cursor.text.slice(from, cursor.offset);
    }
    const code = cursor.code();
    if (!isBlank(code) && !isBreak(code)) break;
    const blanksFrom = cursor.offset;
    while (isBlank(cursor.code()) || isBreak(cursor.code())) {
      if (isBlank(cursor.code())) {
        if (endsLine && cursor.code() === 9 && cursor.column < indent) throw tabIndentation(cursor);
        cursor.offset++;
      } else if (endsLine) {
        trailing += cursor.takeBreak();
      } else {
        leading = cursor.takeBreak();
        endsLine = true;
      }
    }
    if (!endsLine) space += cursor.text.slice(blanksFrom, cursor.offset);
    if (!inFlow && cursor.column < indent) break;
  }
  if (cursor.offset === start) throw new YamlProblem(start, 'found nothing where a value should stand');
  return { value, endsLine };
}

/** Steps to the next blank, break, end, `: ` or, inside brackets, indicator. */
function skipWord(cursor: Cursor, inFlow: boolean): void {
  const { text } = cursor;
  let at = cursor.offset;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isBlankOrEnd(code)) break;
    if (code === 58 && isBlankOrEnd(text.charCodeAt(at + 1))) break;
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
