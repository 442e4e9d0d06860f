import fc from 'fast-check';
import { afterAll, afterEach, expect, test } from 'vitest';
import { handledRegistry } from '../../../test/support/registry/handled-registry.js';
import { sampleImage } from '../../../test/support/samples/sample-image.js';
import { startSigstoreAuthority } from '../../../test/support/signing/sigstore-authority.js';
import { systemClock } from '../../async/system-clock.js';
import { writeImage } from '../../content/write-image.js';
import { createNodeTransport } from '../../http/connect/node-transport.js';
import { attestDigest } from '../attest-digest.js';
import { signDigest } from '../sign-digest.js';
import { verifyAttestations, verifySignatures } from '../verify-signatures.js';
import type { TrustedIdentity } from './certificate-verifier.js';
import { findTokenSource, readIdentityToken } from './identity-token.js';
import { createKeylessSigner, type SigstoreServices } from './keyless-signer.js';
import { readServiceUrl } from './service.js';
import { createCertificateVerifier } from './sigstore-verifier.js';

const authority = await startSigstoreAuthority();
const transport = createNodeTransport();
const client = { send: transport, clock: systemClock };
afterAll(async () => {
  await transport.close();
  await authority[Symbol.asyncDispose]();
});

const url = readServiceUrl('--fulcio-url', authority.url);
const all: Record<'v1' | 'v2' | 'stamped', [SigstoreServices, string]> = {
  v1: [
    { fulcio: url, rekor: { url, version: 1 }, timestamps: undefined },
    authority.trustedRoot({ log: 1, timestamps: false }),
  ],
  v2: [{ fulcio: url, rekor: { url, version: 2 }, timestamps: url }, authority.trustedRoot({ log: 2 })],
  stamped: [{ fulcio: url, rekor: undefined, timestamps: url }, authority.trustedRoot({ log: 'none' })],
};
const workflow = 'https://github.com/acme/tasks/.github/workflows/release.yaml@refs/heads/main';
const issuer = 'https://token.actions.githubusercontent.com';
const image = sampleImage('keyless');
const { digest } = image.manifest.descriptor;

function signerFor(kind: keyof typeof all, identity = workflow) {
  const [services, root] = all[kind];
  const verifier = createCertificateVerifier(root, 'root.json');
  const source = findTokenSource({ SIGSTORE_ID_TOKEN: authority.token(identity) });
  return createKeylessSigner({ client, services, source, verifier });
}

function trusted(kind: keyof typeof all, identity = workflow, from = issuer): TrustedIdentity {
  return {
    verifier: createCertificateVerifier(all[kind][1], 'root.json'),
    shown: identity,
    accepts: (facts) => facts.identity === identity && facts.issuer === from,
  };
}

afterEach(() => {
  for (const name of Object.keys(authority.faults) as (keyof typeof authority.faults)[])
    delete authority.faults[name];
});

async function opened(registry: ReturnType<typeof handledRegistry>) {
  const target = registry.client
    .repository({ registry: 'registry.test', repository: 'acme/hello' })
    .forPush();
  await writeImage(target, image, { tag: 'v1' });
  return target;
}

test.each(['v1', 'v2', 'stamped'] as const)(
  'an identity signs and attests once by one certificate, and is verified, with %s',
  async (kind) => {
    await using registry = handledRegistry();
    const repository = await opened(registry);
    const signer = signerFor(kind);
    const before = authority.seen.length;
    expect(await signDigest(repository, digest, signer)).toMatchObject({ action: 'signed' });
    const what = { predicateType: 'https://acme.test/v1', predicate: { a: 1 } };
    expect(await attestDigest(repository, digest, signer, what)).toMatchObject({ action: 'attested' });
    // Another run of the same workflow.
    for (const again of [signer, signerFor(kind)]) {
      expect(await signDigest(repository, digest, again)).toMatchObject({ action: 'held' });
      expect(await attestDigest(repository, digest, again, what)).toMatchObject({ action: 'held' });
    }
    const asked = authority.seen.slice(before).filter((line) => line.endsWith('/signingCert'));
    expect(asked).toHaveLength(2);
    const report = await verifySignatures(repository, digest, [trusted(kind)]);
    expect(report.held).toBe(true);
    const signature = report.signatures.find((one) => one.kind === 'signature');
    expect(signature).toMatchObject({ held: true, key: null, certificate: { identity: workflow, issuer } });
    const wanted = [[what.predicateType]];
    expect((await verifyAttestations(repository, digest, [trusted(kind)], { wanted })).held).toBe(true);
  },
);

