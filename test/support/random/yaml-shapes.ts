/** Texts of one shape each, of about `size` characters: what a reader could be slow at, or need much memory for. */
export const yamlShapes: Readonly<Record<string, (size: number) => string>> = {
  'a list in brackets': (size) => `[${fill('a,', size)}]`,
  'a list in brackets, each item another': (size) => `[${numbered(size, (id) => `${id},`)}]`,
  'mappings in brackets': (size) => `[${fill('{a: b, c: d, e: f},', size)}]`,
  'short mappings': (size) => `[${fill('{a: 1},', size)}]`,
  'JSON with white space': (size) => `[${fill('{"a": "b", "c": [1, 2], "d": "text"},\n', size)}]`,
  'a list of lines': (size) => fill('- a\n', size),
  'a mapping of lines': (size) => numbered(size, (id) => `${id}: v\n`),
  'one key again and again': (size) => fill('k: v\n', size),
  'one word': (size) => `k: ${'a'.repeat(size)}\n`,
  'many words on a line': (size) => `k: ${fill('a ', size)}\n`,
  'a word on each line': (size) => `k: a\n${fill('  b\n', size)}`,
  'one quoted word': (size) => `k: "${'a'.repeat(size)}"\n`,
  escapes: (size) => `k: "${fill('\\n', size)}"\n`,
  'many words in quotes': (size) => `k: "${fill('a ', size)}"\n`,
  'lines in quotes': (size) => `k: "${fill('a\n ', size)}"\n`,
  'doubled quotes': (size) => `k: '${fill("''", size)}'\n`,
  'blanks in quotes': (size) => `k: "${' '.repeat(size)}"\n`,
  'block text': (size) => `k: |\n${fill('  a line\n', size)}`,
  'block text of short lines': (size) => `k: |\n${fill(' a\n', size)}`,
  'block text of empty lines': (size) => `k: |+\n${'\n'.repeat(size)}`,
  'folded text': (size) => `k: >\n${fill(' a\n', size)}`,
  comments: (size) => `${fill('# c\n', size)}a: b\n`,
  'blank lines': (size) => `${'\n'.repeat(size)}a: b\n`,
  'wide characters in brackets': (size) => `[${fill('😀,', size)}]`,
  'wide keys': (size) => fill('😀: 😀\n', size),
  'one line of wide characters': (size) => `k: ${fill('😀', size)}\n`,
  'deep lists': (size) => `[${fill(`${'['.repeat(400)}${']'.repeat(400)},\n`, size)}]`,
  anchors: (size) => fill('- &a x\n', size),
  aliases: (size) => `- &a x\n${fill('- *a\n', size)}`,
  merges: (size) => `- &a {x: 1}\n${fill('- {<<: *a, y: 1, z: 2}\n', size)}`,
  'a list to merge': (size) => `- &a {x: 1}\n- <<: [${fill('*a,', size)}]\n`,
  tags: (size) => fill('- !!str 1\n', size),
  numbers: (size) => `[${fill('12345,', size)}]`,
  'one number': (size) => `[${'1'.repeat(size)}]`,
  'keys without values': (size) => `{${fill('? a,', size)}}`,
  'brackets that nobody closes': (size) => `[[${fill('"a",', size)}`,
  'quotes that nobody closes': (size) => `"${fill('a ', size)}`,
  'a fault at the end': (size) => `${fill('- a\n', size)}\t@`,
  dashes: (size) => fill('- - - - a\n', size),
};

function fill(text: string, size: number): string {
  return text.repeat(Math.ceil(size / text.length));
}

function numbered(size: number, line: (id: string) => string): string {
  const lines: string[] = [];
  let length = 0;
  for (let index = 0; length < size; index++) {
    const text = line(`q${index.toString(36).padStart(4, '0')}`);
    lines.push(text);
    length += text.length;
  }
  return lines.join('');
}
