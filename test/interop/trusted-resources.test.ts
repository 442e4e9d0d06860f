import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseReference } from '../../src/oci/reference.js';
import type { SigningKey } from '../../src/signing/keys/private-key.js';
import { objectSignature } from '../../src/signing/objects/object-signature.js';
import { verificationPolicy } from '../../src/signing/objects/verification-policy.js';
import { findMistyped } from '../../src/tekton/objects/check-fields.js';
import { objectType } from '../../src/tekton/objects/fields.js';
import { fromJson, fromJsonLiterally } from '../../src/tekton/objects/from-json.js';
import { quantityText } from '../../src/tekton/objects/go-texts.js';
import type { TektonObject } from '../../src/tekton/objects/object.js';
import type { TektonSide } from '../../src/tekton/objects/older-fields.js';
import { signedForm, UnsignableObject } from '../../src/tekton/objects/signed-form.js';
import { readSources } from '../../src/tekton/sources/read-sources.js';
import { findPeers } from '../support/peers.js';
import { runLines } from '../support/program/run-lines.js';
import { corpusFiles } from '../support/random/corpus.js';
import { mutatedObjects, richObjects } from '../support/random/mutated-objects.js';
import { signedPlaces } from '../support/signing/signed-places.js';
import { testKey } from '../support/signing/signing-keys.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('trusted', 'trusted-1.9');
const interop = test.skipIf(peers === undefined);
const sides = ['1.14', '1.9'] as const;
const source = 'index.docker.io/acme/tasks';

interface Answer {
  readonly decode?: string;
  readonly result?: string;
  readonly checksum?: string;
}

/** What VerifyResource of one version reports of objects, under the policy that we write for a key. */
async function verify(side: TektonSide, key: SigningKey, texts: readonly string[], from = source) {
  await using directory = tempDir();
  const policies = join(directory.path, 'policies.json');
  const policy = verificationPolicy([parseReference('docker.io/acme/tasks')], key.publicKey);
  writeFileSync(policies, JSON.stringify([policy]));
  const program = side === '1.9' ? peers!['trusted-1.9'] : peers!.trusted;
  return await runLines<Answer>(program, texts, [policies, from]);
}

function objectOf(text: string): TektonObject {
  const { apiVersion, kind } = JSON.parse(text);
  const origin = { file: 'a.json', document: 1, line: 1 };
  return { apiVersion, kind, name: 'a', json: Buffer.from(text), value: fromJson(text), origin };
}

/** The object with a signature; its other characters stay, since the value of a param may be kept as they are. */
function withSignature(text: string, signature: string): string {
  const object = JSON.parse(text);
  if (object.metadata === undefined)
    return `{"metadata":{"annotations":{"tekton.dev/signature":"${signature}"}},${text.slice(1)}`;
  object.metadata.annotations = { ...object.metadata.annotations, 'tekton.dev/signature': signature };
  return JSON.stringify(object);
}

function isSignable(text: string): boolean {
  const type = objectType(JSON.parse(text).apiVersion, JSON.parse(text).kind);
  if (type === undefined || findMistyped(fromJsonLiterally(text), type)) return false;
  try {
    for (const side of sides) signedForm(objectOf(text), side);
    return true;
  } catch (error) {
    if (error instanceof UnsignableObject) return false;
    throw error;
  }
}

const keyOf = async (type?: 'ed25519') => (await testKey(type)).signing;

interop(
  'Tekton 1.14 and 1.9 accept the corpus and 2,000 changed objects, each what is signed for it only',
  async () => {
    const corpus = corpusFiles().flatMap((path) =>
      readSources([{ path, bytes: readFileSync(path) }]).objects.map(({ json }) =>
        Buffer.from(json).toString(),
      ),
    );
    const bases = [...richObjects, ...corpus.map((text) => JSON.parse(text))].filter(({ kind }) =>
      ['Task', 'Pipeline'].includes(kind),
    );
    const changed = mutatedObjects(bases, { seed: 2026, count: corpus.length === 0 ? 12_000 : 6_000 })
      .map((object) => JSON.stringify(object))
      .filter(isSignable);
    const all = [...corpus.filter(isSignable), ...new Set(changed)];
    console.info(`trusted resources: ${all.length} objects, ${new Set(changed).size} of them changed`);
    expect(new Set(changed).size).toBeGreaterThan(2_000);
    const some = all.filter((_, index) => index % 5 === 0);
    for (const [key, texts] of [
      [await keyOf('ed25519'), all],
      [await keyOf(), some],
    ] as const) {
      for (const [at, side] of sides.entries()) {
        const signed = texts.map((text) => withSignature(text, objectSignature(objectOf(text), key, side)));
        const answers = await verify(side, key, signed);
        expect(signed.filter((_, index) => answers[index]?.result !== 'pass')).toEqual([]);
        const [other = side] = sides.filter((one) => one !== side);
        const crossed = await verify(other, key, signed);
        expect(signed.filter((_, index) => crossed[index]?.result !== 'error')).toEqual([]);
        if (at > 0) continue;
        const stranger = await verify(side, await keyOf(), signed.slice(0, 100));
        expect(stranger.every(({ result }) => result === 'error')).toBe(true);
        const elsewhere = await verify(side, key, signed.slice(0, 100), `${source}-2`);
        expect(elsewhere.every(({ result }) => result !== 'pass')).toBe(true);
      }
    }
  },
  300_000,
);

