import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildBundle } from '../../bundle/build-bundle.js';
import { loadBuiltBundle } from '../../bundle/load-bundle.js';
import { parseReference } from '../../oci/reference.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import { type BuildFacts, readBuildFacts } from './build-facts.js';
import { createProvenance, isSameBuild } from './provenance.js';

const commit = 'a'.repeat(40);
const github = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/tasks',
  GITHUB_WORKFLOW_REF: 'acme/tasks/.github/workflows/release.yaml@refs/heads/main',
  GITHUB_SHA: commit,
  GITHUB_REF: 'refs/heads/main',
  GITHUB_RUN_ID: '7',
  GITHUB_RUN_ATTEMPT: '2',
};
const gitlab = {
  GITLAB_CI: 'true',
  CI_PROJECT_URL: 'https://gitlab.test/acme/tasks',
  CI_COMMIT_SHA: commit,
  CI_COMMIT_BRANCH: 'main',
  CI_JOB_URL: 'https://gitlab.test/acme/tasks/-/jobs/9',
};
const facts: BuildFacts = {
  builder: 'https://github.com/acme/tasks/.github/workflows/release.yaml@refs/heads/main',
  invocation: 'https://github.com/acme/tasks/actions/runs/7/attempts/2',
  source: { uri: 'git+https://github.com/acme/tasks@refs/heads/main', commit },
};

test('readBuildFacts() reads the jobs of GitHub and GitLab, and options come first', () => {
  expect(readBuildFacts(github, {})).toEqual(facts);
  expect(readBuildFacts(gitlab, {})).toEqual({
    builder: 'https://gitlab.test/acme/tasks//.gitlab-ci.yml@refs/heads/main',
    invocation: gitlab.CI_JOB_URL,
    source: { uri: 'git+https://gitlab.test/acme/tasks@refs/heads/main', commit },
  });
  expect(readBuildFacts({ ...gitlab, CI_COMMIT_TAG: 'v1', CI_CONFIG_PATH: 'ci/a.yml' }, {})).toMatchObject({
    builder: 'https://gitlab.test/acme/tasks//ci/a.yml@refs/tags/v1',
  });
  const options = {
    builder: 'https://ci.test/b',
    sourceUri: 'git+https://git.test/a',
    sourceCommit: 'b'.repeat(64),
  };
  expect(readBuildFacts({}, options)).toEqual({
    builder: options.builder,
    invocation: undefined,
    source: { uri: options.sourceUri, commit: options.sourceCommit },
  });
  expect(readBuildFacts({ ...github, GITHUB_SHA: 'main' }, {}).source).toBeUndefined();
});

test.each([
  [{}, {}],
  [{ ...github, GITHUB_ACTIONS: 'false' }, {}],
  [github, { builder: 'me' }],
  [github, { builder: 'https://user:password@ci.test/' }],
  [github, { sourceUri: 'git+https://token@git.test/a' }],
  [github, { sourceCommit: 'HEAD' }],
  [{}, { builder: 'https://ci.test/b', sourceUri: 'git+https://git.test/a' }],
])('readBuildFacts() refuses %#', (environment, options) => {
  expect(() => readBuildFacts(environment, options)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

const pinned = `quay.io/acme/tool:1@sha256:${'c'.repeat(64)}`;
const nested = `quay.io/acme/tasks:1@sha256:${'d'.repeat(64)}`;
const yaml = `apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build}
spec:
  steps: [{name: a, image: '${pinned}'}, {name: b, image: busybox}, {name: c, image: $(params.x)}]
---
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: all}
spec:
  tasks:
    - name: x
      taskRef: {resolver: bundles, params: [{name: bundle, value: '${nested}'}, {name: name, value: t}, {name: kind, value: task}]}
`;
const spec = {
  name: 'hello',
  reference: { ...parseReference('quay.io/acme/hello:v1'), tag: 'v1' },
  files: ['tasks/'],
  pin: false,
};

async function provenanceOf(text = yaml, build = facts) {
  const source = { path: 'tasks/a.yaml', relativePath: 'tasks/a.yaml', bytes: Buffer.from(text) };
  const { objects } = readSources([source]);
  const bundle = await loadBuiltBundle(
    buildBundle(objects, { annotations: { z: '1', a: '2' }, labels: { l: '3' } }),
  );
  return createProvenance({ spec, bundle, files: [source], build });
}

test('provenance has what SLSA and its readers demand, and the same bytes with either line end', async () => {
  const predicate = await provenanceOf();
  const sha256 = createHash('sha256').update(yaml).digest('hex');
  expect(predicate).toMatchObject({
    buildDefinition: {
      buildType: 'https://unpkg.com/tekton-bundles/docs/build-type-v1.md',
      externalParameters: {
        bundle: 'hello',
        repository: 'quay.io/acme/hello',
        tag: 'v1',
        files: ['tasks/'],
        annotations: { a: '2', z: '1' },
        labels: { l: '3' },
      },
      resolvedDependencies: [
        { uri: facts.source?.uri, digest: { gitCommit: commit } },
        { name: 'tasks/a.yaml', digest: { sha256 } },
        {
          uri: 'oci://quay.io/acme/tasks:1',
          digest: { sha256: 'd'.repeat(64) },
          annotations: { type: 'bundle', pinned: true },
        },
        { name: '$(params.x)', annotations: { type: 'image', pinned: false } },
        { uri: 'oci://docker.io/library/busybox:latest', annotations: { type: 'image', pinned: false } },
        { uri: 'oci://quay.io/acme/tool:1', digest: { sha256: 'c'.repeat(64) } },
      ],
    },
    runDetails: {
      builder: { id: facts.builder },
      metadata: { invocationId: facts.invocation },
      byproducts: [{ name: 'task/build' }, { name: 'pipeline/all' }],
    },
  });
  // The names of digests that policies accept, in lower-case hexadecimal.
  const digests = JSON.stringify(predicate).match(/"digest":\{[^}]*\}/g) ?? [];
  for (const one of digests) expect(one).toMatch(/^"digest":\{"(?:sha256|gitCommit)":"[0-9a-f]{40,64}"\}$/);
  expect(digests).toHaveLength(6);
  expect(JSON.stringify(await provenanceOf(yaml.replaceAll('\n', '\r\n')))).toBe(JSON.stringify(predicate));
});

test('isSameBuild() passes over the run, the commit and the ref, only', async () => {
  const predicate = await provenanceOf();
  const later: BuildFacts = {
    builder: facts.builder.replace('main', 'release'),
    invocation: undefined,
    source: { uri: 'git+https://github.com/acme/tasks@refs/heads/release', commit: 'b'.repeat(40) },
  };
  expect(isSameBuild(predicate, await provenanceOf(yaml, later))).toBe(true);
  const others = [
    await provenanceOf(yaml.replace('name: b', 'name: bb')),
    await provenanceOf(yaml, { ...facts, builder: 'https://elsewhere.test/' }),
    await provenanceOf(yaml, { ...facts, source: undefined }),
    await provenanceOf(yaml, { ...facts, source: { uri: 'git+https://fork.test/a', commit } }),
  ];
  for (const other of others) expect(isSameBuild(predicate, other)).toBe(false);
  fc.assert(
    fc.property(fc.jsonValue(), (other) => {
      expect(isSameBuild(predicate, other)).toBe(false);
    }),
  );
});
