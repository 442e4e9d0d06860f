import { expect, test } from 'vitest';
import { runExitCode } from '../../src/cli/commands/ensure/run-projects.js';
import type { EnsureResult } from '../../src/ensure/result.js';
import { commit, digestOf, host, workflowRuns } from '../support/cluster/workflow-runs.js';
import { keptDocuments } from '../support/samples/kept-documents.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

const errorsOf = ({ workflows }: EnsureResult) =>
  workflows.flatMap(({ name, error }) => (error ? [[name, error.code, error.message]] : []));
const changesOf = ({ workflows }: EnsureResult) => [...new Set(workflows.flatMap(({ changes }) => changes))];

test('forty documents of each engine, alone and among others, keep every byte but for pin and version', async () => {
  const documents = (['tekton', 'job', 'ansible'] as const).flatMap((engine) => [
    ...keptDocuments(engine, 40, { host }),
    ...keptDocuments(engine, 40, { host, several: true }),
  ]);
  const sources = {
    tekton: 'bundle: alpha',
    job: '',
    ansible: `git: {url: "https://git.example/acme/playbooks.git", commit: ${commit('a')}}`,
  };
  const settings = documents.map(({ name, engine, path }) => {
    const index = Number(name.split('-').at(-1)) % 4;
    const source = engine === 'job' ? `reference: "${host}/acme/job-${index}:v1"` : sources[engine];
    return `  ${name}: {${source}, document: ${path}, onDigestChange: patch}`;
  });
  await using project = sampleProject({
    repository: `${host}/acme`,
    workflow: false,
    settings: ['workflows:', ...settings],
  });
  const images = new Map([0, 1, 2, 3].map((index) => [`job-${index}:v1`, digestOf(`${index}`)]));
  const { run, read, asked } = workflowRuns(project, images);
  // Some were never pinned, others name an older digest.
  for (const [index, one] of documents.entries()) {
    const old = one.engine === 'ansible' ? commit('0') : digestOf('f');
    const bundle = index % 4 === 0 ? 'REPLACE_ME' : one.reference({ digest: old });
    project.write(one.path, one.fill({ digest: old, bundle, version: one.startVersion }));
  }
  const wanted = (digests: (one: (typeof documents)[number]) => string, versions: 'start' | 'raised') =>
    documents.map((one, index) => {
      const digest = digests(one);
      // What was not a reference is written whole; a reference keeps its form.
      const whole = index % 4 === 0 && one.engine !== 'ansible';
      const tag = one.engine === 'tekton' ? ':v1.0.0' : ':v1';
      const form = one.reference({ digest });
      const bundle = whole && !form.includes(`${tag}@`) ? form.replace('@', `${tag}@`) : form;
      const raised = one.startVersion.replace(/\d+$/, (patch) => `${Number(patch) + 1}`);
      return one.fill({ digest, bundle, version: versions === 'start' ? one.startVersion : raised });
    });
  const texts = () => documents.map(({ path }) => read(path));

  const first = await run();
  expect(errorsOf(first)).toEqual([]);
  const digest = first.bundles[0]?.digest ?? '';
  const jobDigest = (name: string) => images.get(`job-${Number(name.split('-').at(-1)) % 4}:v1`) ?? '';
  const digests =
    (commitNow: string, bundleNow: string) =>
    ({ engine, name }: (typeof documents)[number]) =>
      ({ tekton: bundleNow, job: jobDigest(name), ansible: commitNow })[engine];
  expect(texts()).toEqual(wanted(digests(commit('a'), digest), 'start'));
  expect(asked).toHaveLength(4);
  expect(changesOf(first)).toEqual(['lock', 'schema']);

  const lock = read('bundles.lock');
  for (const again of [
    await run(),
    await run({ offline: true }),
    await run({ frozen: true, offline: true }),
  ]) {
    expect(errorsOf(again)).toEqual([]);
    expect(changesOf(again)).toEqual([]);
  }
  expect(texts()).toEqual(wanted(digests(commit('a'), digest), 'start'));
  expect(read('bundles.lock')).toBe(lock);
  expect(asked).toHaveLength(4);

  // Nothing but digests changes: of the images, of the sources and of the playbooks.
  for (const index of [0, 1, 2, 3]) images.set(`job-${index}:v1`, digestOf('abcd'[index] ?? ''));
  project.write('pipelines/alpha.yaml', samplePipeline('again'));
  project.write('bundles.yaml', read('bundles.yaml').replaceAll(commit('a'), commit('b')));
  const frozen = await run({ frozen: true, offline: true });
  expect(runExitCode('ensure', frozen)).toBe(4);
  const second = await run({ update: true, onDifferent: 'fallback' });
  expect(errorsOf(second)).toEqual([]);
  const now = digests(commit('b'), second.bundles[0]?.digest ?? '');
  expect(texts()).toEqual(wanted(now, 'raised'));
  expect(second.workflows.every(({ raisedFrom }) => raisedFrom !== null)).toBe(true);
  expect(changesOf(await run({ offline: true }))).toEqual([]);
  expect(texts()).toEqual(wanted(now, 'raised'));
}, 60_000);
