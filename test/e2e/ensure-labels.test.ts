import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

// Labels and annotations of one run, as for pull requests whose bundles expire on Quay.

const expiring = ['--label', 'quay.expires-after=5d'];

async function stage() {
  const registry = await startGuardedRegistry();
  const project = sampleProject({ repository: `${registry.host}/acme`, workflow: false });
  const ensure = (...words: string[]) => runJson(['ensure', '--config', project.config, ...words]);
  const lock = () => readFileSync(join(project.directory, 'bundles.lock'), 'utf8');
  const read = async (path: string): Promise<unknown> =>
    (await registry.inner(new Request(`http://${registry.host}/v2/acme/alpha/${path}`))).json();
  return {
    ...{ registry, project, ensure, lock, read },
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

test('labels and annotations of a run are published under the other tag, and the committed lock stays', async () => {
  await using at = await stage();
  const { bundle: declared } = await at.ensure();
  const lock = at.lock();
  const annotate = ['--annotate', 'org.opencontainers.image.revision=abc,a=b', '--annotate', 'a=c'];
  const { code, bundle } = await at.ensure('--tag', 'pr-7', ...expiring, ...annotate);
  expect([code, bundle.outcome, bundle.reference]).toEqual([
    0,
    'published',
    `${at.registry.host}/acme/alpha:pr-7`,
  ]);
  expect([bundle.digest === declared.digest, at.lock() === lock]).toEqual([false, true]);
  expect(
    bundle.warnings.some((text) => text.includes(`${bundle.digest}`) && text.includes(`${declared.digest}`)),
  ).toBe(true);
  const manifest = (await at.read('manifests/pr-7')) as {
    annotations: unknown;
    config: { digest: string };
  };
  expect(manifest.annotations).toEqual({ 'org.opencontainers.image.revision': 'abc', a: 'c' });
  expect(await at.read(`blobs/${manifest.config.digest}`)).toMatchObject({
    config: { Labels: { 'quay.expires-after': '5d' } },
  });
  const again = await at.ensure('--tag', 'pr-7', ...expiring, ...annotate);
  expect([again.bundle.outcome, again.bundle.digest, again.bundle.requests]).toEqual([
    'reused',
    bundle.digest,
    1,
  ]);
  const { bundle: unlabelled } = await at.ensure();
  expect([unlabelled.outcome, unlabelled.digest, unlabelled.warnings]).toEqual([
    'reused',
    declared.digest,
    [],
  ]);
});

test('they go over those of bundles.yaml, and into a lock that the run names', async () => {
  await using at = await stage();
  at.project.write(
    'bundles.yaml',
    `version: 1\nrepository: ${at.registry.host}/acme\ntag: v1\nbundles:\n  alpha: {files: [pipelines/alpha.yaml], labels: {team: blue, keep: "yes"}}\n`,
  );
  const lock = join(at.project.directory, 'pr.lock');
  const { code } = await at.ensure('--tag', 'pr-8', '--label', 'team=red', '--lock', lock);
  expect([code, existsSync(lock), existsSync(join(at.project.directory, 'bundles.lock'))]).toEqual([
    0,
    true,
    false,
  ]);
  const { config } = (await at.read('manifests/pr-8')) as { config: { digest: string } };
  expect(await at.read(`blobs/${config.digest}`)).toMatchObject({
    config: { Labels: { team: 'red', keep: 'yes' } },
  });
});

test('check reports the same digest, and the variables are overrides too', async () => {
  await using at = await stage();
  const environment = { BUNDLES_TAG: 'pr-9' };
  const words = ['--config', at.project.config, ...expiring];
  const checked = await runJson(['check', ...words], { environment });
  const ensured = await runJson(['ensure', ...words], { environment });
  expect([checked.code, checked.bundle.plan, ensured.bundle.outcome]).toEqual([3, 'publish', 'published']);
  expect(checked.bundle.digest).toBe(ensured.bundle.digest);
});

test.each([
  [['--label', 'a=b'], 'too: npx tekton-bundles ensure --tag 0.0.0-pr.123 --label a=b'],
  [
    ['alpha', '--annotate', 'say=two words'],
    "too: npx tekton-bundles ensure alpha --tag 0.0.0-pr.123 --annotate 'say=two words'",
  ],
  [['--tag', 'pr-1', '--lock', 'bundles.lock', '--label', 'a=b'], 'Leave out --lock'],
])('%j is refused before anything is asked, with the line that would be right', async (words, right) => {
  await using at = await stage();
  const lock = words.map((word) => (word === 'bundles.lock' ? join(at.project.directory, word) : word));
  const { code, result } = await at.ensure(...lock);
  expect([code, result.error?.code, at.registry.seen]).toEqual([2, 'USAGE', []]);
  expect(result.error?.hint).toContain(right);
});

test.each(['novalue', '=x', '"a=b'])('the pair %j is refused as push refuses it', async (pair) => {
  const { code, stdout } = await runInProcess(['ensure', '--tag', 'x', '--label', pair, '--output', 'json']);
  expect([code, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([2, 'USAGE']);
});
