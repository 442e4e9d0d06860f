import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBundlesError } from '../../errors.js';
import { splitDocuments } from './split-documents.js';

const split = (text: string): string[] =>
  splitDocuments(text, 'a.yaml').map(({ syntax, text, line }) => `${line} ${syntax} ${text}`);

test.each<[string, string, string[]]>([
  ['nothing', '', []],
  ['a last line without newline', 'a: 1', ['1 yaml a: 1\n']],
  ['two documents', 'a: 1\n---\nb: 2\n', ['1 yaml a: 1\n', '3 yaml b: 2\n']],
  ['CRLF', 'a: 1\r\n---\r\nb: 2\r\n', ['1 yaml a: 1\n', '3 yaml b: 2\n']],
  ['a separator before everything', '---\na: 1\n', ['1 yaml ---\na: 1\n']],
  ['two separators', '---\n---\na: 1\n', ['1 yaml ---\n', '3 yaml a: 1\n']],
  ['a comment behind the separator', 'a: 1\n---\t# c\nb: 2\n', ['1 yaml a: 1\n', '3 yaml b: 2\n']],
  ['a separator at the end', 'a: 1\n---\n', ['1 yaml a: 1\n']],
  ['a blank line at the end', 'a: 1\n---\n\n', ['1 yaml a: 1\n', '3 yaml \n']],
  ['a separator inside block text', 'a: |\n  x\n---\n  y\n', ['1 yaml a: |\n  x\n', '4 yaml   y\n']],
  ['an indented ---', 'a: |\n  ---\n', ['1 yaml a: |\n  ---\n']],
  ['JSON kept as it is', ' {"a":  1.0}\n', ['1 json {"a":  1.0}']],
  ['two JSON values', '{"a":1}\n\n{"b":2}', ['1 json {"a":1}', '3 json {"b":2}']],
  ['strings with brackets', '{"a":"}\\"{"}[1]', ['1 json {"a":"}\\"{"}', '1 json [1]']],
  ['JSON, then null', '{"a":1} null', ['1 json {"a":1}', '1 json null']],
  ['JSON, then YAML', '{"a":1}\n---\nb: 2\n', ['1 json {"a":1}', '2 yaml ---\nb: 2\n']],
  ['YAML that starts like JSON', '{a: 1}\n---\nb: 2\n', ['1 yaml {a: 1}\n', '3 yaml b: 2\n']],
  ['JSON with a BOM', '\ufeff{"a":1}', ['1 yaml \ufeff{"a":1}\n']],
  ['blanks that fill the buffer', `${' '.repeat(4096)}{"a":1}`, [`1 yaml ${' '.repeat(4096)}{"a":1}\n`]],
  ['blanks that leave room', `${' '.repeat(4095)}{"a":1}`, ['1 json {"a":1}']],
])('splits %s', (_, text, documents) => {
  expect(split(text)).toEqual(documents);
});

test.each([
  ['text behind ---', 'a: 1\n--- foo\n', 2],
  ['four dashes', 'a: 1\n----\n', 2],
  ['a third JSON value that is broken', '{"a":1}{"b":2}\n{c: 3}\n', 2],
  ['a short rest behind JSON', '{"a":1}\n#', 2],
  ['broken JSON that is too short', '{a}', 1],
  ['a last line that Kubernetes loses', `a: 1\n${'x'.repeat(8192)}`, 2],
])('refuses %s', (_, text, line) => {
  expect(() => splitDocuments(text, 'a.yaml')).toThrowError(
    expect.objectContaining({
      code: 'YAML_INVALID',
      details: expect.objectContaining({ file: 'a.yaml', line }),
    }),
  );
});

test('no text makes it fail in any other way than by a refusal', () => {
  const parts = fc.constantFrom(
    '{',
    '}',
    '"',
    '\\',
    '{"a":1}',
    'null',
    '\n',
    '---',
    '\n---\n',
    '\r\n',
    ' ',
    '#',
    'x',
    '[',
    ']',
    '\u00a0',
    '\ufffd',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 20 }), (texts) => {
      const text = texts.join('');
      try {
        const lines = splitDocuments(text, 'f').map(({ line }) => line);
        expect(lines).toEqual(lines.toSorted((left, right) => left - right));
      } catch (error) {
        if (!isBundlesError(error, 'YAML_INVALID')) throw error;
      }
    }),
    { numRuns: 2000 },
  );
});
