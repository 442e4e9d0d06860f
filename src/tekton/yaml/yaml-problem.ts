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

/** Line and column of an offset, both counted from 1; columns in characters. Reads the text from its start. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const lineBreak = /\r\n|[\n\r\x85\u2028\u2029]/g;
  let line = 1;
  let lineStart = 0;
  while (lineBreak.test(text) && lineBreak.lastIndex <= offset) {
    line++;
    lineStart = lineBreak.lastIndex;
  }
  let column = 1;
  for (let at = lineStart; at < offset; at++) if (!/[\udc00-\udfff]/.test(text.charAt(at))) column++;
  return { line, column };
}
