import { safeLine } from '../../../http/safe-text.js';
import type { Finding } from './finding.js';

/** Lines shown before the one that a finding is about. */
const LINES_BEFORE = 2;
/** Characters of a line that are shown. */
const WIDEST_LINE = 160;

/** The line that a finding is about, those before it, and a mark below its place; nothing of it can harm a terminal or a CI log. */
export function codeFrame(text: string, { line, column, endLine, endColumn }: Finding): string {
  const lines = text.split(/\r\n|[\n\r]/);
  if (line > lines.length) return '';
  const first = Math.max(1, line - LINES_BEFORE);
  const width = String(line).length;
  const shown: string[] = [];
  for (let number = first; number <= line; number++) {
    const mark = number === line ? '>' : ' ';
    shown.push(`${mark} ${String(number).padStart(width)} | ${showLine(lines[number - 1] ?? '')}`.trimEnd());
  }
  if (column <= WIDEST_LINE) {
    const length = endLine === line ? Math.max(1, endColumn - column) : 1;
    const marks = '^'.repeat(Math.min(length, WIDEST_LINE - column + 1));
    shown.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1)}${marks}`);
  }
  return shown.join('\n');
}

function showLine(line: string): string {
  const characters = [...line];
  const cut = characters.length > WIDEST_LINE ? `${characters.slice(0, WIDEST_LINE).join('')}…` : line;
  // A blank for a tab keeps the mark below its place.
  return safeLine(cut.replaceAll('\t', ' '));
}
