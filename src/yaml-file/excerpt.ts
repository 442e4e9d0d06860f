import { cutText, graphemes, graphemeWidth, textWidth } from '../bytes/text-width.js';

/** Columns that an excerpt takes at most, so that it fits a terminal of 80. */
const widest = 76;

export interface Span {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/**
 * A line of a file with a caret below the place, cut to the width of a terminal.
 */
export function excerpt(lines: readonly string[], { line, column, length }: Span): string {
  const text = lines[line - 1] ?? '';
  const gutter = `${line} | `;
  const room = widest - gutter.length;
  // More than this before the place could not be shown anyway, whatever the characters become.
  const skipped = Math.max(0, column - 1 - room);
  const before = untabbed(text.slice(skipped, column - 1));
  const kept = lastColumns(before, Math.floor(room * 0.6));
  const left = skipped > 0 || kept !== before ? `…${kept}` : kept;
  const at = textWidth(left);
  const right = cutText(untabbed(text.slice(column - 1, column + room)), room - at);
  const marked = Math.min(textWidth(untabbed(text.slice(column - 1, column - 1 + length))), textWidth(right));
  const empty = ' '.repeat(String(line).length);
  const marks = '^'.repeat(Math.max(1, marked));
  return `${gutter}${`${left}${right}`.trimEnd()}\n${empty} | ${' '.repeat(at)}${marks}`;
}

/** The end of a text, as far as it goes into the columns. */
function lastColumns(text: string, columns: number): string {
  let width = 0;
  let kept = '';
  for (const character of graphemes(text).reverse()) {
    width += graphemeWidth(character);
    if (width > columns) break;
    kept = character + kept;
  }
  return kept;
}

function untabbed(line: string): string {
  return line.replace(/\t/g, '  ').replace(/[\v\f\u0085\u2028\u2029]/g, ' ');
}

/** The lines of a text, as positions count them. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}
