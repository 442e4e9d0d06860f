import fc from 'fast-check';
import { expect, test } from 'vitest';
import { handledRegistry } from '../../test/support/registry/handled-registry.js';
import { referrerlessRegistry } from '../../test/support/registry/referrerless-registry.js';
import { contentOf as blobOf, sampleImage } from '../../test/support/samples/sample-image.js';
import { testKey } from '../../test/support/signing/signing-keys.js';
import { createMemoryStore } from '../content/memory-store.js';
import type { CompanySource } from '../content/referrers-of.js';
import { writeImage } from '../content/write-image.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Content } from '../oci/image.js';
import { artifactManifest, contentOf } from './attach-artifact.js';
import type { SigningKey } from './keys/private-key.js';
import { signDigest } from './sign-digest.js';
import {
  bundleHolds,
  bundleMediaType,
  parseBundle,
  type SignedSubject,
  signaturePredicate,
  statementBundle,
  statementOf,
} from './sigstore-bundle.js';
import { signatureLayer, signatureTag, simplePayload, withSignature } from './simple-signing.js';
import { requireSignature, verifySignatures } from './verify-signatures.js';

const place = { registry: 'registry.test', repository: 'acme/hello' };
const name = 'registry.test/acme/hello';
const image = sampleImage('signed');
const subject = image.manifest.descriptor;
const signed = { name, digest: subject.digest };
const other = { name, digest: sampleImage('other').manifest.descriptor.digest };
const p256 = await testKey();
const ed25519 = await testKey('ed25519');
const stranger = await testKey();
const empty = contentOf('{}', 'application/vnd.oci.empty.v1+json');

const signatureBundle = (of: SignedSubject, key: SigningKey) =>
  statementBundle(statementOf(of, signaturePredicate, {}), key);

function statement(changes: object = {}): object {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: subject.digest.slice(7) } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
    ...changes,
  };
}

/** A store in which these blobs refer to the image, listed as the test specifies. */
async function storeWith(
  bundles: readonly Content[],
  list: (descriptor: Descriptor) => Descriptor = (descriptor) => descriptor,
): Promise<CompanySource> {
  const store = createMemoryStore();
  await writeImage(store, image, { tag: 'v1' });
  const referrers: Descriptor[] = [];
  for (const content of bundles) {
    const manifest = artifactManifest(subject, { artifactType: bundleMediaType, content });
    for (const { descriptor, bytes } of [empty, content, manifest]) await store.write(descriptor, bytes);
    referrers.push(list(manifest.descriptor));
  }
  return { ...store, referrers: async () => referrers };
}