/** A bundle as an authority with faults makes it, which no verification has seen. */
async function unseenBundle(kind: keyof typeof all) {
  const [services] = all[kind];
  const facts = { identity: workflow, issuer };
  const verifier = { verify: () => ({ facts, problem: null }), factsOf: () => facts };
  const source = findTokenSource({ SIGSTORE_ID_TOKEN: authority.token(workflow) });
  const signer = createKeylessSigner({ client, services, source, verifier });
  const subject = [{ name: 'registry.test/acme/hello', digest: { sha256: digest.slice(7) } }];
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  };
  const { bytes } = await signer.signStatement(statement);
  return JSON.parse(new TextDecoder().decode(bytes));
}

const other = await startSigstoreAuthority();
afterAll(() => other[Symbol.asyncDispose]());
const check = (bundle: unknown, root: string) =>
  createCertificateVerifier(root, 'root.json').verify(Buffer.from(JSON.stringify(bundle)));

test.each<[string, keyof typeof all, () => void, ((bundle: never) => void)?, string?]>([
  ['an expired certificate', 'v1', () => (authority.faults.expiredMinutes = 30)],
  ['an expired certificate that an authority dates', 'v2', () => (authority.faults.expiredMinutes = 30)],
  ['a certificate for servers', 'stamped', () => (authority.faults.forServers = true)],
  ['an entry of another signature', 'v1', () => (authority.faults.otherEntry = true)],
  ['an entry of another signature in a log of version 2', 'v2', () => (authority.faults.otherEntry = true)],
  ['a certificate of another authority', 'v1', () => undefined, undefined, other.trustedRoot()],
  [
    'a bundle without an entry',
    'v1',
    () => undefined,
    ({ verificationMaterial }: Bundle) => (verificationMaterial.tlogEntries = []),
  ],
  [
    'a bundle without a timestamp',
    'stamped',
    () => undefined,
    ({ verificationMaterial }: Bundle) =>
      (verificationMaterial.timestampVerificationData.rfc3161Timestamps = []),
  ],
  [
    'a changed payload',
    'v1',
    () => undefined,
    ({ dsseEnvelope }: Bundle) => (dsseEnvelope.payload = `${dsseEnvelope.payload.slice(0, -8)}AAAAAAA=`),
  ],
  [
    'an entry dated otherwise',
    'v1',
    () => undefined,
    ({ verificationMaterial }: Bundle) =>
      (verificationMaterial.tlogEntries[0]!.integratedTime = '1700000000'),
  ],
  [
    'a checkpoint with a pattern for a name',
    'v2',
    () => undefined,
    ({
      verificationMaterial: {
        tlogEntries: [entry],
      },
    }: Bundle) => {
      const { checkpoint } = entry!.inclusionProof;
      checkpoint.envelope = checkpoint.envelope.replace('\u2014 rekor.test', '\u2014 (.+)+x');
    },
  ],
  ['a root that wants a log of certificates', 'v1', () => undefined, undefined, withCertificateLog()],
])('%s does not verify', async (_, kind, spoil, change, root = all[kind][1]) => {
  const whole = await unseenBundle(kind);
  expect(check(whole, all[kind][1]).problem).toBeNull();
  spoil();
  const bundle = await unseenBundle(kind);
  (change as ((bundle: unknown) => void) | undefined)?.(bundle);
  const { facts, problem } = check(bundle, root);
  expect(facts).toBeNull();
  expect(problem).toMatch(/\w/);
});

interface Bundle {
  readonly verificationMaterial: {
    tlogEntries: {
      integratedTime: string;
      readonly inclusionProof: { readonly checkpoint: { envelope: string } };
    }[];
    readonly timestampVerificationData: { rfc3161Timestamps: object[] };
  };
  readonly dsseEnvelope: { payload: string };
}

