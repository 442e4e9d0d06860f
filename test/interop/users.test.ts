import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test as everywhere, expect } from 'vitest';
import { systemClock } from '../../src/async/system-clock.js';
import type { Diagnosis } from '../../src/doctor/diagnose.js';
import { keyLabel, repositoryLabel } from '../../src/engine/context/image-key.js';
import { withBuildSlot } from '../../src/engine/slots/build-slot.js';
import type { PruneReport } from '../../src/images/prune-images.js';
import { type BadInput, expectRefused, schema, source } from '../support/bad-input.js';
import { committedProject, expectUntouched } from '../support/committed-project.js';
import { imageProject, readImages } from '../support/engines/image-project.js';
import { standInPodman } from '../support/engines/stand-in-podman.js';
import { gate } from '../support/network/gate.js';
import { isRoot, stranger } from '../support/program/other-user.js';
import { runCli } from '../support/program/run-cli.js';
import { runEnsure } from '../support/program/run-ensure.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { type SampleProject, samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

// Runs of the whole program as a user other than the owner of the checkout.

if (!isRoot) console.warn('SKIPPED: runs as another user need root');
const test = everywhere.skipIf(!isRoot);

/** Calls `change` for a directory and everything in it. */
function walk(path: string, change: (path: string) => void): void {
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) walk(join(path, name), change);
  change(path);
}

const giveAway = (directory: string) =>
  walk(directory, (path) => chownSync(path, stranger.uid, stranger.gid));
const withdrawWriting = (directory: string) =>
  walk(directory, (path) => chmodSync(path, lstatSync(path).mode & 0o555));

test('another user checks a read-only checkout, frozen, with state elsewhere', async () => {
  await using registry = await startGuardedRegistry();
  await using project = await committedProject(`${registry.host}/acme`);
  await using state = tempDir();
  chmodSync(state.path, 0o777);
  chmodSync(project.directory, 0o755);
  withdrawWriting(project.directory);
  const frozen = ['--frozen', '--state-dir', join(state.path, 'state')];
  for (const [words, outcome] of [
    [['--offline'], 'fallback'],
    [['--no-push'], 'fallback'],
    [[], 'published'],
    [[], 'reused'],
  ] as const) {
    const ran = await runEnsure(project.directory, [...frozen, ...words], stranger);
    expect([ran.code, ran.bundle('alpha').outcome], ran.stdout + ran.stderr).toEqual([0, outcome]);
    expectUntouched(project);
  }
  // Nothing to write needs no right to write: also without --frozen.
  const unfrozen = await runEnsure(project.directory, ['--state-dir', join(state.path, 'state')], stranger);
  expect([unfrozen.code, unfrozen.bundle('alpha').outcome], unfrozen.stderr).toEqual([0, 'reused']);
  expectUntouched(project);
  const refused = await runEnsure(project.directory, ['--frozen', '--offline'], stranger);
  const error = refused.result.error ?? refused.bundle('alpha').error;
  expect([refused.code, error?.code]).toEqual([9, 'NOT_WRITABLE']);
  expect(error?.hint).toContain('--state-dir');
});

test('the state that one user left does not stop the next', async () => {
  await using project = await committedProject('registry.invalid/acme');
  await using state = tempDir();
  chmodSync(state.path, 0o777);
  chmodSync(project.directory, 0o755);
  const words = ['--frozen', '--offline', '--state-dir'];
  const first = await runEnsure(project.directory, [...words, join(state.path, 'state')], stranger);
  const second = await runEnsure(project.directory, [...words, join(state.path, 'state')]);
  expect([first.code, second.code]).toEqual([0, 0]);
  expectUntouched(project);
});

