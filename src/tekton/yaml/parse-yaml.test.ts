import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBundlesError } from '../../errors.js';
import { toCanonicalJson } from '../objects/canonical-json.js';
import { parseYaml } from './parse-yaml.js';

const place = { file: 'a.yaml', document: 1, line: 1 };
const toJson = (text: string): string =>
  Buffer.from(toCanonicalJson(parseYaml(text, place).value)).toString();
const problemOf = (text: string): { message: string; details: Readonly<Record<string, unknown>> } => {
  try {
    parseYaml(text, place);
  } catch (error) {
    if (isBundlesError(error, 'YAML_INVALID')) return { message: error.message, details: error.details };
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(text)}`);
};

test.each([
  ['a: b\n', '{"a":"b"}'],
  ['a:\n- 1\n- 2\nb:\n  - 3\n', '{"a":[1,2],"b":[3]}'],
  ['- - a\n  - b\n-\n- c: d\n  e: f\n', '[["a","b"],null,{"c":"d","e":"f"}]'],
  ['? a\n: b\n? c\n', '{"a":"b","c":null}'],
  ['? |\n  k\n: v\n', '{"k\\n":"v"}'],
  ['{a: [b, c], d: {e: f}}\n', '{"a":["b","c"],"d":{"e":"f"}}'],
  ['[a, b: c, ? d : e]\n', '["a",{"b":"c"},{"d":"e"}]'],
  ['k: [\n1\n]\n', '{"k":[1]}'],
  ['{a, b: , "c":1}\n', '{"a":null,"b":null,"c":1}'],
  ['{a:,b:}\n', '{"a:":null,"b:":null}'],
  ['{e:1}\n', '{"e:1":null}'],
  ['- -1\n- --x\n- ?y\n- :z\n', '[-1,"--x","?y",":z"]'],
  ['"a":b\n', '"a"'],
  ['k: "x"#c\n', '{"k":"x"}'],
  ['k: a#b\nl: a #b\n', '{"k":"a#b","l":"a"}'],
  ['k: a\tb\t# c\n', '{"k":"a\\tb"}'],
  ['', 'null'],
  ['# only a comment\n', 'null'],
  ['---\n', 'null'],
  ['\ufeffa: 1\n', '{"a":1}'],
  ['%YAML 1.1\n---\na: 1\n', '{"a":1}'],
])('reads the structure of %j', (text, json) => {
  expect(toJson(text)).toBe(json);
});

test.each([
  ['k: a\n  b\n\n  c\n', '{"k":"a b\\nc"}'],
  ['k: a\r  b\r\n', '{"k":"a b"}'],
  ['k: "a\\\n  b"\n', '{"k":"ab"}'],
  ['k: "a\n\t b\n\n  c"\n', '{"k":"a b\\nc"}'],
  ["k: 'it''s\n  x'\n", '{"k":"it\'s x"}'],
  [
    'k: "\\0\\a\\b\\t\\n\\v\\f\\r\\e\\"\\\\\\N\\_\\L\\P"\n',
    '{"k":"\\u0000\\u0007\\b\\t\\n\\u000b\\f\\r\\u001b\\"\\\\\u0085\u00a0\\u2028\\u2029"}',
  ],
  ['k: "\\x41\\u00e9\\U0001F600"\n', '{"k":"Aé😀"}'],
  ['k: "c\u2028d"\n', '{"k":"c\\u2028d"}'],
  ['k: "c\u0085d"\n', '{"k":"c d"}'],
  ['k: |\n a\n  \tb\n\n\n', '{"k":"a\\n \\tb\\n"}'],
  ['k: |+\n a\n\n', '{"k":"a\\n\\n"}'],
  ['k: |-\n a\n\n', '{"k":"a"}'],
  ['k: |2\n    a\n', '{"k":"  a\\n"}'],
  ['k: |-1\n  a\n', '{"k":" a"}'],
  ['k: |#c\n  a\n', '{"k":"a\\n"}'],
  ['k: >\n a\n b\n\n  c\n d\n e\n', '{"k":"a b\\n\\n c\\nd e\\n"}'],
  ['k: |', '{"k":""}'],
  ['k: |\n a\n#c\nj: 1\n', '{"j":1,"k":"a\\n"}'],
])('reads the scalar of %j', (text, json) => {
  expect(toJson(text)).toBe(json);
});

test.each([
  ['b: &b {p: 1, q: 2}\nm: {<<: *b, p: 5}\n', '{"b":{"p":1,"q":2},"m":{"p":5,"q":2}}'],
  ['b: &b {p: 1}\nm: {p: 5, <<: *b}\n', '{"b":{"p":1},"m":{"p":1}}'],
  ['m: {<<: [{p: 1}, {p: 2, q: 3}]}\n', '{"m":{"p":1,"q":3}}'],
  ['m: {"<<": {p: 1}}\n', '{"m":{"\\u003c\\u003c":{"p":1}}}'],
  ['m: {! "<<": {p: 1}, !!merge x: 2}\n', '{"m":{"p":1,"x":2}}'],
  ['m: <<\n', '{"m":"\\u003c\\u003c"}'],
  ['- &a x\n- *a\n- &a z\n- *a\n', '["x","x","z","z"]'],
  ['k: &x\nj: *x\n', '{"j":null,"k":null}'],
  ['? &a k\n: v\n*a : w\n', '{"k":"w"}'],
  ['a: {b: {x: 1}, b: {z: 2}}\n', '{"a":{"b":{"z":2}}}'],
  ['1: a\n1: b\n0x1: c\n', '{"1":"c"}'],
])('reads merges, aliases and duplicate keys of %j', (text, json) => {
  expect(toJson(text)).toBe(json);
});

test.each([
  ['k: - x\n', 'found a list entry'],
  ['k: a: b\n', 'found ": "'],
  ['a: 1\n\tb: 2\n', 'found a tab that indents the next line'],
  ['a:\n\tb: 2\n', 'found a tab that indents a line'],
  ['k: @a\n', 'found @, which cannot start a value'],
  ['k: %x\n', 'found %, which cannot start a value'],
  ['k: "x\n', 'found no closing "'],
  ["k: 'x\n---\n", "found no closing '"],
  ['k: "\\/"\n', 'found the unknown escape \\/'],
  ['k: "\\ud83d\\ude00"\n', 'not a Unicode character'],
  ['k: "\\xg0"\n', 'hexadecimal digits'],
  ['k: *.txt\n', 'found *, which starts an alias,'],
  ['k: *nope\n', 'found *nope, and no &nope before it'],
  ['k: &a [*a]\n', 'inside its own value'],
  ['k: !e!x 1\n', 'no %TAG directive'],
  ['k: |0\n a\n', 'indentation indicator 0'],
  ['k: |x\n a\n', 'found text after the |'],
  ['k: |\n  \n\t a\n', 'found a tab where a block value'],
  ['k: [a b\n', 'found something else where "," or "]"'],
  ['k: {a b\n', 'found something else where "," or "}"'],
  ['k: [,]\n', 'found "," where a value'],
  ['a:\n  b: 1\n c: 2\n', 'found something else where a key is expected'],
  ['- a\n b: 1\n', 'found ": "'],
  ['"a\n  b": v\n', 'found ": "'],
  [': v\n', 'where a key is expected'],
  ['k: v\nw\nx: y\n', 'no ": " after it'],
  ['%YAML 1.2\n---\na: 1\n', 'found %YAML 1.2, wanted 1.1'],
  ['%FOO\n---\na: 1\n', 'unknown directive'],
  ['%YAML 1.1\na: 1\n', 'found no --- line'],
  ['k: a\u0001b\n', 'found U+0001'],
  ['k: "\u007f"\n', 'found U+007F'],
  ['k: "\uffff"\n', 'found U+FFFF'],
  ['k: a\ufeffb\n', 'byte order mark inside'],
  ['{[1]: 2}\n', 'found a collection as a key'],
  ['~: v\n', 'found an empty (null) key'],
  ['9223372036854775808: v\n', 'beyond 64 bits'],
  ['1: a\n"1": b\n', 'both "1" in JSON'],
  ['"true": a\nyes: b\n', 'both "true" in JSON'],
  ['1: a\n1.0: b\n', 'both "1" in JSON'],
  ['0.0: a\n-0.0: b\n', 'both "-0" in JSON'],
  ['.nan: a\n.NaN: b\n', 'both ".nan" in JSON'],
  ['m: {<<: 3}\n', 'found something else after <<'],
  ['m: {<<: [[]]}\n', 'found something else after <<'],
  ['k: .inf\n', 'a number that JSON cannot hold'],
  ['k: !!int x\n', 'with the tag !!int'],
  ['k: !!binary "@"\n', 'not base64'],
  ['k: !!binary "/w=="\n', 'not UTF-8'],
  ['[[[', 'found the end of the document'],
])('refuses %j', (text, message) => {
  expect(problemOf(text).message).toContain(message);
});

test('a refusal names file, document, line and column, counted in the file', () => {
  try {
    parseYaml('a: 1\nb: "😀" x\n', { file: 'p/a.yaml', document: 3, line: 10 });
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      code: 'YAML_INVALID',
      details: { file: 'p/a.yaml', document: 3, line: 11, column: 8 },
    });
    expect((error as Error).message).toContain('"p/a.yaml", document 3, line 11, column 8');
  }
});

test('text behind the document is reported with its line', () => {
  expect(parseYaml('a: 1\n...\n# c\n\nb: 2\n', place).ignoredLine).toBe(5);
  expect(parseYaml('{a: 1} b\n', place).ignoredLine).toBe(1);
  expect(parseYaml('a: 1\n... # c\n\n', place).ignoredLine).toBeUndefined();
});

test('a document that aliases blow up is refused', () => {
  const level = (name: string, below: string): string => `${name}: &${name} [${`*${below}, `.repeat(10)}]\n`;
  const bomb = ['a: &a [x, x]\n', level('b', 'a'), level('c', 'b'), level('d', 'c'), level('e', 'd')].join(
    '',
  );
  expect(problemOf(`${bomb}${level('f', 'e')}${level('g', 'f')}`).message).toContain('so many aliases');
  const copies = `a: &a ${'x'.repeat(300_000)}\nb: [${'*a, '.repeat(99)}]\n`;
  expect(problemOf(copies).message).toContain('so many aliases');
  expect(toJson('a: &a x\nb: [*a, *a]\n')).toBe('{"a":"x","b":["x","x"]}');
});

test('nesting has a limit of its own, far above what objects have', () => {
  expect(toJson(`${'['.repeat(400)}${']'.repeat(400)}`)).toHaveLength(800);
  expect(problemOf('['.repeat(100_000)).message).toContain('more than 500 collections');
  expect(problemOf('- '.repeat(100_000)).message).toContain('more than 500 collections');
});

test('a key may have 1024 characters and no more', () => {
  expect(toJson(`${'😀'.repeat(1024)}: v\n`)).toContain('"v"');
  expect(problemOf(`${'k'.repeat(1025)}: v\n`).message).toContain('found ": "');
});

test('keys named like members of Object.prototype are plain keys', () => {
  expect(toJson('__proto__: {a: 1}\nconstructor: 2\n')).toBe('{"__proto__":{"a":1},"constructor":2}');
});

test('reads what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      if (/\\u[dD][89a-fA-F]|[\x7f-\x9f\ufeff\ufffe\uffff\u2028\u2029]/.test(text)) return;
      const ours = JSON.parse(toJson(text));
      // Go writes -0 where JavaScript writes 0 already.
      expect(ours).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

const atoms = fc.constantFrom(
  ...[' ', '  ', '\n', '\t', ':', ': ', '- ', '? ', ',', '[', ']', '{', '}', '#', '&a ', '*a', '!', '!!str '],
  ...[
    '!!int ',
    '|',
    '>-',
    '"',
    "'",
    '\\',
    '%',
    '---',
    '...',
    '<<: ',
    '<<',
    '1',
    '0x',
    '.5',
    '~',
    'y',
    'é',
    '😀',
  ],
  ...['\u2028', '\u0085', '\ufeff', '\0', 'a', 'b: c\n', '- x\n'],
);

test('no text makes it fail in any other way than by a refusal', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(atoms, { maxLength: 25 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (input) => {
      try {
        toJson(input);
      } catch (error) {
        if (!isBundlesError(error, 'YAML_INVALID')) throw error;
        expect(error.details).toMatchObject({ file: 'a.yaml', document: 1 });
      }
    }),
    { numRuns: 3000 },
  );
});
