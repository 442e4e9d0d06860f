import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect } from 'vitest';
import { bad, type CommandRunner, good } from '../support/program/command-cases.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { testKey } from '../support/signing/signing-keys.js';
import { tempDir } from '../support/temp-dir.js';

async function keyFile() {
  const directory = tempDir();
  const { privatePem, publicPem } = await testKey('ed25519');
  const [key, pub] = [join(directory.path, 'a.key'), join(directory.path, 'a.pub')];
  writeFileSync(key, privatePem);
  writeFileSync(pub, publicPem);
  return {
    key,
    pub,
    directory: directory.path,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** The findings of lint rules about signatures of objects, by line. */
async function lintSignatures(words: readonly string[]) {
  const { code, stdout } = await runInProcess(['lint', ...words, '-o', 'json']);
  const { findings, error } = JSON.parse(stdout);
  const found = findings.filter(({ rule }: { rule: string }) => rule === 'refused-signature');
  return { code, error, found: found.map(({ line, severity }: Record<string, unknown>) => [line, severity]) };
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
  // The bundle holds the signature, and lint finds nothing wrong with it.
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

good('sign', 'objects of which lint --key finds what a cluster would refuse', async (runner) => {
  await using project = sampleProject({ repository: 'quay.io/acme', bundles: ['alpha', 'beta'] });
  await using keys = await keyFile();
  await using others = await keyFile();
  const config = ['--config', project.config];
  const unsigned = [4, 'warning'];
  expect((await lintSignatures([...config, '--key', keys.pub])).found).toEqual([unsigned, unsigned]);
  expect((await sign(runner, ['alpha', ...config, '--key', keys.key])).code).toBe(0);
  expect((await lintSignatures([...config, '--key', others.pub, '--key', keys.pub])).found).toEqual([
    unsigned,
  ]);
  const strict = ['alpha', ...config, '--rule', 'refused-signature=error', '--key'];
  expect((await lintSignatures([...strict, keys.pub])).code).toBe(0);
  const wrong = [5, 'error'];
  for (const words of [[others.pub], [keys.pub, '--tekton-version', '1.9']]) {
    const refused = await lintSignatures([...strict, ...words]);
    expect([refused.code, refused.error.code, refused.found]).toEqual([7, 'LINT_FAILED', [wrong]]);
  }
  const source = join(project.directory, 'pipelines/alpha.yaml');
  writeFileSync(source, readFileSync(source, 'utf8').replace('hello', 'bye'));
  expect((await lintSignatures([source, '--key', keys.pub])).found).toEqual([[5, 'warning']]);
  for (const words of [
    ['--tekton-version', '1.9'],
    ['--key', keys.pub, '--tekton-version', 'x'],
    ['--key', keys.key],
  ])
    expect((await lintSignatures([...config, ...words])).code, words.join(' ')).toBe(2);
});
