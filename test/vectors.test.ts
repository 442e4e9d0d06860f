import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildBundle } from '../src/bundle/build-bundle.js';
import { parseCreatedTime } from '../src/bundle/created-time.js';
import { gzipLevel1 } from '../src/gzip/gzip.js';
import { layerTar } from '../src/tekton/layers/layer-tar.js';
import { toCanonicalJson } from '../src/tekton/objects/canonical-json.js';
import type { TektonObject } from '../src/tekton/objects/object.js';
import { type ReadSources, readSources } from '../src/tekton/sources/read-sources.js';
import { parseYaml } from '../src/tekton/yaml/parse-yaml.js';
import { type ByteRule, bytesByRule, inputBytes, type VectorInput } from './vectors/cases/byte-rules.mjs';

// The answers in test/vectors/*.jsonl are Go's and tkn's own: npm run vectors.

interface YamlVector {
  readonly rule: string;
  readonly yaml: string;
  readonly json?: string;
  /** Instead of a long `json`. */
  readonly jsonSha256?: string;
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

interface SourceVector {
  readonly rule: string;
  readonly inputs: readonly VectorInput[];
  /** `drops`: a null document, which makes tkn repeat an object; `refuses`: what tkn accepts, `always`: even to be like tkn. */
  readonly ours?: 'drops' | 'refuses' | 'refuses always';
  readonly objects?: readonly VectorObject[];
  readonly error?: string;
}

interface VectorObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly json?: string;
  readonly diffId: string;
  readonly digest: string;
}

interface BundleVector {
  readonly rule: string;
  readonly inputs: readonly VectorInput[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ctime?: string;
  readonly epoch?: string;
  readonly compat?: boolean;
  readonly digest: string;
  readonly manifest: string;
  readonly config: string;
}

interface CreatedVector {
  readonly text: string;
  readonly created?: string;
  readonly ours?: 'refuses';
}

test('every YAML text becomes the JSON of Go, or is refused where Go refuses it', () => {
  const wrong: object[] = [];
  const vectors = read<YamlVector>('yaml');
  for (const { rule, yaml, json, jsonSha256, ours } of vectors) {
    const place = { file: 'vector.yaml', document: 1, line: 1 };
    const made = attempt(() => Buffer.from(toCanonicalJson(parseYaml(yaml, place).value)).toString());
    const wanted = ours === 'refuses' ? undefined : (json ?? jsonSha256);
    const found = jsonSha256 && made.value ? hash(Buffer.from(made.value)) : made.value;
    if (found !== wanted) wrong.push({ rule, yaml, wanted, made: made.value ?? made.error });
    if (wanted === undefined) expect(made.code, rule).toBe('YAML_INVALID');
  }
  expect(wrong).toEqual([]);
  expect(vectors.length).toBeGreaterThan(300);
});

test('every input is cut, read and ordered as tkn does it, or refused where tkn refuses it', () => {
  const wrong: object[] = [];
  const vectors = read<SourceVector>('sources');
  for (const { rule, inputs, ours, objects } of vectors) {
    const like = (tknCompat: boolean) => attempt(() => readSources(sourcesOf(inputs), { tknCompat }));
    const [plain, compatible] = [like(false), like(true)];
    const refused = objects === undefined || objects.length === 0 || ours?.startsWith('refuses');
    const expected = { plain: refused ? 'refused' : ours === 'drops' ? withoutRepeats(objects) : objects };
    const made = { plain: describe(plain, objects), compatible: describe(compatible, objects) };
    const wanted = {
      ...expected,
      compatible: ours === 'refuses always' ? 'refused' : (objects ?? 'refused'),
    };
    if (JSON.stringify(made) !== JSON.stringify(wanted)) wrong.push({ rule, inputs, made, wanted });
    if (ours === 'drops') expect(plain.value?.warnings.map(({ rule }) => rule)).toContain('null-document');
  }
  expect(wrong).toEqual([]);
  expect(vectors.length).toBeGreaterThan(100);
});

test('every bundle has the manifest and the config of tkn', () => {
  const vectors = read<BundleVector>('bundles');
  for (const { rule, inputs, annotations, labels, ctime, epoch, compat, ...wanted } of vectors) {
    const { objects } = readSources(sourcesOf(inputs), { tknCompat: compat === true });
    const created = ctime ?? (epoch && new Date(Number(epoch) * 1000).toISOString());
    const { image, digest } = buildBundle(objects, {
      ...(annotations && { annotations }),
      ...(labels && { labels }),
      ...(created && { created: parseCreatedTime(created) }),
    });
    expect(Buffer.from(image.config.bytes).toString(), rule).toBe(wanted.config);
    expect(Buffer.from(image.manifest.bytes).toString(), rule).toBe(wanted.manifest);
    expect(digest, rule).toBe(wanted.digest);
  }
  expect(vectors.length).toBeGreaterThan(25);
});

test('every time that --ctime takes is written as tkn writes it', () => {
  const vectors = read<CreatedVector>('created');
  for (const { text, created, ours } of vectors) {
    const made = attempt(() => parseCreatedTime(text));
    const wanted = ours === 'refuses' ? undefined : created;
    expect([text, made.value]).toEqual([text, wanted]);
    if (wanted === undefined) expect(made.code, text).toBe('USAGE');
  }
  expect(vectors.length).toBeGreaterThan(45);
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

function sourcesOf(inputs: readonly VectorInput[]) {
  return inputs.map((input, index) => ({ path: `input-${index}.yaml`, bytes: inputBytes(input) }));
}

/** What was read in the form of a vector; JSON text where the vector has it. */
function describe(
  { value, code }: { value?: ReadSources; code?: unknown },
  wanted: readonly VectorObject[] = [],
): unknown {
  if (value === undefined) return typeof code === 'string' ? 'refused' : 'failed';
  const layers = buildBundle(value.objects).objects;
  return value.objects.map((object, index) =>
    vectorObject(object, layers[index]!, wanted[0]?.json !== undefined),
  );
}

function vectorObject(
  { apiVersion, json }: TektonObject,
  { kind, name, diffId, layerDigest }: { kind: string; name: string; diffId: string; layerDigest: string },
  withJson: boolean,
): VectorObject {
  const version = apiVersion.slice(apiVersion.lastIndexOf('/') + 1);
  const text = withJson ? { json: Buffer.from(json).toString() } : {};
  return { apiVersion: version, kind, name, diffId, digest: layerDigest, ...text };
}

/** Without what tkn adds a second time at a null document. */
function withoutRepeats(objects: readonly VectorObject[]): VectorObject[] {
  return objects.filter(({ digest }, index) => digest !== objects[index - 1]?.digest);
}

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
