import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKeyPair } from '../../src/signing/keys/private-key.js';
import { bad, type CommandRunner, good } from '../support/program/command-cases.js';
import { runCli } from '../support/program/run-cli.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { writeProgram } from '../support/program/write-program.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { type SampleProject, sampleProject } from '../support/samples/sample-project.js';
import { testKey } from '../support/signing/signing-keys.js';
import { tempDir } from '../support/temp-dir.js';

const password = 'a pässword of its own';
const environment = { COSIGN_PASSWORD: password };

/** Key files outside of any checkout. */
async function keyFiles(pair: { readonly privatePem: string; readonly publicPem: string }) {
  const directory = tempDir();
  const files = { key: join(directory.path, 'a.key'), pub: join(directory.path, 'a.pub') };
  writeFileSync(files.key, pair.privatePem);
  writeFileSync(files.pub, pair.publicPem);
  return { ...files, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

async function sign({ inProcess }: CommandRunner, words: readonly string[]) {
  const ran = await inProcess([...words, '-o', 'json'], { environment });
  return { ...ran, document: JSON.parse(ran.stdout) };
}

const verify = async (...words: string[]) => {
  const ran = await runInProcess(['verify', ...words, '-o', 'json']);
  return { code: ran.code, document: JSON.parse(ran.stdout) };
};

/** All that a run left in its directory, as one text. */
function contentsOf({ directory }: SampleProject): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8')).join('\n');
}

good('sign', 'declared bundles by an encrypted key, once, as verify finds', async (runner) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles: ['alpha', 'beta'] });
  await using keys = await keyFiles(await createKeyPair(password));
  await using others = await keyFiles(await testKey());
  const { code, result } = await runJson(['ensure', '--config', project.config]);
  expect(code).toBe(0);
  const words = ['--config', project.config, '--key', keys.key, '--debug', '--verbose'];
  const first = await sign(runner, words);
  const signed = { action: 'signed', written: ['referrer'], error: null };
  expect(first.document).toMatchObject({
    bundles: result.bundles.map(({ name, digest }) => ({ name, digest, ...signed })),
    summary: { signed: 2, held: 0, failed: 0 },
  });
  registry.seen.length = 0;
  const second = await sign(runner, words);
  expect(second.document).toMatchObject({ summary: { signed: 0, held: 2, failed: 0, requests: 6 } });
  expect(registry.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  for (const text of [first.stdout, first.stderr, contentsOf(project)]) {
    expect(text).not.toContain(password);
    expect(text).not.toContain('PRIVATE KEY');
  }

  const good = await verify('--config', project.config, '--key', others.pub, '--key', keys.pub);
  expect(good.code).toBe(0);
  expect(good.document.signatures).toMatchObject([
    { name: 'alpha', held: true, signatures: [{ storage: 'referrer', key: { file: keys.pub } }] },
    { name: 'beta', held: true },
  ]);
  const wrong = await verify('alpha', '--config', project.config, '--key', others.pub);
  expect(wrong.code).toBe(10);
  expect(wrong.document.signatures).toMatchObject([{ held: false, error: { code: 'SIGNATURE_MISSING' } }]);
  const inside = join(project.directory, 'own.pub');
  writeFileSync(inside, readFileSync(keys.pub));
  const own = await verify('--config', project.config, '--key', inside);
  expect([own.code, own.document.error.code]).toEqual([2, 'KEY_INVALID']);
});

good('sign', 'a reference in both forms, without a project', async (runner) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await using keys = await keyFiles(await testKey('ed25519'));
  await runJson(['ensure', '--config', project.config]);
  const reference = `${registry.host}/acme/alpha:v1.0.0`;
  const { document } = await sign(runner, [reference, '--key', keys.key, '--signature-storage', 'both']);
  expect(document.bundles).toMatchObject([{ name: reference, written: ['referrer', 'tag'] }]);
  const pinned = `${registry.host}/acme/alpha@${document.bundles[0].digest}`;
  const verified = await verify(reference, pinned, '--key', keys.pub);
  expect(verified.code).toBe(0);
  expect(
    verified.document.signatures.map(({ signatures }: { signatures: unknown[] }) => signatures.length),
  ).toEqual([2, 2]);
});

bad('sign', 'unfit keys and passwords, and what is not there', async (runner) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await using keys = await keyFiles(await createKeyPair('another'));
  await using plain = await keyFiles(await testKey());
  await runJson(['ensure', '--config', project.config]);
  const reference = `${registry.host}/acme/alpha:v1.0.0`;
  registry.seen.length = 0;
  expect((await runner.inProcess([reference])).code).toBe(2);
  const before = [
    [reference, '--key', keys.key],
    [reference, '--key', keys.pub],
    [reference, '--key', join(project.directory, 'missing.key')],
    [`${registry.host}/acme/alpha`, '--key', plain.key],
    ['gamma', '--config', project.config, '--key', plain.key],
  ];
  for (const words of before) expect((await sign(runner, words)).code, words.join(' ')).toBe(2);
  expect(registry.seen).toEqual([]);
  const missing = await sign(runner, [`${registry.host}/acme/alpha:v9`, reference, '--key', plain.key]);
  expect(missing.code).toBe(3);
  expect(missing.document).toMatchObject({
    bundles: [{ action: 'failed', error: { code: 'NOT_FOUND' } }, { action: 'signed' }],
  });
});

