import { type Cursor, isBlank, isBreak, isBreakOrEnd } from './cursor.js';
import { TextBuilder } from './text-builder.js';
import { YamlProblem } from './yaml-problem.js';

interface Header {
  readonly chomping: 'strip' | 'clip' | 'keep';
  /** The indentation indicator; 0 when there is none. */
  readonly increment: number;
}

/** Reads a literal `|` or folded `>` scalar below a parent at column `parentIndent` (-1 at the top). */
export function scanBlockScalar(cursor: Cursor, parentIndent: number): string {
  const literal = cursor.code() === 124;
  const { chomping, increment } = takeHeader(cursor);
  const value = new TextBuilder();
  const first = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment;
  let { breaks, indent } = takeBreaks(cursor, first, parentIndent);
  let leading = '';
  let previousStartsBlank = false;
  while (cursor.column === indent && cursor.code() !== 0) {
    const startsBlank = isBlank(cursor.code());
    if (!literal && !previousStartsBlank && !startsBlank && leading === '\n') {
      if (breaks === '') value.add(' ');
    } else {
      value.add(leading);
    }
    value.add(breaks);
    previousStartsBlank = startsBlank;
    const from = cursor.offset;
    cursor.skipToBreak();
    value.add(cursor.text.slice(from, cursor.offset));
    leading = isBreak(cursor.code()) ? cursor.takeBreak() : '';
    ({ breaks, indent } = takeBreaks(cursor, indent, parentIndent));
  }
  if (chomping !== 'strip') value.add(leading);
  if (chomping === 'keep') value.add(breaks);
  return value.take();
}

function takeHeader(cursor: Cursor): Header {
  const start = cursor.offset;
  cursor.offset++;
  let chomping = takeChomping(cursor);
  const increment = takeIncrement(cursor);
  if (chomping === undefined && increment > 0) chomping = takeChomping(cursor);
  cursor.skipBlanksAndComment();
  if (!isBreakOrEnd(cursor.code())) {
    throw new YamlProblem(
      start,
      `found text after the ${cursor.text.charAt(start)} of a block value`,
      'Start the text on the next line, indented',
    );
  }
  if (isBreak(cursor.code())) cursor.takeBreak();
  return { chomping: chomping ?? 'clip', increment };
}

function takeChomping(cursor: Cursor): Header['chomping'] | undefined {
  const code = cursor.code();
  if (code !== 43 && code !== 45) return undefined;
  cursor.offset++;
  return code === 43 ? 'keep' : 'strip';
}

function takeIncrement(cursor: Cursor): number {
  const code = cursor.code();
  if (code < 48 || code > 57) return 0;
  if (code === 48) throw new YamlProblem(cursor.offset, 'found the indentation indicator 0, wanted 1 to 9');
  cursor.offset++;
  return code - 48;
}

/** Steps over indentation and empty lines; finds the indentation with the first line that has text. */
function takeBreaks(
  cursor: Cursor,
  knownIndent: number,
  parentIndent: number,
): { breaks: string; indent: number } {
  let breaks: TextBuilder | undefined;
  let deepest = 0;
  for (;;) {
    // Only spaces lie before these places, so that units and characters agree.
    let column = cursor.column;
    while ((knownIndent === 0 || column < knownIndent) && cursor.code() === 32) {
      cursor.offset++;
      column++;
    }
    if (column > deepest) deepest = column;
    if ((knownIndent === 0 || column < knownIndent) && cursor.code() === 9) {
      throw new YamlProblem(
        cursor.offset,
        'found a tab where a block value needs spaces to indent it',
        'Indent with spaces',
      );
    }
    if (!isBreak(cursor.code())) break;
    breaks ??= new TextBuilder();
    breaks.add(cursor.takeBreak());
  }
  return {
    breaks: breaks?.take() ?? '',
    indent: knownIndent === 0 ? Math.max(deepest, parentIndent + 1, 1) : knownIndent,
  };
}
