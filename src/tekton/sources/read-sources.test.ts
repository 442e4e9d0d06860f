import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBundlesError } from '../../errors.js';
import { fromJson } from '../objects/from-json.js';
import { readSources } from './read-sources.js';

const source = (path: string, text: string | Uint8Array) => ({ path, bytes: Buffer.from(text) });
const task = (name: string, rest = ''): string =>
  `apiVersion: tekton.dev/v1\nkind: Task\nmetadata:\n  name: ${name}\n${rest}`;
const names = (objects: readonly { name: string }[]): string[] => objects.map(({ name }) => name);
const refusalOf = (task: () => unknown): { code: string; message: string; details: object } => {
  try {
    task();
  } catch (error) {
    if (isBundlesError(error)) return error;
    throw error;
  }
  throw new Error('was accepted');
};

test('objects carry their canonical JSON and where they come from', () => {
  const { objects, warnings } = readSources([source('a.yaml', `# c\n---\n${task('x')}---\n${task('z')}`)]);
  expect(warnings).toEqual([]);
  expect(objects).toEqual([
    expect.objectContaining({
      apiVersion: 'tekton.dev/v1',
      kind: 'Task',
      name: 'x',
      json: Buffer.from('{"apiVersion":"tekton.dev/v1","kind":"Task","metadata":{"name":"x"}}'),
      origin: { file: 'a.yaml', document: 2, line: 3 },
    }),
    expect.objectContaining({ name: 'z', origin: { file: 'a.yaml', document: 3, line: 8 } }),
  ]);
});

test('an object keeps its content beside its bytes', () => {
  const yaml = source('a.yaml', task('x', 'spec: {n: 12345678901234567890, f: 1.0}\n'));
  const json = source(
    'b.json',
    '{"apiVersion":"tekton.dev/v1","kind":"Task","metadata":{"name":"y"},"n":12345678901234567890}',
  );
  for (const { json: bytes, value } of readSources([yaml, json]).objects)
    expect(value).toEqual(fromJson(Buffer.from(bytes).toString()));
});

test('JSON keeps its own bytes', () => {
  const json = '{"kind":"Task",  "apiVersion":"tekton.dev/v1",\n "metadata":{"name":"x"},"a":1.0,"b":"<é>"}';
  const [object] = readSources([source('a.json', `${json}\n`)]).objects;
  expect(Buffer.from(object!.json).toString()).toBe(json);
});

test('files are ordered by the sha256 of their bytes, documents stay as they are', () => {
  const sources = ['c', 'a', 'b', 'd'].map((name) =>
    source(name, `${task(`${name}2`)}---\n${task(`${name}1`)}`),
  );
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const expected = sources
    .toSorted((left, right) => (hash(left.bytes) < hash(right.bytes) ? -1 : 1))
    .flatMap(({ path }) => [`${path}2`, `${path}1`]);
  expect(names(readSources(sources).objects)).toEqual(expected);
  expect(names(readSources(sources.toReversed()).objects)).toEqual(expected);
});

test('a null document behind an object is left out with a warning, and repeats it under tknCompat', () => {
  const sources = [source('a.yaml', `# head\n---\n${task('x')}---\n# tail\n`)];
  const read = readSources(sources);
  expect(names(read.objects)).toEqual(['x']);
  expect(read.warnings).toEqual([
    expect.objectContaining({ rule: 'null-document', file: 'a.yaml', line: 8 }),
  ]);
  expect(names(readSources(sources, { tknCompat: true }).objects)).toEqual(['x', 'x']);
});

test('a null document before every object is left out everywhere', () => {
  const sources = [source('a.yaml', `null\n---\n${task('x')}`)];
  expect(readSources(sources).warnings).toEqual([
    expect.objectContaining({ rule: 'null-document', line: 1 }),
  ]);
  expect(names(readSources(sources, { tknCompat: true }).objects)).toEqual(['x']);
});

test('text that Tekton ignores is warned about', () => {
  const { warnings } = readSources([source('a.yaml', `${task('x')}...\n${task('z')}`)]);
  expect(warnings).toEqual([expect.objectContaining({ rule: 'ignored-text', file: 'a.yaml', line: 6 })]);
});