test('a docker configuration of somebody else is passed over with a warning', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'pull' });
  await using project = await committedProject(`${registry.host}/acme`);
  await using home = tempDir();
  await using state = tempDir();
  for (const directory of [home.path, project.directory]) chmodSync(directory, 0o755);
  chmodSync(state.path, 0o777);
  mkdirSync(join(home.path, '.docker'));
  writeFileSync(join(home.path, '.docker/config.json'), '{"auths": {}}', { mode: 0o600 });
  const words = ['--frozen', '--state-dir', join(state.path, 'state')];
  const ran = await runEnsure(project.directory, words, { ...stranger, env: { HOME: home.path } });
  expect([ran.code, ran.bundle('alpha').outcome], ran.stdout + ran.stderr).toEqual([0, 'fallback']);
  expect(ran.stderr).toContain('.docker/config.json');
  expectUntouched(project);
});

test('another user cannot write the state directory of a checkout, and doctor reports it', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  chmodSync(project.directory, 0o755);
  const ran = await runCli(['doctor', '--config', project.config, '--output', 'json'], stranger);
  const { links } = JSON.parse(ran.stdout) as Diagnosis;
  const state = links.find(({ link }) => link === 'state');
  expect([state?.state, state?.code, ran.code], ran.stdout).toEqual(['broken', 'NOT_WRITABLE', 6]);
  expect(state?.remedy).toContain('--state-dir');
});

const closed = (path: string) => (project: SampleProject) => {
  giveAway(project.directory);
  chmodSync(join(project.directory, path), 0);
};

const asStranger: Record<string, BadInput> = {
  'a source that may not be read': {
    spoil: closed(source),
    as: stranger,
    code: 'NOT_READABLE',
    exit: 9,
    names: [source, 'permission denied'],
  },
  'a bundles.yaml that may not be read': {
    spoil: closed('bundles.yaml'),
    as: stranger,
    code: 'NOT_READABLE',
    exit: 9,
    names: ['bundles.yaml', 'permission denied'],
  },
  'a lock that may not be read': {
    spoil: closed('bundles.lock'),
    as: stranger,
    code: 'NOT_READABLE',
    exit: 9,
    names: ['bundles.lock', 'permission denied'],
  },
  'a schema that may not be read': {
    spoil: closed(schema),
    as: stranger,
    code: 'NOT_READABLE',
    exit: 9,
    names: [schema, 'permission denied'],
  },
  'a directory that may not be looked into': {
    spoil: closed('pipelines'),
    as: stranger,
    code: 'NOT_READABLE',
    exit: 9,
    names: ['pipelines', 'permission denied'],
  },
  'a directory that may not be written': {
    spoil: ({ directory }) => chmodSync(directory, 0o755),
    as: stranger,
    code: 'NOT_WRITABLE',
    exit: 9,
    names: ['.bundles', 'permission denied'],
    hint: /--state-dir/,
  },
  'a schemas directory that may not be written': {
    spoil: (project) => {
      closed('bundles.yaml')(project);
      chmodSync(project.config, 0o644);
      project.write(source, samplePipeline('changed'));
      const schemas = join(project.directory, 'schemas');
      chownSync(schemas, 0, 0);
      chmodSync(schemas, 0o555);
    },
    as: stranger,
    // The lock is written before the schema that cannot be.
    recorded: ['bundles.lock'],
    code: 'NOT_WRITABLE',
    exit: 9,
    names: [schema],
  },
};

test.each(Object.entries(asStranger))('%s gets its code and loses nothing', (_, input) =>
  expectRefused(input),
);

