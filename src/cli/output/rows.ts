import { textWidth } from '../../bytes/text-width.js';
import { shortDigest } from './amounts.js';
import type { Screen, Style } from './screen.js';
import { type Text, wrap } from './wrap.js';

/** What became of the subject of a row. */
export type Mark = keyof typeof marks;

const marks = {
  ok: ['✓', '+', 'green'],
  published: ['↑', '^', 'green'],
  fallback: ['↓', 'v', 'yellow'],
  planned: ['·', '.', 'cyan'],
  failed: ['✗', 'x', 'red'],
  warning: ['!', '!', 'yellow'],
  unknown: ['?', '?', 'yellow'],
  none: ['-', '-', 'dim'],
} as const satisfies Readonly<Record<string, readonly [unicode: string, ascii: string, style: Style]>>;

/** One subject: its mark, name and outcome in columns, then its digest, why, and what follows below. */
export interface Row {
  readonly mark: Mark;
  readonly name: string;
  readonly outcome?: string;
  readonly digest?: string | null;
  /** Behind the digest, or in its place. */
  readonly text?: Text;
  /** Texts below the row, each on separate lines. */
  readonly more?: readonly Text[];
  /** Below that, what is long and wants the whole width, such as references with their digests. */
  readonly wide?: readonly Text[];
}

interface Columns {
  readonly name: number;
  /** 0 where no row has an outcome. */
  readonly outcome: number;
  /** Where digests and texts begin. */
  readonly text: number;
  /** What lines below are indented by. */
  readonly hanging: number;
}

/** Rows in columns, fitted to the screen. */
export function formatRows(rows: readonly Row[], screen: Screen): string[] {
  const safe = rows.map((row) => ({ ...row, name: screen.clean(row.name) }));
  const columns = columnsOf(safe, screen.width);
  return safe.flatMap((row) => formatRow(row, columns, screen));
}

function columnsOf(rows: readonly Row[], width: number): Columns {
  const name = widest(
    rows.map((row) => row.name),
    Math.max(12, Math.min(40, Math.floor(width * 0.4))),
  );
  const outcome = widest(
    rows.map((row) => row.outcome ?? ''),
    20,
  );
  const text = 4 + name + (outcome === 0 ? 0 : outcome + 2);
  // A text in a narrow strip is hard to read.
  return { name, outcome, text, hanging: width - text < 28 ? 4 : text };
}

/** The widest of the texts that keep within the limit. */
function widest(texts: readonly string[], limit: number): number {
  let most = 0;
  for (const text of texts) {
    const width = textWidth(text);
    if (width > most && width <= limit) most = width;
  }
  return most;
}

function formatRow(row: Row, columns: Columns, screen: Screen): string[] {
  const { mark, outcome = '', digest, text = '', more = [], wide = [] } = row;
  const { paint } = screen;
  const lines = title(row, columns, screen);
  let line = lines.pop() ?? '';
  let width = Math.max(2 + columns.name, textWidth(row.name) + 2);
  if (lines.length > 0) width = 2 + columns.name;
  if (outcome !== '') {
    line += `  ${paint(marks[mark][2], outcome)}`;
    width += 2 + textWidth(outcome);
  }
  const rest: Text = [
    ...(digest ? [['dim', shortDigest(digest)] as const] : []),
    ...(digest && text.length > 0 ? ['  '] : []),
    ...(typeof text === 'string' ? [text] : text),
  ];
  const gap = Math.max(2, columns.text - width);
  const first = { text: line + ' '.repeat(gap), width: width + gap };
  return [
    ...lines,
    ...wrap(rest, { indent: columns.hanging, first }, screen),
    ...more.flatMap((below) => wrap(below, { indent: columns.hanging }, screen)),
    ...wide.flatMap((below) => wrap(below, { indent: 4 }, screen)),
  ];
}

/** Mark and name, padded; a name too long for its column is on separate lines. */
function title({ mark, name }: Row, columns: Columns, screen: Screen): string[] {
  const { paint, unicode, width } = screen;
  const [sign, ascii, style] = marks[mark];
  const first = { text: `${paint(style, unicode ? sign : ascii)} `, width: 2 };
  const lines = wrap([['bold', name]], { indent: 2, first }, screen);
  const padding = columns.name - textWidth(name);
  if (padding >= 0) return [`${lines.join('')}${' '.repeat(padding)}`];
  return width === Number.POSITIVE_INFINITY ? lines : [...lines, ' '.repeat(2 + columns.name)];
}
