export interface TerminalPicture {
  readonly title: string;
  /** The text of a terminal, with the escape sequences of its colours. */
  readonly text: string;
}

/** Pixels of one character. */
const cell = { width: 8.4, height: 20 };
const margin = { side: 20, top: 46, bottom: 18 };
const colours: Readonly<Record<string, string>> = {
  text: '#e6edf3',
  dim: '#9198a1',
  red: '#ff7b72',
  green: '#56d364',
  yellow: '#e3b341',
  cyan: '#76e3ea',
};
const named: Readonly<Record<number, string>> = {
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
  90: 'dim',
};

interface Style {
  readonly colour: string;
  readonly bold: boolean;
}

interface Segment extends Style {
  readonly column: number;
  readonly text: string;
}

/** Draws what a terminal showed, as large as its text: dark on every page, and selectable. */
export function drawTerminal({ title, text }: TerminalPicture): string {
  const lines = text.replaceAll('\r', '').trimEnd().split('\n').map(segmentsOf);
  const columns = Math.max(...lines.flat().map(({ column, text }) => column + text.length));
  const width = Math.ceil(columns * cell.width + 2 * margin.side);
  const height = margin.top + lines.length * cell.height + margin.bottom;
  const rows = lines.map((segments, row) => {
    const y = margin.top + row * cell.height + 14;
    return segments.map((segment) => drawSegment(segment, y)).join('');
  });
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, index) => `<circle cx="${22 + index * 18}" cy="20" r="5.5" fill="${fill}"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">${toXml(title)}</title>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#3d444d"/>
${dots.join('')}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">
${rows.filter((row) => row !== '').join('\n')}
</g>
</svg>
`;
}

/** The text that a picture of `drawTerminal` shows, without its colours. */
export function textOfTerminal(svg: string): string {
  const lines = new Map<string, string>();
  for (const [, x, y, text] of svg.matchAll(/<text x="([\d.]+)" y="(\d+)"[^>]*>([^<]*)<\/text>/g)) {
    const column = Math.round((Number(x) - margin.side) / cell.width);
    lines.set(y!, (lines.get(y!) ?? '').padEnd(column) + fromXml(text!));
  }
  const rows = [...lines].map(([y, text]) => [(Number(y) - margin.top - 14) / cell.height, text] as const);
  const last = Math.max(...rows.map(([row]) => row));
  const found = new Map(rows);
  return Array.from({ length: last + 1 }, (_, row) => `${found.get(row) ?? ''}\n`).join('');
}

/** The same text without colours, and without blanks at the ends of lines. */
export function withoutColours(text: string): string {
  const plain = text.replaceAll('\r', '').replace(/\x1b\[\d*m/g, '');
  return `${plain.replace(/ +$/gm, '').trimEnd()}\n`;
}

function segmentsOf(line: string): readonly Segment[] {
  const segments: Segment[] = [];
  let style: Style = { colour: 'text', bold: false };
  let column = 0;
  for (const part of line.split(/(\x1b\[\d*m)/)) {
    const [, code] = /^\x1b\[(\d*)m$/.exec(part) ?? [];
    if (code !== undefined) style = styled(style, Number(code));
    else {
      add(segments, { ...style, column, text: part });
      column += part.length;
    }
  }
  return segments;
}

/** Joins what looks the same; blanks look like whatever is before them. */
function add(segments: Segment[], next: Segment): void {
  if (next.text === '') return;
  const last = segments.at(-1);
  const same = last?.colour === next.colour && last.bold === next.bold;
  if (last && (same || next.text.trim() === ''))
    segments[segments.length - 1] = { ...last, text: last.text + next.text };
  else segments.push(next);
}

function styled(style: Style, code: number): Style {
  if (code === 0) return { colour: 'text', bold: false };
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, colour: 'dim' };
  if (code === 22) return { bold: false, colour: style.colour === 'dim' ? 'text' : style.colour };
  if (code === 39) return { ...style, colour: 'text' };
  const colour = named[code];
  if (colour === undefined) throw new Error(`the picture has no colour for the escape sequence ${code}`);
  return { ...style, colour };
}

function drawSegment({ column, text, colour, bold }: Segment, y: number): string {
  const shown = text.trimEnd();
  const before = shown.length - shown.trimStart().length;
  if (shown === '') return '';
  const x = round(margin.side + (column + before) * cell.width);
  const words = shown.trimStart();
  const weight = bold ? ' font-weight="bold"' : '';
  // Every font takes the width of the terminal's columns.
  const width = `textLength="${round(words.length * cell.width)}" lengthAdjust="spacingAndGlyphs"`;
  return `<text x="${x}" y="${y}" fill="${colours[colour]}"${weight} ${width}>${toXml(words)}</text>`;
}

const round = (length: number) => Math.round(length * 10) / 10;
const toXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const fromXml = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
