/** Line and column of an offset, both counted from 1; columns in characters. Reads the text from its start. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  let line = 1;
  let lineStart = 0;
  for (const match of before.matchAll(/\r\n|[\n\r\x85\u2028\u2029]/g)) {
    line++;
    lineStart = match.index + match[0].length;
  }
  return { line, column: [...before.slice(lineStart)].length + 1 };
}
