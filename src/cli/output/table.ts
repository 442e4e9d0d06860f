import { textWidth } from '../../bytes/text-width.js';
import type { Screen } from './screen.js';
import { type Text, wrap } from './wrap.js';

/** Rows of cells in columns; the last cell of each is fitted to the screen. */
export function formatTable(
  rows: readonly (readonly Text[])[],
  screen: Screen,
  { indent = 0 }: { readonly indent?: number } = {},
): string[] {
  const widths: number[] = [];
  const widthOf = (cell: Text) => textWidth(screen.clean(plainText(cell)));
  for (const row of rows) {
    for (const [index, cell] of row.slice(0, -1).entries())
      widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
  }
  const hanging = widths.reduce((sum, width) => sum + width + 2, indent);
  return rows.flatMap((row) => {
    let text = ' '.repeat(indent);
    for (const [index, cell] of row.slice(0, -1).entries()) {
      const padding = (widths[index] ?? 0) - widthOf(cell) + 2;
      text += `${paintText(cell, screen)}${' '.repeat(padding)}`;
    }
    const narrow = screen.width - hanging < 28;
    return wrap(
      row.at(-1) ?? '',
      { indent: narrow ? indent + 2 : hanging, first: { text, width: hanging } },
      screen,
    );
  });
}

function plainText(text: Text): string {
  if (typeof text === 'string') return text;
  return text.map((part) => (typeof part === 'string' ? part : part[1])).join('');
}

function paintText(text: Text, { paint }: Screen): string {
  if (typeof text === 'string') return text;
  return text.map((part) => (typeof part === 'string' ? part : paint(...part))).join('');
}
