/** One of the documents of a text. */
export interface SplitDocument {
  /** Counted from 1. */
  readonly number: number;
  /** Its own part of the text. */
  readonly part: string;
  /** The whole text with blanks in the place of all other documents, so that positions stay what they are. */
  readonly alone: string;
}

/**
 * The documents of a text, as its `---` lines separate them; those that contain only comments are left out, unless
 * there are no others. For a single document, the text up to the next `---` line.
 */
export async function splitDocuments(text: string): Promise<readonly [SplitDocument, ...SplitDocument[]]> {
  const whole: SplitDocument = { number: 1, part: text, alone: text };
  if (!/^---(?:\s|$)/m.test(text)) return [whole];
  const all = await spansOf(text);
  const spans = all.filter(({ isEmpty }) => !isEmpty);
  const [only] = spans;
  if (spans.length < 2) {
    if (!only || only === all.at(-1)) return [whole];
    // What follows is empty, and would still be another document to a reader of one.
    const part = text.slice(0, only.end);
    return [{ number: 1, part, alone: part }];
  }
  const documents = spans.map(({ start, end }, index) => ({
    number: index + 1,
    part: text.slice(start, end),
    alone: blank(text.slice(0, start)) + text.slice(start, end),
  }));
  return documents as [SplitDocument, ...SplitDocument[]];
}

interface SpanOfText {
  start: number;
  end: number;
  isEmpty: boolean;
}

/** What the lexer of `yaml` puts between the pieces of a text, and that is not a piece of it. */
const marks: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

async function spansOf(text: string): Promise<SpanOfText[]> {
  const { Lexer } = await import('yaml');
  let span: SpanOfText = { start: 0, end: 0, isEmpty: true };
  const spans = [span];
  let offset = 0;
  let inScalar = false;
  for (const token of new Lexer().lex(text)) {
    if (token === '---' && !inScalar) {
      span = { start: offset, end: offset, isEmpty: true };
      spans.push(span);
    } else if (!marks.has(token) && (inScalar || /^[^\s#%\ufeff]/.test(token)) && token !== '...') {
      span.isEmpty = false;
    }
    inScalar = token === '\u001f';
    if (!marks.has(token)) offset += token.length;
    span.end = offset;
  }
  return spans;
}

function blank(text: string): string {
  return text.replaceAll(/[^\r\n]/g, ' ');
}
