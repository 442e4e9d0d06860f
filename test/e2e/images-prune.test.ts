import { expect } from 'vitest';
import { keyLabel, repositoryLabel } from '../../src/engine/context/image-key.js';
import { imageProject } from '../support/engines/image-project.js';
import { standInPodman } from '../support/engines/stand-in-podman.js';
import { bad, good } from '../support/program/command-cases.js';

const declared = ['svc: {reference: localhost/svc, context: svc}'];

good('images prune', 'shows what it would free, not what others made', async ({ inProcess, spawned }) => {
  await using project = imageProject(declared);
  const labels = (repository: string) => ({ [keyLabel]: 'a'.repeat(64), [repositoryLabel]: repository });
  const image = (id: string, more: object) => ({
    Id: id.repeat(64),
    Size: 2 ** 20,
    Created: 1_700_000_000,
    ...more,
  });
  const { path } = standInPodman(project.directory, [], {
    images: [
      image('1', { Names: ['localhost/svc:key-old'], Labels: labels('localhost/svc') }),
      image('2', {
        Names: ['localhost/svc:key-own', 'localhost/theirs:1'],
        Labels: labels('localhost/svc'),
      }),
      image('3', { Names: ['quay.io/other/svc:key-old'], Labels: labels('quay.io/other/svc') }),
      image('4', { Names: ['localhost/svc:key-fake'] }),
      image('5', { Dangling: true, Created: 1_600_000_000, Labels: labels('localhost/svc') }),
      image('6', { Dangling: true, Created: 4_000_000_000, Labels: labels('localhost/svc') }),
      image('7', { Labels: labels('localhost/svc') }),
      // Without a name, and not built for this project.
      image('8', { Dangling: true }),
      image('9', { Dangling: true, Labels: labels('quay.io/other/svc') }),
    ],
  });
  const at = { cwd: project.directory, env: { ...project.env, PATH: `${path}:/usr/bin:/bin` } };
  const text = await spawned([], at);
  expect([text.code, text.stderr]).toEqual([0, '']);
  expect(text.stdout).toBe(
    [
      'dangling  555555555555  2020-09-13  unknown  (no name)',
      'unused    111111111111  2023-11-14  unknown  localhost/svc:key-old',
      'would remove 2 images (with --yes they are), 7 stay',
      '',
    ].join('\n'),
  );
  const ran = await spawned(['--output', 'json', '--no-dangling'], at);
  expect(JSON.parse(ran.stdout)).toEqual({
    version: 1,
    dryRun: true,
    images: [
      {
        id: '1'.repeat(64),
        names: ['localhost/svc:key-old'],
        created: 1_700_000_000,
        bytes: null,
        why: 'unused',
        removed: false,
        left: null,
      },
    ],
    containers: [],
    kept: 8,
    bytes: null,
    warnings: [],
    freeBytes: { before: null, after: null },
    error: null,
  });
  // A yes at a terminal is as good as --yes; anything else removes nothing, and a CI job is not asked.
  const config = ['--no-dangling', '--config', `${project.directory}/bundles.yaml`];
  for (const [input, more, asks, removes] of [
    ['n\n', {}, true, false],
    ['y\n', { CI: '1' }, false, false],
    ['y\n', {}, true, true],
  ] as const) {
    const asked = await inProcess(config, { input, terminal: true, environment: { ...at.env, ...more } });
    expect([asked.code, asked.stderr.includes('[y/N]')]).toEqual([0, asks]);
    expect(asked.stdout).toMatch(/^unused +1{12} /m);
    expect(/^left 1{12}: .*not known$/m.test(asked.stdout)).toBe(removes);
  }
  // An image that became removable after the list was shown is not covered by the confirmation.
  const images = [image('1', { Names: ['localhost/svc:key-old'], Labels: labels('localhost/svc') })];
  const more = image('2', { Names: ['localhost/svc:key-new'], Labels: labels('localhost/svc') });
  standInPodman(project.directory, [], { images });
  const confirmed = await inProcess(config, {
    input: 'y\n',
    terminal: true,
    environment: at.env,
    onStderr(text) {
      if (text.includes('[y/N]')) standInPodman(project.directory, [], { images: [...images, more] });
    },
  });
  expect(confirmed.stdout).toMatch(/^left 1{12}: /m);
  expect(confirmed.stdout).not.toContain('222222222222');
  // What the engine will not remove is reported, and is not a failure.
  const left = await spawned(['--yes', '--no-dangling'], at);
  expect([left.code, left.stdout]).toEqual([0, expect.stringMatching(/^left 1{12}: .*not known$/m)]);
});

bad('images prune', 'values that are wrong, and a machine without an engine', async ({ inProcess }) => {
  await using project = imageProject(declared);
  const config = ['--config', `${project.directory}/bundles.yaml`];
  const none = { environment: { ...project.env, PATH: '/nonexistent' } };
  for (const words of [['--to', 'much'], ['--grace', '1'], ['name']])
    expect((await inProcess([...config, ...words], none)).code, words.join(' ')).toBe(2);
  const engine = await inProcess(config, none);
  expect([engine.code, engine.stderr]).toEqual([9, expect.stringContaining('error[ENGINE_NOT_FOUND]')]);
  project.write('bundles.lock', 'version: 2\n');
  const lock = await inProcess(config, none);
  expect([lock.code, lock.stderr]).toEqual([2, expect.stringContaining('error[LOCK_INVALID]')]);
});
