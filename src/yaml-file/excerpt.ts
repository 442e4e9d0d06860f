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
  const before = [...untabbed(text.slice(skipped, column - 1))];
  const whole = [...untabbed(text.slice(skipped, column + room))];
  const hidden = Math.max(0, before.length - Math.floor(room * 0.6));
  const start = skipped > 0 || hidden > 0 ? ['…'] : [];
  const shown = [...start, ...whole.slice(hidden)];
  const cut = shown.length > room || column + room < text.length;
  const cutText = cut ? [...shown.slice(0, room - 1), '…'] : shown;
  const at = start.length + before.length - hidden;
  const marks = Math.max(1, Math.min(length, cutText.length - at));
  const empty = ' '.repeat(String(line).length);
  return `${gutter}${cutText.join('').trimEnd()}\n${empty} | ${' '.repeat(at)}${'^'.repeat(marks)}`;
}

function untabbed(line: string): string {
  return line.replace(/\t/g, '  ').replace(/[\v\f\u0085\u2028\u2029]/g, ' ');
}

/** The lines of a text, as positions count them. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}
