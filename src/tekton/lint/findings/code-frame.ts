import { textWidth } from '../../../bytes/text-width.js';
import type { Finding } from './finding.js';

/** Lines shown before the one that a finding is about. */
const LINES_BEFORE = 2;
/** Characters of a line that are shown. */
const WIDEST_LINE = 160;

export interface CodeFrameOptions {
  /** Columns that a line of the frame may take. Default: as many as the longest line that is shown. */
  readonly width?: number;
}

/** The line that a finding is about, those before it, and a mark below its place. */
export function codeFrame(
  lines: readonly string[],
  { line, column, endLine, endColumn }: Finding,
  { width = Number.POSITIVE_INFINITY }: CodeFrameOptions = {},
): string {
  if (line > lines.length) return '';
  const first = Math.max(1, line - LINES_BEFORE);
  const gutter = String(line).length;
  const widest = Math.max(10, Math.min(WIDEST_LINE, width - gutter - 6));
  const length = endLine === line ? Math.max(1, endColumn - column) : 1;
  // What is marked is shown, with what comes before it, also where the terminal is narrower than the line.
  const isFar = column > widest && column <= WIDEST_LINE;
  const from = isFar ? column - Math.floor(widest / 2) : 1;
  const shown: string[] = [];
  for (let number = first; number <= line; number++) {
    const mark = number === line ? '>' : ' ';
    const part = showLine(lines[number - 1] ?? '', from, widest);
    shown.push(`${mark} ${String(number).padStart(gutter)} | ${part}`.trimEnd());
  }
  if (column - from < widest) {
    const part = [...showLine(lines[line - 1] ?? '', from, widest)];
    const at = textWidth(part.slice(0, column - from).join(''));
    const marked = textWidth(part.slice(column - from, Math.min(widest, column - from + length)).join(''));
    shown.push(`  ${' '.repeat(gutter)} | ${' '.repeat(at)}${'^'.repeat(Math.max(1, marked))}`);
  }
  return shown.join('\n');
}

/** The part of a line from a column on. */
function showLine(line: string, from: number, widest: number): string {
  // Enough for one character more than is shown, of two code units each.
  const characters = [...line.slice(0, 2 * (from + widest))];
  const part = characters.slice(from - 1, from - 1 + widest);
  if (from > 1 && part.length > 0) part[0] = '…';
  const cut = characters.length > from - 1 + widest ? `${part.join('')}…` : part.join('');
  // A blank for a tab keeps the mark below its place.
  return cut.replaceAll('\t', ' ');
}
