import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { type TestKey, testKey } from '../support/signing/signing-keys.js';
import { tempDir } from '../support/temp-dir.js';

const github = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/tasks',
  GITHUB_WORKFLOW_REF: 'acme/tasks/.github/workflows/release.yaml@refs/heads/main',
  GITHUB_SHA: 'a'.repeat(40),
  GITHUB_REF: 'refs/heads/main',
};
const quiet = ['-o', 'json', '-q'];
const { GITHUB_ACTIONS: _, ...outside } = github;

/** Key files outside of any checkout, and a place for predicates. */
function keyFiles(key: TestKey) {
  const directory = tempDir();
  const files = { key: join(directory.path, 'a.key'), pub: join(directory.path, 'a.pub') };
  writeFileSync(files.key, key.privatePem);
  writeFileSync(files.pub, key.publicPem);
  const write = (name: string, text: string) => {
    writeFileSync(join(directory.path, name), text);
    return join(directory.path, name);
  };
  return { ...files, write, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

const verify = async (...words: string[]) => {
  const ran = await runInProcess(['verify', ...words, '-o', 'json']);
  return { code: ran.code, document: JSON.parse(ran.stdout) };
};

good('attest', 'provenance, once for each state of the sources', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles: ['alpha', 'beta'] });
  await using keys = keyFiles(await testKey());
  const config = ['--config', project.config];
  const { result } = await runJson(['ensure', ...config]);
  const words = [...config, '--key', keys.key, ...quiet];
  const first = await inProcess(words, { environment: github });
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(JSON.parse(first.stdout)).toMatchObject({
    predicateType: 'https://slsa.dev/provenance/v1',
    bundles: result.bundles.map(({ name, digest }) => ({
      name,
      digest,
      action: 'attested',
      written: ['referrer'],
    })),
    summary: { attested: 2, held: 0, failed: 0 },
  });
  registry.seen.length = 0;
  const next = { ...github, GITHUB_SHA: 'b'.repeat(40), GITHUB_RUN_ID: '8' };
  const again = JSON.parse((await inProcess(words, { environment: next })).stdout);
  expect(again.summary).toMatchObject({ attested: 0, held: 2, failed: 0 });
  expect(registry.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);

  const type = ['--key', keys.pub, '--type', 'slsaprovenance1'];
  const held = await verify(...config, ...type);
  expect(held.code).toBe(0);
  const [signature] = held.document.signatures[0].signatures;
  expect(signature).toMatchObject({ kind: 'attestation', held: true, key: { file: keys.pub } });
  expect(signature.predicate).toMatchObject({
    buildDefinition: {
      externalParameters: { bundle: 'alpha', repository: `${registry.host}/acme/alpha`, tag: 'v1.0.0' },
      resolvedDependencies: expect.arrayContaining([
        { uri: 'git+https://github.com/acme/tasks@refs/heads/main', digest: { gitCommit: 'a'.repeat(40) } },
        { name: 'pipelines/alpha.yaml', digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      ]),
    },
    runDetails: { builder: { id: `https://github.com/${github.GITHUB_WORKFLOW_REF}` } },
  });
  // Provenance is not a signature, and nothing else is provenance.
  const unsigned = await verify('alpha', ...config, '--key', keys.pub);
  expect([unsigned.code, unsigned.document.signatures[0].error.code]).toEqual([10, 'SIGNATURE_MISSING']);
  const other = await verify(
    'alpha',
    ...config,
    '--key',
    keys.pub,
    '--type',
    'slsaprovenance1',
    '--type',
    'vuln',
  );
  expect([other.code, other.document.signatures[0].error]).toMatchObject([
    10,
    {
      code: 'ATTESTATION_MISSING',
      details: { missing: [['https://cosign.sigstore.dev/attestation/vuln/v1']] },
    },
  ]);
  const text = await runInProcess(['verify', 'alpha', ...config, ...type]);
  expect(text.stdout).toMatch(
    /✓ alpha +attested .*attestation https:\/\/slsa.dev\/provenance\/v1 by .*a\.pub/,
  );
  const report = await runInProcess(['verify', 'alpha', ...config, ...type, '-o', 'junit']);
  expect(report.stdout).toContain('name="attestation"');
});

