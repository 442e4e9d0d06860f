import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { isBundlesError } from '../src/errors.js';
import { layerTar } from '../src/tekton/layers/layer-tar.js';
import { toCanonicalJson } from '../src/tekton/objects/canonical-json.js';
import type { TektonObject } from '../src/tekton/objects/object.js';
import { readSources } from '../src/tekton/sources/read-sources.js';
import { parseYaml } from '../src/tekton/yaml/parse-yaml.js';
import { sharedPath, testWithShared } from './support/shared.js';

interface ExpectedDocument {
  readonly Name: string;
  readonly JsonSha: string;
  readonly Json: string;
  readonly DiffID: string;
}

interface ExpectedFile {
  readonly File: string;
  readonly Err: string;
  readonly Docs: readonly ExpectedDocument[] | null;
}

const lines = <T>(path: string): T[] =>
  readFileSync(sharedPath(path), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

testWithShared('vectors/yaml-to-json.jsonl')('YAML becomes the JSON that Go makes of it', () => {
  const refused: string[] = [];
  const vectors = lines<{ in: string; out?: string; err?: string }>('vectors/yaml-to-json.jsonl');
  for (const vector of vectors) {
    let ours: string | undefined;
    try {
      const { value } = parseYaml(vector.in, { file: 'vector', document: 1, line: 1 });
      ours = Buffer.from(toCanonicalJson(value)).toString();
    } catch (error) {
      if (!isBundlesError(error, 'YAML_INVALID')) throw error;
      if (vector.out !== undefined) refused.push(vector.in);
      continue;
    }
    expect({ in: vector.in, json: ours }).toEqual({ in: vector.in, json: vector.out });
  }
  expect(refused).toEqual(['k: !!binary "/w=="\n', 'k: "\ufeff"\n', 'k: \ufeffx\n']);
  expect(vectors.length).toBe(454);
  const told = readFileSync(new URL('../docs/explanation/yaml.md', import.meta.url), 'utf8');
  for (const rule of ['`!!binary` whose bytes are not UTF-8', 'byte order mark inside a document'])
    expect(told).toContain(rule);
});

const read = (path: string, name: string): TektonObject[] =>
  readSources([{ path: name, bytes: readFileSync(sharedPath(path)) }], { tknCompat: true }).objects;

testWithShared('vectors/split.jsonl')('files are split as tkn splits them', () => {
  const files = lines<ExpectedFile>('vectors/split.jsonl');
  expect(files.length).toBe(32);
  for (const { File, Err, Docs } of files) {
    if (Err !== '') {
      expect(() => read(`vectors/${File}`, File), File).toThrowError(
        expect.objectContaining({ name: 'BundlesError' }),
      );
      continue;
    }
    const ours = read(`vectors/${File}`, File).map(({ name, json }) => ({
      Name: name,
      Json: Buffer.from(json).toString(),
      DiffID: sha256(layerTar(name, json)),
    }));
    expect(ours, File).toEqual((Docs ?? []).map(({ Name, Json, DiffID }) => ({ Name, Json, DiffID })));
  }
});

testWithShared('vectors/corpus.jsonl')(
  'every file of public catalogs becomes the layers that tkn makes',
  () => {
    for (const { File, Docs } of lines<ExpectedFile>('vectors/corpus.jsonl')) {
      const ours = read(`corpus/${File}`, File).map(({ name, json }) => ({
        Name: name,
        JsonSha: sha256(json),
        DiffID: sha256(layerTar(name, json)),
      }));
      expect(ours, File).toEqual(
        (Docs ?? []).map(({ Name, JsonSha, DiffID }) => ({ Name, JsonSha, DiffID })),
      );
    }
  },
);
