/** What every page of help needs. */
export interface Page {
  /** The program as it was started. */
  readonly program: string;
  /** Of the terminal. */
  readonly width: number;
}

/** The widest text that is pleasant to read. */
const widest = 120;

/** How wide a page is on an output. */
export function helpWidth({ columns }: { readonly columns: number }): number {
  return Math.min(columns, widest);
}

/** Text broken at blanks so that no line is longer than `width`, but for a word that is. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Rows of a term and what it means, in two columns; a long term has its meaning on the lines below it. */
export function twoColumns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const indent = 2;
  const gap = 2;
  const longest = Math.max(
    0,
    ...rows.map(([term]) => term.length).filter((length) => length <= width * 0.42),
  );
  const column = indent + longest + gap;
  return rows.flatMap(([term, meaning]) => {
    const [first = '', ...more] = wrapText(meaning, Math.max(20, width - column));
    const rest = more.map((line) => ' '.repeat(column) + line);
    const head = ' '.repeat(indent) + term;
    if (meaning === '') return [head];
    return term.length <= longest
      ? [head.padEnd(column) + first, ...rest]
      : [head, ' '.repeat(column) + first, ...rest];
  });
}

/** Parts of a page with an empty line between them. */
export function joinParts(parts: readonly (readonly string[])[]): string {
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`;
}
