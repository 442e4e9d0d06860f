/** Why a YAML text was refused, and at which offset of it; `parseYaml` turns it into a `BundlesError`. */
export class YamlProblem extends Error {
  readonly offset: number;
  readonly hint: string | undefined;

  constructor(offset: number, message: string, hint?: string) {
    super(message);
    this.name = 'YamlProblem';
    this.offset = offset;
    this.hint = hint;
  }
}

export function unknownAlias(name: string, offset: number): YamlProblem {
  return new YamlProblem(
    offset,
    `found *${name}, and no &${name} before it`,
    'Quote a value that starts with *, or define the anchor above',
  );
}

/** A place in a text, both counted from 1; columns in characters. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Line and column of one offset. Reads the text up to it: for several offsets `createPositions` is quicker. */
export function positionAt(text: string, offset: number): TextPosition {
  // One character more: a line break of two characters counts as a whole.
  return createPositions(text.slice(0, offset + 1))(offset);
}

/** Gives line and column of any offset, having read the text once. */
export function createPositions(text: string): (offset: number) => TextPosition {
  const starts = endsOf(/\r\n|[\n\r\x85\u2028\u2029]/g, text);
  const halves = endsOf(/[\udc00-\udfff]/g, text);
  return (offset) => {
    const line = countUpTo(starts, offset);
    const lineStart = starts[line - 1] ?? 0;
    const inside = countUpTo(halves, offset) - countUpTo(halves, lineStart);
    return { line: line + 1, column: Math.max(0, offset - lineStart - inside) + 1 };
  };
}

function endsOf(pattern: RegExp, text: string): number[] {
  const ends: number[] = [];
  while (pattern.test(text)) ends.push(pattern.lastIndex);
  return ends;
}

/** How many of the ascending numbers are not larger than the limit. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