function withCertificateLog(): string {
  const root = JSON.parse(authority.trustedRoot({ log: 1, timestamps: false }));
  return JSON.stringify({ ...root, ctlogs: root.tlogs });
}

test('a certificate of the identity that is wanted counts for its own subject and type alone', async () => {
  await using registry = handledRegistry();
  const repository = await opened(registry);
  await signDigest(repository, digest, signerFor('v1'));
  const verify = (...whom: TrustedIdentity[]) => verifySignatures(repository, digest, whom);
  expect((await verify(trusted('v1', `${workflow}x`), trusted('v1'))).held).toBe(true);
  for (const refused of [trusted('v1', `${workflow}x`), trusted('v1', workflow, 'https://issuer.test')]) {
    const report = await verify(refused);
    // Who did sign is proven all the same.
    expect(report).toMatchObject({
      held: false,
      signatures: [{ held: false, problem: null, certificate: { identity: workflow } }],
    });
  }
  expect(await verify(trusted('stamped'))).toMatchObject({
    held: false,
    signatures: [{ certificate: null, problem: expect.stringMatching(/\w/) }],
  });
  const wanted = [['https://sigstore.dev/cosign/sign/v2']];
  expect((await verifyAttestations(repository, digest, [trusted('v1')], { wanted })).held).toBe(false);
  const image2 = sampleImage('another');
  await writeImage(repository, image2, { tag: 'v2' });
  const referrers = await repository.referrers(digest);
  const moved = { ...repository, referrers: async () => referrers };
  const report = await verifySignatures(moved, image2.manifest.descriptor.digest, [trusted('v1')]);
  expect(report).toMatchObject({ held: false, signatures: [{ certificate: null }] });
});

test('no change of a bundle verifies as another statement, and none makes the verification throw', async () => {
  const whole = JSON.stringify(await unseenBundle('v1'));
  const verifier = createCertificateVerifier(all.v1[1], 'root.json');
  const { payload } = JSON.parse(whole).dsseEnvelope;
  fc.assert(
    fc.property(
      fc.nat({ max: whole.length - 1 }),
      fc.constantFrom('A', '0', '"', '{', '', '9'),
      (at, sign) => {
        const text = whole.slice(0, at) + sign + whole.slice(at + 1);
        const { facts } = verifier.verify(Buffer.from(text));
        if (facts === null) return;
        const changed = Buffer.from(JSON.parse(text).dsseEnvelope.payload, 'base64');
        expect(changed.equals(Buffer.from(payload, 'base64'))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('a trusted root is one document or one a line, only', () => {
  const [, root] = all.v1;
  const lines = `${all.v2[1]}\n${root}\n`;
  expect(() => createCertificateVerifier(lines, 'root.jsonl')).not.toThrow();
  for (const text of [
    '',
    '{',
    '[]',
    '{}',
    'null',
    root.replace('trustedroot', 'other'),
    root.replace(/"rawBytes":"[^"]+"/, '"rawBytes":"AA=="'),
  ])
    expect(() => createCertificateVerifier(text, 'root.json'), text.slice(0, 80)).toThrow(
      expect.objectContaining({ code: 'KEY_INVALID' }),
    );
});

test('an identity token is a JWT with a subject, and no message repeats it', async () => {
  const jwt = (claims: unknown) => `aaaa.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.cccc`;
  const read = (text: string) => readIdentityToken({ kind: 'text', text, from: 'test' }, client);
  expect(await read(`${jwt({ sub: 'a' })}\n`)).toMatchObject({ subject: 'a' });
  expect(await read(jwt({ sub: 'a', email: 'b@c', email_verified: true }))).toMatchObject({ subject: 'b@c' });
  const bad = [
    '',
    'a.b',
    'a.b.c',
    jwt({}),
    jwt(null),
    jwt([]),
    jwt({ sub: 1 }),
    jwt({ sub: 'a', email: 'b@c' }),
    `a b.c.d`,
    'x'.repeat(70_000),
  ];
  for (const text of bad) {
    const error = await read(text).catch((cause: unknown) => cause);
    expect(error, text.slice(0, 60)).toMatchObject({ code: 'IDENTITY_MISSING' });
    if (text.length > 12) expect(String(error)).not.toContain(text.slice(0, 12));
  }
});
