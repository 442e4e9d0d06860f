import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { startDockerRegistry } from '../support/registry/docker-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { sharedPath, testWithShared } from '../support/shared.js';

const created = '1969-12-31T19:00:00-05:00';
const published = [
  ['hello-world', 'c4fc636f28d46f94c3f4a211f4dc07f60545891818ee45262e860b0825296ba0'],
  ['failing', '5d880ed9f9387988bc222ecc2206441ff3b7495a07e0f212583742e2a8193755'],
] as const;
const epoch = [
  ['hello-world', 'f67a39d2780ac4cb332281f91468e4244b32a7a3bdd98cce815793b0e014f7e1'],
  ['failing', '9523f2bb3c7645bf655e0cf96a9a44ca28d8d1755249c10bcb54993b12e2388a'],
] as const;

const seedFile = (name: string) => sharedPath(`upstream/seed-fixtures/${name}-pipeline.yaml`);

const test = testWithShared('upstream/seed-fixtures');

test('bundles that tkn published in another time zone are equivalent, and present from then on', async () => {
  await using registry = await startDockerRegistry();
  await using project = sampleProject({
    repository: `${registry.host}/test-workflows`,
    bundles: published.map(([name]) => name),
    workflow: false,
  });
  for (const [name, digest] of published) {
    copyFileSync(seedFile(name), join(project.directory, `pipelines/${name}.yaml`));
    const reference = `${registry.host}/test-workflows/${name}:v1.0.0`;
    const pushed = await runInProcess(['push', reference, '-f', seedFile(name), '--ctime', created]);
    expect(pushed.stdout).toContain(`@sha256:${digest}\n`);
  }
  const writes = async () =>
    (await registry.requests()).filter(({ method }) => method !== 'HEAD' && method !== 'GET');
  await registry.forget();

  const check = await runJson(['check', '--config', project.config]);
  expect(check.code).toBe(0);
  for (const bundle of check.result.bundles) {
    expect(bundle.verdict).toBe('equivalent');
    expect(bundle.differences.join()).toContain('-05:00');
    expect(bundle.built).toBe(`sha256:${new Map(epoch).get(bundle.name as 'failing')}`);
  }
  expect(await writes()).toEqual([]);

  const ensured = await runJson(['ensure', '--config', project.config]);
  expect(ensured.result.summary).toMatchObject({ reused: 2, published: 0 });
  expect(await writes()).toEqual([]);
  const lock = readFileSync(join(project.directory, 'bundles.lock'), 'utf8');
  for (const [, digest] of published) expect(lock).toContain(`digest: sha256:${digest}`);
  expect(lock.split(created)).toHaveLength(3);

  await registry.forget();
  const again = await runJson(['ensure', '--config', project.config]);
  for (const bundle of again.result.bundles) {
    expect(bundle).toMatchObject({ verdict: 'present', outcome: 'reused', requests: 1, changes: [] });
  }
  expect((await registry.requests()).map(({ method }) => method)).toEqual(['HEAD', 'HEAD']);
});
