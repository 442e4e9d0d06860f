import { graphemes, graphemeWidth, textWidth } from '../../bytes/text-width.js';
import type { Screen, Style } from './screen.js';

/** A text of one or more lines; parts of it may have a style. */
export type Text = string | readonly TextPart[];
export type TextPart = string | readonly [Style, string];

export interface WrapOptions {
  /** Columns before each line. */
  readonly indent: number;
  /** What the first line already holds instead, and the columns it takes. */
  readonly first?: { readonly text: string; readonly width: number };
}

/**
 * A text in lines of the screen's width. Lines break between words, and long words behind a slash, a comma or an equals
 * sign and before a digest. A digest stays whole: where it does not fit beside the indent it begins before it.
 */
export function wrap(text: Text, { indent, first }: WrapOptions, { paint, clean, width }: Screen): string[] {
  const parts = typeof text === 'string' ? [text] : text;
  // Nothing is measured where no line ends.
  if (width === Number.POSITIVE_INFINITY) {
    const shown = parts.map((part) =>
      typeof part === 'string' ? clean(part) : paint(part[0], clean(part[1])),
    );
    return [`${first?.text ?? ' '.repeat(indent)}${shown.join('').replaceAll('\t', ' ')}`.trimEnd()];
  }
  const lines: string[] = [];
  let line = first?.text ?? ' '.repeat(indent);
  let column = first?.width ?? indent;
  let isFresh = first === undefined;
  let gap = '';
  const end = (needed = 0) => {
    lines.push(line);
    column = Math.max(0, Math.min(indent, width - needed));
    line = ' '.repeat(column);
    isFresh = true;
    gap = '';
  };
  const put = ({ text, style, columns }: Unit) => {
    line += gap + (style === undefined ? text : paint(style, text));
    column += gap.length + columns;
    isFresh = false;
    gap = '';
  };
  const place = (unit: Unit) => {
    if (column + gap.length + unit.columns <= width) put(unit);
    else if (unit.columns <= width - indent || unit.isDigest) {
      if (!isFresh || column + unit.columns > width) end(unit.columns);
      put(unit);
    } else {
      for (const grapheme of graphemes(unit.text)) {
        const columns = graphemeWidth(grapheme);
        if (column + gap.length + columns > width && !isFresh) end();
        put({ ...unit, text: grapheme, columns });
      }
    }
  };
  for (const word of words(parts, clean)) {
    if (typeof word === 'string') gap = word;
    else {
      const columns = word.reduce((sum, unit) => sum + unit.columns, 0);
      if (!isFresh && column + gap.length + columns > width && columns <= width - indent) end();
      for (const unit of word) place(unit);
    }
  }
  return [...lines, line].map((one) => one.trimEnd());
}

/** A line that is ready to be written, in lines of the terminal's width where it is longer; its styles take no room. */
export function fitLine(line: string, width: number): string[] {
  if (line.length <= width || textWidth(line.replace(styles, '')) <= width) return [line];
  const indent = /^ */.exec(line)?.[0].length ?? 0;
  const screen = {
    paint: (_: Style, text: string) => text,
    clean: (text: string) => text,
    width,
    unicode: true,
  };
  return wrap(line, { indent: Math.min(indent + 2, width >> 1), first: { text: '', width: 0 } }, screen);
}

/** Begins or ends a style. */
const styles = /(\u001b\[\d+m)/g;

/** What is never broken, but for one that is longer than a line. */
interface Unit {
  readonly text: string;
  readonly style: Style | undefined;
  readonly columns: number;
  readonly isDigest: boolean;
}

/** Words and the blanks between them; a word goes on where a part ends without a blank. */
function words(parts: readonly TextPart[], clean: (text: string) => string): (Unit[] | string)[] {
  const found: (Unit[] | string)[] = [];
  for (const part of parts) {
    const [style, plain] = typeof part === 'string' ? [undefined, part] : part;
    for (const token of clean(plain).split(/([ \t]+)/)) {
      if (token === '') continue;
      if (/^[ \t]/.test(token)) found.push(token.replaceAll('\t', ' '));
      else {
        const last = found.at(-1);
        if (typeof last === 'object') last.push(...unitsOf(token, style));
        else found.push(unitsOf(token, style));
      }
    }
  }
  return found;
}

const digest = /(@?(?:sha256:)?\b[0-9a-f]{40,128}\b)/;

function unitsOf(token: string, style: Style | undefined): Unit[] {
  return token.split(digest).flatMap((piece, index) => {
    const isDigest = index % 2 === 1;
    const texts = isDigest ? [piece] : piece.split(/(?<=[/,=&|])|(\u001b\[\d+m)/);
    return texts
      .filter((text) => text !== undefined && text !== '')
      .map((text) => ({ text, style, columns: text.startsWith('\u001b') ? 0 : textWidth(text), isDigest }));
  });
}
