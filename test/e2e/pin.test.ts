import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { PinResult } from '../../src/release/pin-result.js';
import { bad, type CommandRunner, good } from '../support/program/command-cases.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { pushParts, talkTo } from '../support/registry/registry-requests.js';
import { type SampleProject, sampleProject } from '../support/samples/sample-project.js';

const nowhere = 'registry.invalid/acme';

/** Puts an image that differs for every `content` under a tag, and gives its digest. */
async function putImage({ inner }: GuardedRegistry, name: string, content: string): Promise<string> {
  const registry = talkTo(inner);
  const [path = '', tag = ''] = name.split(':');
  const put = await registry.pushManifest(path, tag, await pushParts(registry, path, { layer: content }));
  return put.headers.get('docker-content-digest') ?? '';
}

function stepsOf(images: readonly string[]): string {
  const steps = images.map((image, index) => `    - image: ${image} # what runs\n      name: x${index}\n`);
  return `# kept\napiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec:\n  steps:\n${steps.join('')}  params: [{name: image}, {name: x}]\n`;
}

async function projectWith(images: readonly string[], settings: readonly string[] = []) {
  const project = sampleProject({ repository: nowhere, settings, workflow: false });
  project.write('pipelines/alpha.yaml', stepsOf(images));
  return Object.assign(project, {
    source: () => readFileSync(join(project.directory, 'pipelines/alpha.yaml'), 'utf8'),
    lock: () => readFileSync(join(project.directory, 'bundles.lock'), 'utf8'),
  });
}

async function pin({ inProcess }: CommandRunner, project: SampleProject, ...words: string[]) {
  const ran = await inProcess(['--config', project.config, '--output', 'json', ...words]);
  const result = JSON.parse(ran.stdout) as PinResult;
  return { code: ran.code, result, bundle: result.bundles[0] as PinResult['bundles'][number] };
}

good('pin', 'digests are in the sources, comments stay, only manifests are requested', async (runner) => {
  await using registry = await startGuardedRegistry();
  const digest = await putImage(registry, 'tools/a:1', 'one');
  const latest = await putImage(registry, 'tools/a:latest', 'two');
  const images = [
    `${registry.host}/tools/a:1`,
    `"${registry.host}/tools/a"`,
    '$(params.image)',
    `${registry.host}/tools/a:1`,
  ];
  await using project = await projectWith(images);
  await runInProcess(['ensure', '--config', project.config, '--offline']);
  const ran = await runner.inProcess(['--config', project.config]);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const pinned = [
    `${registry.host}/tools/a:1@${digest}`,
    `"${registry.host}/tools/a:latest@${latest}"`,
    '$(params.image)',
    `${registry.host}/tools/a:1@${digest}`,
  ];
  expect(project.source()).toBe(stepsOf(pinned));
  expect(registry.seen.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'HEAD /v2/tools/a/manifests/1',
    'HEAD /v2/tools/a/manifests/latest',
  ]);
  expect(ran.stdout).toMatch(
    /^✓ alpha {2}pinned \S+:1 [0-9a-f]{12} pipelines\/alpha\.yaml:7 and 1 more place\n/,
  );
  expect(ran.stdout).toContain('left $(params.image) (a param decides) pipelines/alpha.yaml:11');
  expect(ran.stdout).toContain('3 images in 1 bundle, 2 requests: 2 pinned, 1 left');
  expect(project.lock()).toContain(`images:\n      "${registry.host}/tools/a:1": ${digest}`);
  const frozen = await runJson(['ensure', '--config', project.config, '--offline', '--frozen']);
  expect([frozen.code, frozen.bundle.changes]).toEqual([0, []]);
});

