import fc from 'fast-check';
import { load, loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { splitDocuments } from './split-documents.js';

test.each([
  ['one document', 'a: 1\n', [1]],
  ['one behind a separator', '---\na: 1\n', [1]],
  [
    'comments and empty documents between',
    '# head\n---\na: 1\n---\n# nothing\n---\na: 2\n...\n---\n',
    [1, 2],
  ],
  ['a separator within a block', 'a: |\n  x\n  ---\n  y\n', ['x\n---\ny\n']],
  ['a separator within quotes', 'a: "x\n  --- y"\n', ['x --- y']],
  ['content on the line of the separator', '--- {a: 1}\n--- {a: 2}\n', [1, 2]],
  ['line ends of Windows', 'a: 1\r\n---\r\na: 2\r\n', [1, 2]],
])('%s', async (_title, text, expected) => {
  const documents = await splitDocuments(text);
  expect(documents.map(({ part }) => (load(part) as { a: unknown }).a)).toEqual(expected);
  expect(documents.map(({ number }) => number)).toEqual(expected.map((_, index) => index + 1));
});

test('each document is alone, where it was', async () => {
  const [, second] = await splitDocuments('a: 1 # é\n---\nb: [\n  2]\n');
  expect(second?.alone).toBe('        \n---\nb: [\n  2]\n');
});

test('a text without any document is one, for its reader to refuse', async () => {
  for (const text of ['', '---\n---\n', '# nothing\n']) expect(await splitDocuments(text)).toHaveLength(1);
});

test('whatever values are written one behind the other, they are found again', async () => {
  const values = fc.array(fc.dictionary(fc.constantFrom('a', 'b'), fc.string(), { minKeys: 1 }), {
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(values, async (list) => {
      const text = list.map((value) => `---\n${JSON.stringify(value)}\n`).join('');
      const found = (await splitDocuments(text)).map(({ alone }) => load(alone));
      expect(found).toEqual(loadAll(text));
    }),
    { numRuns: 100 },
  );
});

test('an empty document at the end is not part of the only one', async () => {
  expect((await splitDocuments('a: 1\n---\n# more\n')).map(({ part }) => part)).toEqual(['a: 1\n']);
  expect((await splitDocuments('# why\n---\na: 1\n---\n')).map(({ part }) => part)).toEqual([
    '# why\n---\na: 1\n',
  ]);
  expect((await splitDocuments('---\na: 1\n')).map(({ part }) => part)).toEqual(['---\na: 1\n']);
});
