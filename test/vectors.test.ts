import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { gzipLevel1 } from '../src/gzip/gzip.js';
import { toCanonicalJson } from '../src/tekton/canonical-json.js';
import { layerTar } from '../src/tekton/layer-tar.js';
import { parseYaml } from '../src/tekton/yaml/parse-yaml.js';
import { type ByteRule, bytesByRule } from './vectors/cases/byte-rules.mjs';

// The answers in test/vectors/*.jsonl are Go's and tkn's own: npm run vectors.

interface YamlVector {
  readonly rule: string;
  readonly yaml: string;
  readonly json?: string;
  readonly error?: string;
  /** We refuse what Go accepts. */
  readonly ours?: 'refuses';
}

interface TarVector {
  readonly rule: string;
  readonly name: string;
  readonly text?: string;
  readonly repeat?: string;
  readonly length?: number;
  readonly size?: number;
  readonly sha256?: string;
  readonly header?: readonly (readonly [offset: number, text: string])[];
  readonly error?: string;
}

interface GzipVector {
  readonly rule: string;
  readonly bytes: ByteRule;
  readonly input: string;
  readonly size: number;
  readonly sha256: string;
}

test('every YAML text becomes the JSON of Go, or is refused where Go refuses it', () => {
  const wrong: object[] = [];
  const vectors = read<YamlVector>('yaml');
  for (const { rule, yaml, json, ours } of vectors) {
    const place = { file: 'vector.yaml', document: 1, line: 1 };
    const made = attempt(() => Buffer.from(toCanonicalJson(parseYaml(yaml, place).value)).toString());
    const wanted = ours === 'refuses' ? undefined : json;
    if (made.value !== wanted) wrong.push({ rule, yaml, wanted, made: made.value ?? made.error });
    if (wanted === undefined) expect(made.code, rule).toBe('YAML_INVALID');
  }
  expect(wrong).toEqual([]);
  expect(vectors.length).toBeGreaterThan(300);
});

test('every layer archive has the bytes of Go', () => {
  const vectors = read<TarVector>('tar');
  for (const { rule, name, text, repeat = '', length = 0, size, sha256, header = [], error } of vectors) {
    const content = Buffer.from(text ?? repeat.repeat(length));
    const made = attempt(() => Buffer.from(layerTar(name, content)));
    if (error !== undefined) {
      expect(made.code, rule).toBe('OBJECT_INVALID');
      continue;
    }
    expect(made.error, rule).toBeUndefined();
    for (const [offset, wanted] of header) {
      expect(made.value?.toString('latin1', offset, offset + wanted.length), `${rule} at ${offset}`).toBe(
        wanted,
      );
    }
    expect([made.value?.length, hash(made.value)], rule).toEqual([size, sha256]);
  }
  expect(vectors.length).toBeGreaterThan(40);
});

test('every input is compressed to the bytes of Go', () => {
  const wrong: string[] = [];
  const vectors = read<GzipVector>('gzip');
  for (const { rule, bytes, input, size, sha256 } of vectors) {
    const raw = bytesByRule(bytes);
    expect(hash(raw), `input of ${rule}`).toBe(input);
    const made = gzipLevel1(raw);
    if (made.length !== size || hash(made) !== sha256) wrong.push(rule);
  }
  expect(wrong).toEqual([]);
  expect(vectors.length).toBeGreaterThan(100);
});

function read<Vector>(name: string): Vector[] {
  const lines = readFileSync(new URL(`vectors/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Vector);
}

function attempt<Value>(action: () => Value): { value?: Value; error?: unknown; code?: unknown } {
  try {
    return { value: action() };
  } catch (error) {
    return { error, code: (error as { code?: unknown }).code };
  }
}

function hash(bytes: Uint8Array | undefined): string {
  return createHash('sha256')
    .update(bytes ?? '')
    .digest('hex');
}