test('users of one machine queue in one shared directory, and leave each other alone', async () => {
  await using slots = tempDir();
  chmodSync(slots.path, 0o1777);
  const files = { 'svc/Containerfile': 'FROM scratch\nCOPY hello /hello\n', 'svc/hello': 'hello' };
  await using project = imageProject(['svc: {reference: localhost/svc, context: svc}'], files);
  const podman = standInPodman(project.directory, ['run-fails']);
  giveAway(project.directory);
  const little = ['--min-disk', '1M', '--min-memory', '1M'];
  const words = ['images', 'ensure', '--slots-dir', slots.path, '--build-slots', '1', ...little];
  const env = { ...project.env, PATH: `${podman.path}:/usr/bin:/bin` };
  const queued = gate();
  const onStderr = (text: string) => {
    if (text.includes(`waiting for a build slot, place 1 of 1 (at it: ${process.pid})`)) queued.open();
  };
  const at = { cwd: project.directory, env, ...stranger };
  const ours = { directory: slots.path, limit: 1, clock: systemClock };
  const { running } = await withBuildSlot(ours, async () => {
    const running = runCli(words, { ...at, onStderr });
    await Promise.race([queued.opened, running]);
    expect(podman.builds()).toBe(0);
    return { running };
  });
  const { code, stdout, stderr } = await running;
  expect([code, podman.builds()], stdout + stderr).toEqual([7, 1]);
  // A directory of somebody else's own is not to be trusted.
  chownSync(slots.path, 54_321, 54_321);
  const refused = await runCli(words, at);
  expect([refused.code, refused.stderr]).toEqual([9, expect.stringContaining('error[SLOTS_UNSAFE]')]);
});

test('images that another user needs stay, also if their home is closed; their files do not stop the run', async () => {
  await using slots = tempDir();
  chmodSync(slots.path, 0o1777);
  const declared = ['svc: {reference: localhost/svc, context: svc}'];
  const files = { 'svc/Containerfile': 'FROM scratch\nCOPY hello /hello\n', 'svc/hello': 'theirs' };
  await using theirs = imageProject(declared, files);
  const failing = standInPodman(theirs.directory, ['run-fails']);
  giveAway(theirs.directory);
  chmodSync(theirs.directory, 0o700);
  const words = ['--slots-dir', slots.path, '--output', 'json'];
  const ran = await runCli(['images', 'ensure', ...words, '--min-disk', '1M', '--min-memory', '1M'], {
    cwd: theirs.directory,
    env: { ...theirs.env, PATH: `${failing.path}:/usr/bin:/bin` },
    ...stranger,
  });
  const needed = readImages(ran.stdout).first.reference ?? '';
  expect([ran.code, needed]).toEqual([7, expect.stringMatching(/^localhost\/svc:key-/)]);
  for (const [digit, mode] of [
    ['1', 0o644],
    ['2', 0o600],
  ] as const) {
    const file = join(slots.path, `use-${digit.repeat(24)}.json`);
    writeFileSync(file, '{"file": ["not what', { mode });
    chownSync(file, stranger.uid, stranger.gid);
  }

  const other = { uid: 12_346, gid: 12_346 };
  await using ours = imageProject(declared, { ...files, 'svc/hello': 'ours' });
  const labels = { [keyLabel]: 'a'.repeat(64), [repositoryLabel]: 'localhost/svc' };
  const image = (digit: string, name: string) => ({
    Id: digit.repeat(64),
    Size: 1,
    Created: 1_700_000_000,
    Names: [name],
    Labels: labels,
  });
  const images = [image('1', needed), image('2', 'localhost/svc:key-old')];
  const podman = standInPodman(ours.directory, ['run-fails'], { images });
  walk(ours.directory, (path) => chownSync(path, other.uid, other.gid));
  const at = { cwd: ours.directory, env: { ...ours.env, PATH: `${podman.path}:/usr/bin:/bin` }, ...other };
  const pruned = await runCli(['images', 'prune', ...words], at);
  const report = JSON.parse(pruned.stdout) as PruneReport;
  expect([pruned.code, report.images.map(({ names }) => names), report.kept]).toEqual([
    0,
    [['localhost/svc:key-old']],
    1,
  ]);
  // Once the project is visibly gone, its images are no longer needed.
  rmSync(join(theirs.directory, 'bundles.yaml'));
  chmodSync(theirs.directory, 0o755);
  const later = JSON.parse((await runCli(['images', 'prune', ...words], at)).stdout) as PruneReport;
  expect(later.images.map(({ names }) => names)).toEqual([[needed], ['localhost/svc:key-old']]);
});
