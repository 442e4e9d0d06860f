import { expect, test } from 'vitest';
import { testKey } from '../../../test/support/signing/signing-keys.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import { hasObjectSignature } from './object-signature.js';
import { signSource } from './sign-source.js';
import { verificationPolicy } from './verification-policy.js';

const text = `# top
apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: a
spec: {steps: [{name: s, image: busybox}]}
---
{apiVersion: tekton.dev/v1beta1, kind: StepAction, metadata: {name: s}, spec: {image: busybox}}
---
{apiVersion: tekton.dev/v1, kind: Pipeline, metadata: {name: p}, spec: {tasks: [{name: t, taskRef: {name: a}}]}}
`;
const source = (content: string | Uint8Array) => ({ path: 'a.yaml', bytes: Buffer.from(content) });
const actions = ({ objects }: ReturnType<typeof signSource>) => objects.map(({ action }) => action);

test.each(['ed25519', 'ec'] as const)('with %s, what is signed already is left alone', async (algorithm) => {
  const { signing } = await testKey(algorithm);
  const first = signSource(source(text), signing, '1.14');
  expect(actions(first)).toEqual(['signed', 'skipped', 'signed']);
  const signed = Buffer.from(first.bytes).toString();
  const left = signed.replaceAll(/ {2}annotations:\n.*\n|annotations: \{[^}]*\}, /g, '');
  expect(left).toBe(text);
  const again = signSource(source(first.bytes), signing, '1.14');
  expect([actions(again), Buffer.from(again.bytes).toString()]).toEqual([
    ['held', 'skipped', 'held'],
    signed,
  ]);
  const [task] = readSources([source(first.bytes)]).objects;
  expect(
    (['1.14', '1.13', '1.9'] as const).map(
      (side) => task && hasObjectSignature(task, signing.publicKey, side),
    ),
  ).toEqual([true, true, false]);
  // Another key, and another cluster, take its place.
  expect(actions(signSource(source(signed), (await testKey()).signing, '1.14'))).toEqual([
    'signed',
    'skipped',
    'signed',
  ]);
  expect(actions(signSource(source(signed), signing, '1.9'))).toEqual(['signed', 'skipped', 'signed']);
  expect(actions(signSource(source(signed.replace('busybox', 'alpine')), signing, '1.14'))[0]).toBe('signed');
});

test('what cannot be signed is named with its line', async () => {
  const { signing } = await testKey('ed25519');
  const wrong = text.replace('taskRef', 'taskref');
  expect(() => signSource(source(wrong), signing, '1.14')).toThrow(
    expect.objectContaining({
      code: 'OBJECT_INVALID',
      details: expect.objectContaining({ file: 'a.yaml', line: 10 }),
    }),
  );
  const shared = text
    .replace('metadata:\n  name: a', 'metadata: &m\n  name: a')
    .replace('spec: {steps', 'status: *m\nspec: {steps');
  expect(() => signSource(source(shared), signing, '1.14')).toThrow(
    expect.objectContaining({ code: 'OBJECT_INVALID' }),
  );
});

test('a policy names repositories as the resolver does, whole and once', async () => {
  const { publicKey } = (await testKey()).signing;
  const policy = verificationPolicy(
    [
      { registry: 'quay.io', repository: 'acme/a.b' },
      { registry: 'docker.io', repository: 'acme/x' },
      { registry: 'quay.io', repository: 'acme/a.b' },
    ],
    publicKey,
  );
  expect(policy).toMatchObject({
    spec: {
      resources: [{ pattern: '^index\\.docker\\.io/acme/x$' }, { pattern: '^quay\\.io/acme/a\\.b$' }],
      authorities: [{ key: { data: publicKey.pem, hashAlgorithm: 'sha256' } }],
      mode: 'enforce',
    },
  });
});