good('pin', 'the JSON document', async (runner) => {
  await using registry = await startGuardedRegistry();
  const digest = await putImage(registry, 'tools/a:1', 'one');
  const image = `${registry.host}/tools/a:1`;
  await using project = await projectWith([image, '$(params.x)', `quay.io/a/b@${digest}`]);
  const { code, result } = await pin(runner, project);
  const place = (line: number) => [{ file: 'pipelines/alpha.yaml', line, column: 14 }];
  expect(code).toBe(0);
  expect(result).toEqual({
    version: 1,
    workflows: [],
    bundles: [
      {
        name: 'alpha',
        mode: 'sources',
        images: [
          { image, action: 'pinned', reason: null, digest, previous: null, places: place(7) },
          {
            image: '$(params.x)',
            action: 'left',
            reason: 'parameter',
            digest: null,
            previous: null,
            places: place(9),
          },
          {
            image: `quay.io/a/b@${digest}`,
            action: 'left',
            reason: 'no-tag',
            digest,
            previous: null,
            places: place(11),
          },
        ],
        files: ['pipelines/alpha.yaml'],
        changes: ['sources', 'lock'],
        pinned: expect.stringMatching(/^registry\.invalid\/acme\/alpha:v1\.0\.0@sha256:/),
        error: null,
      },
    ],
    summary: { pinned: 1, updated: 0, unchanged: 0, left: 2, failed: 0, requests: 1 },
    error: null,
  });
});

good('pin', '--update follows a tag that moved, and only it queries what is pinned', async (runner) => {
  await using registry = await startGuardedRegistry();
  const first = await putImage(registry, 'tools/a:1', 'one');
  await using project = await projectWith([`${registry.host}/tools/a:1`]);
  await pin(runner, project);
  const second = await putImage(registry, 'tools/a:1', 'two');
  registry.seen.length = 0;
  const again = await pin(runner, project);
  expect(again.bundle).toMatchObject({ images: [{ action: 'unchanged', digest: first }], changes: [] });
  expect(registry.seen).toEqual([]);
  const updated = await pin(runner, project, '--update');
  expect(updated.bundle).toMatchObject({
    images: [{ action: 'updated', digest: second, previous: first }],
    changes: ['sources', 'lock'],
  });
  expect(project.source()).toBe(stepsOf([`${registry.host}/tools/a:1@${second}`]));
  expect(project.lock()).toContain(second);
});

good(
  'pin',
  'pin: true leaves the sources alone and builds what pinned sources would give',
  async (runner) => {
    await using registry = await startGuardedRegistry();
    const first = await putImage(registry, 'tools/a:1', 'one');
    const image = `${registry.host}/tools/a:1`;
    await using written = await projectWith([image]);
    await pin(runner, written);
    const wanted = (await runJson(['ensure', '--config', written.config, '--offline'])).bundle.digest;

    await using project = await projectWith([image], ['pin: true']);
    registry.seen.length = 0;
    const { bundle } = await pin(runner, project);
    expect(bundle).toMatchObject({
      mode: 'bundle',
      images: [{ image, action: 'pinned', digest: first, previous: null }],
      files: [],
      changes: ['lock'],
      pinned: `registry.invalid/acme/alpha:v1.0.0@${wanted}`,
    });
    expect(project.source()).toBe(stepsOf([image]));
    expect(registry.seen.map(({ method }) => method)).toEqual(['HEAD']);

    const second = await putImage(registry, 'tools/a:1', 'two');
    registry.seen.length = 0;
    for (const words of [['--offline', '--frozen'], ['--offline'], ['--no-push']]) {
      const ran = await runJson(['ensure', '--config', project.config, ...words]);
      expect([ran.code, ran.bundle.digest, ran.bundle.changes]).toEqual([0, wanted, []]);
    }
    expect(registry.seen).toEqual([]);
    const updated = await pin(runner, project, '--update');
    expect(updated.bundle.images).toMatchObject([{ action: 'updated', digest: second, previous: first }]);
    expect(updated.bundle.pinned).not.toContain(String(wanted));
    expect(project.lock()).toContain(second);
  },
);

good('pin', '--dry-run reports what would change and changes nothing', async (runner) => {
  await using registry = await startGuardedRegistry();
  const digest = await putImage(registry, 'tools/a:1', 'one');
  await using project = await projectWith([`${registry.host}/tools/a:1`]);
  await runInProcess(['ensure', '--config', project.config, '--offline']);
  const before = [project.source(), project.lock()];
  const dry = await pin(runner, project, '--dry-run');
  expect([dry.code, dry.bundle.changes, dry.bundle.images[0]?.digest]).toEqual([3, ['sources'], digest]);
  expect([project.source(), project.lock()]).toEqual(before);
  await pin(runner, project);
  expect((await pin(runner, project, '--dry-run')).code).toBe(0);
});