test.each([
  ['P-256', p256, 'referrer'],
  ['P-256', p256, 'tag'],
  ['Ed25519', ed25519, 'both'],
] as const)(
  'signDigest() with %s signs as requested, once, and verification names the key that matched',
  async (_, key, storage) => {
    await using registry = handledRegistry();
    const repository = registry.client.repository(place).forPush();
    await writeImage(repository, image, { tag: 'v1' });
    const forms = storage === 'both' ? ['referrer', 'tag'] : [storage];
    expect(await signDigest(repository, subject.digest, key.signing, { storage })).toEqual({
      digest: subject.digest,
      action: 'signed',
      written: forms,
    });
    registry.seen.length = 0;
    const again = await signDigest(repository, subject.digest, key.signing, { storage });
    expect(again).toMatchObject({ action: 'held', written: [] });
    expect(registry.seen.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([]);
    if (storage !== 'both') expect(registry.seen).toHaveLength(3);
    const report = await verifySignatures(repository, subject.digest, [stranger.trusted, key.trusted]);
    expect(report.held).toBe(true);
    const by = { file: 'test.pub', fingerprint: key.trusted.key.fingerprint };
    expect(report.signatures.map((one) => [one.storage, one.held, one.key, one.name])).toEqual(
      forms.map((form) => [form, true, by, name]),
    );
    await expect(requireSignature(repository, signed, [stranger.trusted])).rejects.toMatchObject({
      code: 'SIGNATURE_MISSING',
    });
  },
);

test.each([
  ['of another image', () => signatureBundle(other, p256.signing), 'signature'],
  ['by another key', () => signatureBundle(signed, stranger.signing), 'signature'],
  [
    'that is provenance',
    () => statementBundle(statement({ predicateType: 'https://slsa.dev/provenance/v1' }), p256.signing),
    'attestation',
  ],
  [
    'of another statement type',
    () => statementBundle(statement({ _type: 'https://in-toto.io/Statement/v2' }), p256.signing),
    'unreadable',
  ],
  ['without a subject', () => statementBundle(statement({ subject: [] }), p256.signing), 'signature'],
  ['that is not JSON', () => contentOf('{', bundleMediaType), 'unreadable'],
  [
    'without an envelope',
    () => contentOf(JSON.stringify({ mediaType: bundleMediaType }), bundleMediaType),
    'unreadable',
  ],
] as const)('a bundle %s is not a signature, and hides none that is', async (_, bundle, kind) => {
  const report = await verifySignatures(await storeWith([bundle()]), subject.digest, [p256.trusted]);
  expect(report).toMatchObject({ held: false, signatures: [{ kind, held: false, key: null }] });
  const both = await storeWith([bundle(), signatureBundle(signed, p256.signing)]);
  expect(await requireSignature(both, signed, [p256.trusted])).toMatchObject({ held: true });
});

test('lists of referrers are not believed: wrong or missing types and annotations are read for themselves', async () => {
  const bundles = [
    statementBundle(
      statement({ _type: 'https://in-toto.io/Statement/v0.1', predicate: undefined }),
      p256.signing,
    ),
  ];
  for (const artifactType of [undefined, '', 'application/vnd.oci.empty.v1+json', bundleMediaType]) {
    const store = await storeWith(bundles, (one) => ({
      ...one,
      ...(artifactType === undefined ? {} : { artifactType }),
    }));
    expect((await verifySignatures(store, subject.digest, [p256.trusted])).held, artifactType).toBe(true);
  }
  const listedAsAttestation = await storeWith(
    [statementBundle(statement({ predicateType: 'https://slsa.dev/provenance/v1' }), p256.signing)],
    (one) => ({
      ...one,
      annotations: { 'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1' },
    }),
  );
  expect((await verifySignatures(listedAsAttestation, subject.digest, [p256.trusted])).held).toBe(false);
});

test('more candidates than anybody needs are refused, and what is not a bundle is not read', async () => {
  const plain = await storeWith([blobOf('an SBOM', 'text/spdx')], (one) => ({
    ...one,
    artifactType: 'text/spdx',
  }));
  const reading = { ...plain, read: () => Promise.reject(new Error('was read')) };
  expect(await verifySignatures(reading, subject.digest, [p256.trusted])).toMatchObject({ signatures: [] });
  const [first] = await (plain.referrers as () => Promise<Descriptor[]>)();
  const many = Array.from({ length: 201 }, () => ({
    ...(first as Descriptor),
    artifactType: bundleMediaType,
  }));
  const flooded = { ...plain, referrers: async () => many };
  await expect(verifySignatures(flooded, subject.digest, [p256.trusted])).rejects.toMatchObject({
    code: 'TOO_LARGE',
  });
});

test('what cosign would misread is refused: a bundle hides the layers of other keys, and any bundle hides a tag', async () => {
  await using registry = handledRegistry();
  const repository = registry.client.repository(place).forPush();
  await writeImage(repository, image, { tag: 'v1' });
  await signDigest(repository, subject.digest, stranger.signing, { storage: 'tag' });
  const hidden = { code: 'SIGNATURE_HIDDEN', details: { digest: subject.digest } };
  for (const storage of ['referrer', 'both'] as const)
    await expect(signDigest(repository, subject.digest, p256.signing, { storage })).rejects.toMatchObject(
      hidden,
    );
  await signDigest(repository, subject.digest, p256.signing, { storage: 'tag' });
  await signDigest(repository, subject.digest, stranger.signing, { storage: 'tag' });
  const report = await verifySignatures(repository, subject.digest, [p256.trusted, stranger.trusted]);
  expect(report.signatures.map(({ held }) => held)).toEqual([true, true]);

  const second = registry.client.repository({ ...place, repository: 'acme/second' }).forPush();
  await writeImage(second, image, { tag: 'v1' });
  await signDigest(second, subject.digest, stranger.signing);
  await expect(signDigest(second, subject.digest, p256.signing, { storage: 'tag' })).rejects.toMatchObject(
    hidden,
  );
  expect(await signDigest(second, subject.digest, p256.signing, { storage: 'both' })).toMatchObject({
    written: ['referrer', 'tag'],
  });
});

test.each(['referrer', 'tag'] as const)(
  'four signers at once on a registry without a referrers API: no signature is lost in the form %s',
  async (storage) => {
    await using registry = referrerlessRegistry();
    const repository = () => registry.client().repository(place).forPush();
    await writeImage(repository(), image, { tag: 'v1' });
    const keys = await Promise.all(Array.from({ length: 4 }, () => testKey()));
    const options = { storage };
    await Promise.all(keys.map(({ signing }) => signDigest(repository(), subject.digest, signing, options)));
    const trusted = keys.map(({ trusted }) => trusted);
    const report = await verifySignatures(repository(), subject.digest, trusted);
    const fingerprints = report.signatures.map(({ key }) => key?.fingerprint);
    expect(fingerprints.sort()).toEqual(trusted.map(({ key }) => key.fingerprint).sort());
  },
);

test('the bytes are those of cosign: payload, image of signatures and envelope', async () => {
  const payload = simplePayload(signed);
  expect(new TextDecoder().decode(payload.bytes)).toBe(
    `{"critical":{"identity":{"docker-reference":"${name}"},"image":{"docker-manifest-digest":"${subject.digest}"},"type":"cosign container image signature"},"optional":null}`,
  );
  const { manifest, config } = withSignature(undefined, signatureLayer(payload, ed25519.signing));
  expect(JSON.parse(new TextDecoder().decode(config.bytes))).toMatchObject({
    rootfs: { type: 'layers', diff_ids: [payload.descriptor.digest] },
  });
  expect(JSON.parse(new TextDecoder().decode(manifest.bytes))).toMatchObject({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    layers: [
      { mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json', digest: payload.descriptor.digest },
    ],
  });
  expect(signatureTag(subject.digest)).toBe(`sha256-${subject.digest.slice(7)}.sig`);
  expect(signatureBundle(signed, ed25519.signing)).toEqual(signatureBundle(signed, ed25519.signing));
  const bundle = JSON.parse(new TextDecoder().decode(signatureBundle(signed, p256.signing).bytes));
  expect(bundle).toMatchObject({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: p256.trusted.key.hint } },
    dsseEnvelope: { payloadType: 'application/vnd.in-toto+json' },
  });
});

test('no change of a signed payload or of its signature holds', () => {
  const { payload, signature, ...rest } = parseBundle(signatureBundle(signed, ed25519.signing).bytes);
  const flip = (bytes: Buffer, at: number, bit: number) => {
    const changed = Buffer.from(bytes);
    changed[at % bytes.length]! ^= 1 << bit;
    return changed;
  };
  expect(bundleHolds({ ...rest, payload, signature }, ed25519.trusted.key)).toBe(true);
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 7 }), fc.boolean(), (at, bit, inPayload) => {
      const changed = inPayload
        ? { ...rest, payload: flip(payload, at, bit), signature }
        : { ...rest, payload, signature: flip(signature, at, bit) };
      expect(bundleHolds(changed, ed25519.trusted.key)).toBe(false);
    }),
  );
});