interop(
  'a change of any covered field is refused, and of nothing else, field by field of the table',
  async () => {
    const key = await keyOf('ed25519');
    const all = signedPlaces();
    for (const side of sides) {
      const places = all.filter(({ one, other }) => {
        try {
          return signedForm(objectOf(one), side) !== '' && signedForm(objectOf(other), side) !== '';
        } catch (error) {
          // Fields that came later.
          if (error instanceof UnsignableObject && side !== '1.14') return false;
          throw error;
        }
      });
      const texts = places.flatMap(({ one, other }) => {
        const signature = objectSignature(objectOf(one), key, side);
        return [withSignature(one, signature), withSignature(other, signature)];
      });
      const answers = await verify(side, key, texts);
      const wrong = places.filter(({ isCovered }, index) => {
        const [own, changed] = [answers[2 * index], answers[2 * index + 1]];
        return own?.result !== 'pass' || changed?.result !== (isCovered ? 'error' : 'pass');
      });
      const covered = places.filter(({ isCovered }) => isCovered).length;
      console.info(`trusted resources: Tekton ${side}: ${places.length} places, ${covered} covered`);
      expect(wrong.slice(0, 10)).toEqual([]);
      expect(places.length).toBeGreaterThan(all.length * 0.95);
    }
  },
  300_000,
);

interop(
  'quantities, durations and values of params in every form are hashed as Tekton hashes them',
  async () => {
    const task = (spec: string) =>
      `{"apiVersion":"tekton.dev/v1","kind":"Task","metadata":{"name":"a"},"spec":${spec}}`;
    const numbers = [
      '0',
      '1',
      '5',
      '007',
      '10',
      '1000',
      '1024',
      '1025',
      '1536',
      '2000000',
      '1.5',
      '1.500',
      '.5',
      '5.',
      '0.1',
      '0.0000000001',
      '1.0000000001',
      '123456789012345678',
      '1234567890123456789',
      '99999999999999999999',
      '1048576',
    ];
    const suffixes = [
      '',
      'n',
      'u',
      'm',
      'k',
      'M',
      'G',
      'T',
      'P',
      'E',
      'Ki',
      'Mi',
      'Gi',
      'Ti',
      'Pi',
      'Ei',
      'e0',
      'e3',
      'E4',
      'e-3',
      'e18',
      'e-10',
    ];
    const quantities = ['', '-', '+'].flatMap((sign) =>
      numbers.flatMap((number) => suffixes.map((suffix) => JSON.stringify(`${sign}${number}${suffix}`))),
    );
    const durations = [
      '0',
      '1h',
      '1h30m',
      '90s',
      '1.5h',
      '-1s',
      '+2m',
      '1500us',
      '1µs',
      '999ns',
      '1ms',
      '0.1ms',
      '59.999999999s',
      '2562047h47m16.854775807s',
    ];
    const values = [
      '1',
      '1.0',
      'true',
      'null',
      '""',
      '"a\\u2028<b"',
      '"\\ud800"',
      '[]',
      '{}',
      '["a", null]',
      '[1, "a"]',
      '{"b": null, "a": "x"}',
      '{"b": [1,  2]}',
      '{"\\uffff": "a", "\\ud83d\\ude00": "b"}',
      '[["a"]]',
    ];
    const texts = [
      ...[...quantities, '5', '1.5', '1e3', '0.5e1'].map((text) =>
        task(`{"steps":[{"computeResources":{"limits":{"memory":${text}}}}]}`),
      ),
      ...durations.map((text) => task(`{"steps":[{"timeout":"${text}"}]}`)),
      ...values.map((text) => task(`{"params":[{"name":"p","default":${text}}]}`)),
    ].filter(
      (text) => findMistyped(fromJsonLiterally(text), objectType('tekton.dev/v1', 'Task')!) === undefined,
    );
    const answers = await verify('1.14', await keyOf('ed25519'), texts);
    const differing = texts.filter((text, index) => {
      const { checksum } = answers[index] as Answer;
      return (
        checksum !==
        createHash('sha256')
          .update(signedForm(objectOf(text), '1.14'))
          .digest('hex')
      );
    });
    console.info(`trusted resources: ${texts.length} texts`);
    expect(differing).toEqual([]);
    expect(texts.length).toBeGreaterThan(1_000);
    // Beyond what anything has, Go's own arithmetic is not a guide.
    expect(quantityText('1e1001')).toBeUndefined();
  },
  120_000,
);