test('two objects of one kind and name are refused with both places, except under tknCompat', () => {
  const sources = [source('a.yaml', `${task('x')}---\n${task('x', 'spec: {}\n')}`)];
  const { code, message } = refusalOf(() => readSources(sources));
  expect(code).toBe('OBJECT_DUPLICATE');
  expect(message).toContain('"a.yaml", document 1, line 1');
  expect(message).toContain('"a.yaml", document 2, line 6');
  expect(names(readSources(sources, { tknCompat: true }).objects)).toEqual(['x', 'x']);
});

test('the versions of one kind count as one, the kinds of one name do not', () => {
  const beta = task('x').replace('/v1', '/v1beta1');
  expect(refusalOf(() => readSources([source('a', `${task('x')}---\n${beta}`)])).code).toBe(
    'OBJECT_DUPLICATE',
  );
  const pipeline = task('x').replace('Task', 'Pipeline');
  expect(readSources([source('a', `${task('x')}---\n${pipeline}`)]).objects).toHaveLength(2);
});

test('at most 20 objects; tknCompat counts files', () => {
  const many = (count: number): string =>
    Array.from({ length: count }, (_, index) => task(`t${index}`)).join('---\n');
  expect(readSources([source('a', many(20))]).objects).toHaveLength(20);
  expect(refusalOf(() => readSources([source('a', many(21))])).code).toBe('TOO_MANY_OBJECTS');
  expect(readSources([source('a', many(21))], { tknCompat: true }).objects).toHaveLength(21);
  const files = Array.from({ length: 21 }, (_, index) => source(`${index}`, task(`t${index}`)));
  expect(refusalOf(() => readSources(files, { tknCompat: true })).code).toBe('TOO_MANY_OBJECTS');
});

test('no object at all is refused', () => {
  expect(refusalOf(() => readSources([]))).toMatchObject({ code: 'OBJECT_INVALID' });
  expect(refusalOf(() => readSources([source('a.yaml', '# c\n')]))).toMatchObject({ code: 'OBJECT_INVALID' });
});

test('a file above 4 MiB is refused unread', () => {
  const bytes = Buffer.alloc(50 * 1024 * 1024, 'a: b\n');
  expect(refusalOf(() => readSources([{ path: 'a.yaml', bytes }]))).toMatchObject({
    code: 'SOURCE_TOO_LARGE',
  });
});

test('a file that is not UTF-8 is refused with its line', () => {
  const bytes = Buffer.concat([Buffer.from('a: 1\nb: '), Buffer.from([0xff, 10])]);
  expect(refusalOf(() => readSources([{ path: 'a.yaml', bytes }]))).toMatchObject({
    code: 'YAML_INVALID',
    details: { file: 'a.yaml', line: 2 },
  });
});

test('a field of a wrong type is named with file, document, line, column and path', () => {
  const text = `${task('x')}---\n${task('z', 'spec:\n  steps:\n  - name: a\n  - image: 3.11\n')}`;
  const { code, message, details } = refusalOf(() => readSources([source('a.yaml', text)]));
  expect(code).toBe('OBJECT_INVALID');
  expect(message).toContain('"a.yaml", document 2, line 13');
  expect(message).toContain('spec.steps[1].image is the number 3.11, wanted a string');
  expect(details).toMatchObject({ document: 2, line: 13, column: 12, path: ['spec', 'steps', 1, 'image'] });
});

test('a large file is read', () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `  k${index}: [a, "b", {c: d}]\n`).join('');
  expect(readSources([source('a.yaml', task('x', `spec:\n${lines}`))]).objects).toHaveLength(1);
});

test('no bytes make it fail in any other way than by a refusal', () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc
      .constantFrom(task('x'), '---\n', '{"kind":"Task"}', 'null\n', '...\n', '\ufeff', '# c\n')
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      try {
        readSources([{ path: 'a.yaml', bytes: Buffer.concat(parts) }]);
      } catch (error) {
        if (!isBundlesError(error)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});