good('pin', '--dry-run knows which workflows follow a bundle whose sources would change', async (runner) => {
  await using registry = await startGuardedRegistry();
  await putImage(registry, 'tools/a:1', 'one');
  const workflows = ['workflows:', '  mine: {bundle: alpha, document: deploy/mine.yaml}'];
  await using project = await projectWith([`${registry.host}/tools/a:1`], workflows);
  const document =
    'apiVersion: kubernaut.ai/v1alpha1\nkind: RemediationWorkflow\nmetadata: {name: mine}\nspec: {version: 1.0.0, execution: {engine: tekton, bundle: ""}}\n';
  project.write('deploy/mine.yaml', document);
  const dry = await pin(runner, project, '--dry-run');
  expect([dry.code, dry.result.workflows]).toMatchObject([
    3,
    [{ name: 'mine', outcome: 'skipped', reason: 'bundle-would-change', error: null }],
  ]);
  const source = project.source();
  project.write('pipelines/alpha.yaml', 'kind: [');
  const broken = await pin(runner, project, '--dry-run');
  expect([broken.code, broken.result.workflows[0]?.reason]).toEqual([7, 'bundle-failed']);
  project.write('pipelines/alpha.yaml', source);
  const done = await pin(runner, project);
  expect([done.code, done.result.workflows[0]?.pinned]).toEqual([0, done.bundle.pinned]);
});

good(
  'pin',
  'bundles of which one is pinned as it is built, and ensure asks for what the lock lacks',
  async (runner) => {
    await using registry = await startGuardedRegistry();
    const digest = await putImage(registry, 'tools/a:1', 'one');
    await using project = await projectWith([`${registry.host}/tools/a:1`]);
    const declared = readFileSync(project.config, 'utf8');
    project.write('bundles.yaml', declared.replace('files:', 'pin: true\n    files:'));
    const ran = await runJson(['ensure', '--config', project.config, '--no-push', '--fallback', 'embedded']);
    expect(ran.bundle).toMatchObject({ outcome: 'fallback', error: null });
    expect(project.lock()).toContain(`"${registry.host}/tools/a:1": ${digest}`);
    expect((await pin(runner, project)).bundle).toMatchObject({ mode: 'bundle', changes: [] });
  },
);

bad('pin', 'one image that does not exist: its bundle stays as it is, others are pinned', async (runner) => {
  await using registry = await startGuardedRegistry();
  await putImage(registry, 'tools/a:1', 'one');
  await using project = sampleProject({ repository: nowhere, bundles: ['alpha', 'beta'], workflow: false });
  project.write(
    'pipelines/alpha.yaml',
    stepsOf([`${registry.host}/tools/a:1`, `${registry.host}/tools/a:2`]),
  );
  project.write('pipelines/beta.yaml', stepsOf([`${registry.host}/tools/a:1`]));
  const { code, result } = await pin(runner, project);
  expect(code).toBe(7);
  expect(result.bundles).toMatchObject([
    { name: 'alpha', files: [], changes: [], pinned: null, error: { code: 'IMAGE_NOT_FOUND' } },
    { name: 'beta', files: ['pipelines/beta.yaml'], error: null },
  ]);
  const source = readFileSync(join(project.directory, 'pipelines/alpha.yaml'), 'utf8');
  expect(source).toBe(stepsOf([`${registry.host}/tools/a:1`, `${registry.host}/tools/a:2`]));
});

bad('pin', 'no registry to query, one that is down, and undeclared names', async (runner) => {
  await using project = await projectWith(['registry.invalid/tools/a:1']);
  const offline = await pin(runner, project, '--offline');
  expect([offline.code, offline.bundle.error?.code]).toEqual([6, 'IMAGE_NOT_PINNED']);
  const shown = await runner.inProcess(['--config', project.config, '--offline']);
  expect(shown.stdout.split('\n').at(-2)).toMatch(/^1 bundle, \d+ requests?: 1 failed$/);
  const away = await pin(runner, project, '--timeout', '1');
  expect([away.code, away.bundle.error?.code]).toEqual([6, 'REGISTRY_UNREACHABLE']);
  const unknown = await runner.inProcess(['alpa', '--config', project.config]);
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  project.write('pipelines/alpha.yaml', 'kind: [');
  expect((await pin(runner, project)).code).toBe(7);
});