good('attest', 'any predicate file of any bundle', async ({ inProcess, spawned }) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await using keys = keyFiles(await testKey('ed25519'));
  await runJson(['ensure', '--config', project.config]);
  const reference = `${registry.host}/acme/alpha:v1.0.0`;
  const copy = `${registry.host}/copied/alpha:v1.0.0`;
  expect((await runInProcess(['copy', reference, copy])).code).toBe(0);
  const scan = [
    '--predicate',
    keys.write('scan.json', '{"result": []}'),
    '--type',
    'https://acme.test/scan/v1',
  ];
  for (const place of [reference, copy]) {
    const ran = await spawned([
      place,
      '--key',
      keys.key,
      ...scan,
      '--signature-storage',
      'both',
      '-o',
      'json',
    ]);
    expect(JSON.parse(ran.stdout).bundles).toMatchObject([
      { action: 'attested', written: ['referrer', 'tag'] },
    ]);
  }
  const changed = [
    '--predicate',
    keys.write('more.json', '{"result": [1]}'),
    '--type',
    'https://acme.test/scan/v1',
  ];
  expect(
    JSON.parse((await inProcess([reference, '--key', keys.key, ...changed, ...quiet])).stdout).summary,
  ).toMatchObject({
    attested: 1,
  });
  const { code, document } = await verify(
    reference,
    copy,
    '--key',
    keys.pub,
    '--type',
    'https://acme.test/scan/v1',
  );
  expect(code).toBe(0);
  const forms = document.signatures.map(
    ({ signatures }: { signatures: { storage: string; predicate: unknown }[] }) =>
      signatures.map(({ storage, predicate }) => `${storage} ${JSON.stringify(predicate)}`).sort(),
  );
  const one = ['referrer {"result":[]}', 'tag {"result":[]}'];
  expect(forms).toEqual([['referrer {"result":[1]}', ...one], one]);
});

bad('attest', 'what has no sources or builder here, and what is not a predicate', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await using keys = keyFiles(await testKey());
  const config = ['--config', project.config];
  await runJson(['ensure', ...config]);
  registry.seen.length = 0;
  const reference = `${registry.host}/acme/alpha:v1.0.0`;
  const key = ['--key', keys.key, ...quiet];
  const file = ['--predicate', keys.write('a.json', '{}')];
  const before = [
    config,
    ['alpha', ...config, ...key],
    [reference, ...key, '--builder-id', 'https://ci.test/'],
    [...config, ...key, '--builder-id', 'me'],
    [...config, ...key, '--type', 'vuln'],
    [...config, ...key, ...file],
    [...config, ...key, ...file, '--type', 'https://sigstore.dev/cosign/sign/v1'],
    [...config, ...key, '--predicate', keys.write('list.json', '[]'), '--type', 'vuln'],
    [...config, ...key, '--predicate', keys.write('b.json', '{'), '--type', 'vuln'],
    ['gamma', ...config, ...key, ...file, '--type', 'vuln'],
    [...config, '--key', keys.pub, ...file, '--type', 'vuln'],
  ];
  for (const words of before) {
    expect((await inProcess(words, { environment: outside })).code, words.join(' ')).toBe(2);
  }
  const missing = [...config, ...key, '--predicate', join(project.directory, 'no.json'), '--type', 'vuln'];
  expect((await inProcess(missing)).code).toBe(7);
  expect(registry.seen).toEqual([]);
  for (const words of [
    ['--type', 'slsaprovenance1'],
    ['--key', keys.pub, '--type', 'slsa'],
  ])
    expect((await verify(...config, ...words)).code).toBe(2);

  const absent = [`${registry.host}/acme/alpha:v9`, reference, ...key, ...file, '--type', 'vuln'];
  const ran = await inProcess(absent);
  expect([ran.code, JSON.parse(ran.stdout).bundles]).toMatchObject([
    3,
    [{ action: 'failed', error: { code: 'NOT_FOUND' } }, { action: 'attested' }],
  ]);
});

bad('attest', 'provenance of a bundle that the sources no longer give', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  await using keys = keyFiles(await testKey());
  const config = ['--config', project.config];
  await runJson(['ensure', ...config]);
  const pipeline = join(project.directory, 'pipelines/alpha.yaml');
  project.write('pipelines/alpha.yaml', readFileSync(pipeline, 'utf8').replace('hello', 'changed'));
  registry.seen.length = 0;
  const ran = await inProcess([...config, '--key', keys.key, ...quiet], { environment: github });
  expect([ran.code, JSON.parse(ran.stdout).bundles]).toMatchObject([
    4,
    [{ action: 'failed', error: { code: 'LOCK_STALE' } }],
  ]);
  expect(registry.seen).toEqual([]);
});
