import { expect, test } from 'vitest';
import { handledRegistry } from '../../test/support/registry/handled-registry.js';
import { referrerlessRegistry } from '../../test/support/registry/referrerless-registry.js';
import { sampleImage } from '../../test/support/samples/sample-image.js';
import { testKey } from '../../test/support/signing/signing-keys.js';
import { writeImage } from '../content/write-image.js';
import { attestDigest } from './attest-digest.js';
import { readPredicateTypes } from './predicate-types.js';
import { signDigest } from './sign-digest.js';
import { verifyAttestations, verifySignatures } from './verify-signatures.js';

const place = { registry: 'registry.test', repository: 'acme/hello' };
const image = sampleImage('attested');
const { digest } = image.manifest.descriptor;
const p256 = await testKey();
const ed25519 = await testKey('ed25519');
const stranger = await testKey();
const vuln = 'https://cosign.sigstore.dev/attestation/vuln/v1';
const scan = { predicateType: vuln, predicate: { scanner: { result: [1, { b: 2, a: null }] } } };

async function opened(registry: ReturnType<typeof handledRegistry>, repository = place.repository) {
  const target = registry.client.repository({ ...place, repository }).forPush();
  await writeImage(target, image, { tag: 'v1' });
  return target;
}

test.each([
  ['P-256', p256, 'referrer'],
  ['P-256', p256, 'tag'],
  ['Ed25519', ed25519, 'both'],
] as const)(
  'attestDigest() with %s attests the same once, and something else once more',
  async (_, key, storage) => {
    await using registry = handledRegistry();
    const repository = await opened(registry);
    const forms = storage === 'both' ? ['referrer', 'tag'] : [storage];
    const attested = await attestDigest(repository, digest, key.signing, { ...scan, storage });
    expect(attested).toEqual({ digest, action: 'attested', written: forms });
    registry.seen.length = 0;
    // The order of keys does not matter.
    const predicate = { scanner: { result: [1, { a: null, b: 2 }] } };
    const again = await attestDigest(repository, digest, key.signing, { ...scan, predicate, storage });
    expect(again).toEqual({ digest, action: 'held', written: [] });
    expect(registry.seen.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([]);
    const other = { ...scan, predicate: { scanner: 'other' }, storage };
    expect(await attestDigest(repository, digest, key.signing, other)).toMatchObject({ action: 'attested' });
    const wanted = [readPredicateTypes('vuln')];
    const report = await verifyAttestations(repository, digest, [stranger.trusted, key.trusted], { wanted });
    expect(report.held).toBe(true);
    const { fingerprint } = key.trusted.key;
    const by = { file: 'test.pub', fingerprint };
    const found = { kind: 'attestation', predicateType: vuln, held: true, key: by };
    expect(report.signatures).toHaveLength(2 * forms.length);
    for (const form of forms)
      for (const said of [scan.predicate, other.predicate])
        expect(report.signatures).toContainEqual(
          expect.objectContaining({ ...found, storage: form, predicate: said }),
        );
    for (const refused of [
      await verifyAttestations(repository, digest, [stranger.trusted], { wanted }),
      await verifyAttestations(repository, digest, [key.trusted], {
        wanted: [...wanted, ['https://other.test/v1']],
      }),
      await verifySignatures(repository, digest, [key.trusted]),
    ])
      expect(refused.held).toBe(false);
  },
);

test('with an Ed25519 key the same attestation has the same digest in every registry', async () => {
  const digests = new Set<string>();
  for (const storage of ['referrer', 'both'] as const) {
    await using registry = handledRegistry();
    const repository = await opened(registry);
    await attestDigest(repository, digest, ed25519.signing, { ...scan, storage });
    const [first] = await repository.referrers(digest);
    digests.add(first?.digest ?? '');
    expect(first?.annotations).toMatchObject({ 'dev.sigstore.bundle.predicateType': vuln });
  }
  expect(digests.size).toBe(1);
});

test('a signature or an attestation of another type or image is not an attestation of the type wanted', async () => {
  await using registry = handledRegistry();
  const repository = await opened(registry);
  await signDigest(repository, digest, p256.signing);
  await attestDigest(repository, digest, p256.signing, {
    predicateType: 'https://spdx.dev/Document',
    predicate: { spdxVersion: 'SPDX-2.3' },
  });
  const verify = (...types: string[]) =>
    verifyAttestations(repository, digest, [p256.trusted], { wanted: types.map(readPredicateTypes) });
  const unread = (await verify('vuln')).signatures.map((one) => [one.kind, one.held, one.predicate]);
  expect(unread.sort()).toEqual([
    ['attestation', false, null],
    ['signature', false, null],
  ]);
  // Both spellings of one type are accepted.
  expect((await verify('spdx')).held).toBe(true);
  expect((await verify('spdx', 'vuln')).held).toBe(false);
  expect((await verify('https://spdx.dev/Document/v2.3')).held).toBe(false);
  // Moved to another image by anyone who may push.
  const other = sampleImage('another');
  await writeImage(repository, other, { tag: 'v2' });
  const referrers = await repository.referrers(digest);
  const moved = { ...repository, referrers: async () => referrers };
  const report = await verifyAttestations(moved, other.manifest.descriptor.digest, [p256.trusted], {
    wanted: [readPredicateTypes('spdx')],
  });
  expect([report.held, report.signatures.map(({ key }) => key)]).toEqual([false, [null, null]]);
});

test('what cosign would no longer see, or would not see, is refused', async () => {
  await using registry = handledRegistry();
  const hidden = { code: 'SIGNATURE_HIDDEN', details: { digest } };
  const cases: [string, (repository: Awaited<ReturnType<typeof opened>>) => Promise<unknown>][] = [
    ['acme/a', (one) => signDigest(one, digest, stranger.signing, { storage: 'tag' })],
    ['acme/b', (one) => attestDigest(one, digest, stranger.signing, { ...scan, storage: 'tag' })],
  ];
  for (const [name, before] of cases) {
    const repository = await opened(registry, name);
    await before(repository);
    await expect(attestDigest(repository, digest, p256.signing, scan)).rejects.toMatchObject(hidden);
    const tagged = { ...scan, storage: 'tag' } as const;
    expect(await attestDigest(repository, digest, p256.signing, tagged)).toMatchObject({ written: ['tag'] });
  }
  const repository = await opened(registry, 'acme/c');
  await signDigest(repository, digest, p256.signing);
  const late = attestDigest(repository, digest, p256.signing, { ...scan, storage: 'tag' });
  await expect(late).rejects.toMatchObject(hidden);
  // Its own older signature is in no danger: cosign accepts the bundle of the same key.
  const own = await opened(registry, 'acme/d');
  await signDigest(own, digest, p256.signing, { storage: 'tag' });
  expect(await attestDigest(own, digest, p256.signing, scan)).toMatchObject({ action: 'attested' });
  // A first signature would hide an attestation, even one of the same signer; an attestation as a referrer already does.
  const attested = await opened(registry, 'acme/e');
  await attestDigest(attested, digest, p256.signing, { ...scan, storage: 'tag' });
  for (const storage of ['referrer', 'both'] as const)
    await expect(signDigest(attested, digest, p256.signing, { storage })).rejects.toMatchObject(hidden);
  const sign = (storage: 'referrer' | 'tag') => signDigest(attested, digest, p256.signing, { storage });
  expect(await sign('tag')).toMatchObject({ written: ['tag'] });
  await attestDigest(attested, digest, p256.signing, scan);
  expect(await sign('referrer')).toMatchObject({ written: ['referrer'] });
});

test('signers and attesters at once on a registry without a referrers API lose nothing', async () => {
  await using registry = referrerlessRegistry();
  const repository = () => registry.client().repository(place).forPush();
  await writeImage(repository(), image, { tag: 'v1' });
  const keys = await Promise.all([testKey(), testKey()]);
  await Promise.all(
    keys.flatMap(({ signing }) => [
      signDigest(repository(), digest, signing),
      attestDigest(repository(), digest, signing, scan),
    ]),
  );
  const trusted = keys.map((key) => key.trusted);
  const wanted = [readPredicateTypes('vuln')];
  const holding = ({ signatures }: { signatures: readonly { held: boolean }[] }) =>
    signatures.filter(({ held }) => held).length;
  expect(holding(await verifySignatures(repository(), digest, trusted))).toBe(2);
  expect(holding(await verifyAttestations(repository(), digest, trusted, { wanted }))).toBe(2);
});

test('readPredicateTypes() takes names and URIs, and not the type of signatures', () => {
  expect(readPredicateTypes('slsaprovenance1')).toEqual(['https://slsa.dev/provenance/v1']);
  expect(readPredicateTypes('https://acme.test/p')).toEqual(['https://acme.test/p']);
  for (const word of ['', 'slsa', 'toString', 'https://sigstore.dev/cosign/sign/v1', 'a:', 'https://a b'])
    expect(() => readPredicateTypes(word), word).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