test('ensure --sign signs what it published or reuses, never a fallback, and records what it could not sign', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await using keys = await keyFiles(await createKeyPair(password));
  const words = ['ensure', '--config', project.config, '--sign', '--key', keys.key];
  const first = await runJson(words, { environment });
  expect(first.code).toBe(0);
  expect(first.bundle).toMatchObject({ outcome: 'published', signature: { action: 'signed', error: null } });
  registry.seen.length = 0;
  const warm = await runJson(words, { environment });
  expect(warm.bundle).toMatchObject({ outcome: 'reused', requests: 4, signature: { action: 'held' } });
  expect(registry.seen).toHaveLength(4);
  registry.seen.length = 0;
  const unsigned = await runJson(['ensure', '--config', project.config], { environment });
  expect([unsigned.bundle.signature, registry.seen.length]).toEqual([null, 1]);

  const settings = ['signing: {storage: both, annotations: {team: blue}}'];
  await using declared = sampleProject({ repository: `${registry.host}/declared`, settings });
  const both = await runJson(['ensure', '--config', declared.config, '--sign', '--key', keys.key], {
    environment,
  });
  expect(both.bundle.signature).toMatchObject({ action: 'signed', written: ['referrer', 'tag'] });

  await using other = sampleProject({ repository: `${registry.host}/other` });
  registry.intercept = ({ url }) =>
    url.includes('/referrers/') ? new Response('no', { status: 403 }) : undefined;
  const refused = await runJson(['ensure', '--config', other.config, '--sign', '--key', keys.key], {
    environment,
  });
  expect(refused.code).toBe(10);
  expect(refused.bundle).toMatchObject({
    outcome: 'published',
    error: null,
    signature: { action: 'failed', error: { code: 'SIGNATURE_FAILED' } },
  });
  expect(readFileSync(join(other.directory, 'bundles.lock'), 'utf8')).toContain(refused.bundle.digest);

  await using away = sampleProject({ repository: `${registry.host}/away` });
  const fell = await runJson(['ensure', '--config', away.config, '--no-push', '--sign', '--key', keys.key], {
    environment,
  });
  expect(fell.bundle).toMatchObject({ outcome: 'fallback', signature: { action: 'skipped' } });
  for (const wrong of [
    ['--sign'],
    ['--key', keys.key],
    ['--sign', '--key', keys.pub],
    ['--offline', '--sign', '--key', keys.key],
  ])
    expect((await runInProcess(['ensure', '--config', away.config, ...wrong], { environment })).code).toBe(2);
});

test('copy and promote demand a signature before anything moves, and the copy verifies by the same key', async () => {
  await using registry = await startGuardedRegistry();
  await using target = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await using keys = await keyFiles(await testKey());
  await using others = await keyFiles(await testKey());
  await runJson(['ensure', '--config', project.config]);
  const reference = `${registry.host}/acme/alpha:v1.0.0`;
  const copied = `${target.host}/copied/alpha:v1.0.0`;
  const copy = (key: string) => runInProcess(['copy', reference, copied, '--key', key]);
  const promote = (key: string) =>
    runInProcess(['promote', '--config', project.config, '--to', `${target.host}/prod`, '--key', key]);
  const refused = async () => {
    for (const ran of [await copy(others.pub), await promote(others.pub)]) expect(ran.code).toBe(10);
    expect(target.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
  };
  await refused();
  const signed = await runInProcess(['sign', reference, '--key', keys.key, '--signature-storage', 'both']);
  expect(signed.code).toBe(0);
  await refused();
  for (const ran of [await copy(keys.pub), await promote(keys.pub)]) expect(ran.code).toBe(0);
  const verified = await verify(copied, `${target.host}/prod/alpha:v1.0.0`, '--key', keys.pub);
  expect(verified.code).toBe(0);
  const storages = verified.document.signatures.map(({ signatures }: { signatures: { storage: string }[] }) =>
    signatures.map(({ storage }) => storage),
  );
  expect(storages).toEqual([
    ['referrer', 'tag'],
    ['referrer', 'tag'],
  ]);
  const inside = join(project.directory, 'own.pub');
  writeFileSync(inside, readFileSync(keys.pub));
  expect((await promote(inside)).code).toBe(2);
});

test('the password of a key reaches no program that is run, no command line and no file', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await using keys = await keyFiles(await createKeyPair(password));
  await using home = tempDir();
  const bin = join(home.path, 'bin');
  // A credential helper that writes down all that it can see of its parent and of itself.
  const lines = ['env > "$HOME/seen"', 'cat >> "$HOME/seen"', 'echo "$0 $*" >> "$HOME/seen"', 'exit 1'];
  writeProgram(bin, 'docker-credential-spy', lines);
  mkdirSync(join(home.path, '.docker'));
  writeFileSync(join(home.path, '.docker', 'config.json'), '{"credsStore": "spy"}');
  const env = { ...environment, HOME: home.path, PATH: `${bin}:${process.env.PATH}` };
  const words = ['ensure', '--config', project.config, '--push', '--sign', '--key', keys.key, '--verbose'];
  const ran = await runCli([...words, '--debug'], { env });
  expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
  const seen = readFileSync(join(home.path, 'seen'), 'utf8');
  expect(seen).toContain('docker-credential-spy get');
  for (const text of [seen, ran.stdout, ran.stderr, contentsOf(project)])
    expect(text).not.toContain(password);
});

test('many bundles are signed and verified at once without a word on standard error', async () => {
  await using registry = await startGuardedRegistry();
  const bundles = Array.from({ length: 24 }, (_, index) => `many-${index}`);
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles, workflow: false });
  await using keys = await keyFiles(await testKey());
  const config = ['--config', project.config];
  expect((await runInProcess(['ensure', ...config])).code).toBe(0);
  const signed = await runCli(['sign', ...config, '--key', keys.key, '-o', 'json']);
  expect([signed.stderr, JSON.parse(signed.stdout).summary]).toEqual([
    '',
    expect.objectContaining({ signed: 24 }),
  ]);
  const verified = await runCli(['verify', ...config, '--key', keys.pub]);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
});
