import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect } from 'vitest';
import { bad, type CommandRunner, good } from '../support/command-cases.js';
import { runInProcess, runJson } from '../support/run-in-process.js';
import { sampleProject } from '../support/sample-project.js';
import { testKey } from '../support/signing-keys.js';
import { tempDir } from '../support/temp-dir.js';

async function keyFile() {
  const directory = tempDir();
  const { privatePem } = await testKey('ed25519');
  const key = join(directory.path, 'a.key');
  writeFileSync(key, privatePem);
  return { key, directory: directory.path, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

async function sign({ inProcess }: CommandRunner, words: readonly string[]) {
  const ran = await inProcess(['--objects', ...words, '-o', 'json']);
  return { code: ran.code, document: JSON.parse(ran.stdout) };
}

good('sign', 'the objects of declared bundles in their sources, with a policy, once', async (runner) => {
  await using project = sampleProject({ repository: 'quay.io/acme', bundles: ['alpha', 'beta'] });
  await using keys = await keyFile();
  const policy = join(keys.directory, 'policy.yaml');
  const words = ['--config', project.config, '--key', keys.key];
  const first = await sign(runner, [...words, '--policy', policy]);
  expect([first.code, first.document.summary]).toEqual([0, { signed: 2, held: 0, skipped: 0, failed: 0 }]);
  expect(first.document).toMatchObject({
    tekton: '1.14',
    policy,
    files: [{ changed: true }, { changed: true }],
  });
  const source = join(project.directory, 'pipelines/alpha.yaml');
  const signed = readFileSync(source, 'utf8');
  expect(signed).toContain('  annotations:\n    tekton.dev/signature: "');
  expect(load(readFileSync(policy, 'utf8'))).toMatchObject({
    kind: 'VerificationPolicy',
    spec: { resources: [{ pattern: '^quay\\.io/acme/alpha$' }, { pattern: '^quay\\.io/acme/beta$' }] },
  });
  const again = await sign(runner, words);
  expect(again.document.summary).toMatchObject({ signed: 0, held: 2 });
  expect(readFileSync(source, 'utf8')).toBe(signed);
  // The bundle holds the signature, and lint has nothing to say of it.
  expect((await runJson(['ensure', '--offline', '--config', project.config])).code).toBe(0);
  expect((await runInProcess(['lint', '--config', project.config])).stdout).not.toContain(
    'refused-signature',
  );
  const older = await runner.inProcess(['--objects', source, '--key', keys.key, '--tekton-version', '1.9.0']);
  expect([older.code, older.stdout]).toEqual([0, expect.stringContaining('before 1.10')]);
  expect(readFileSync(source, 'utf8')).not.toBe(signed);
});

bad(
  'sign',
  'objects that no signature would cover, versions that are none, and policies for files',
  async (runner) => {
    await using project = sampleProject({ repository: 'quay.io/acme', bundles: ['alpha', 'beta'] });
    await using keys = await keyFile();
    const words = ['--config', project.config, '--key', keys.key];
    const source = join(project.directory, 'pipelines/alpha.yaml');
    const policy = join(keys.directory, 'policy.yaml');
    for (const wrong of [
      [...words, '--tekton-version', 'latest'],
      [source, '--key', keys.key, '--policy', policy],
      ['alpha', source, '--key', keys.key],
      ['gamma', ...words],
    ])
      expect((await sign(runner, wrong)).code, wrong.join(' ')).toBe(2);
    expect(existsSync(policy)).toBe(false);
    expect((await runner.inProcess([...words, '--policy', policy])).code).toBe(2);
    writeFileSync(source, readFileSync(source, 'utf8').replace('script:', 'scirpt:'));
    const { code, document } = await sign(runner, words);
    expect([code, document.summary]).toEqual([7, { signed: 1, held: 0, skipped: 0, failed: 1 }]);
    expect(document.files[0]).toMatchObject({ changed: false, error: { code: 'OBJECT_INVALID' } });
  },
);
