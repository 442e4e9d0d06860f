import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/async/system-clock.js';
import { keyLabel } from '../../src/engine/context/image-key.js';
import type { ErrorCode } from '../../src/errors.js';
import { startRegistry } from '../../src/testing/start-registry.js';
import { imageProject, readImages } from '../support/engines/image-project.js';
import { type BuildEnd, standInPodman } from '../support/engines/stand-in-podman.js';
import { exampleOf } from '../support/errors/example-of.js';
import { bad, good } from '../support/program/command-cases.js';
import { cliPath, runCli } from '../support/program/run-cli.js';
import { sha256, talkTo } from '../support/registry/registry-requests.js';
import { tempDir } from '../support/temp-dir.js';

/** As it is built: what runs a build lies beside it. */
const { ensureImages, pruneImages, withBuildSlot } = (await import(
  pathToFileURL(join(import.meta.dirname, '../../dist/images.js')).href
)) as typeof import('../../src/public/images.js');

const scratch = { 'svc/Containerfile': 'FROM scratch\nCOPY hello /hello\n', 'svc/hello': 'hello' };
const onPath = (path: string) => `${path}:/usr/bin:/bin`;
const little = ['--min-disk', '1M', '--min-memory', '1M'];

good('images ensure', 'takes what a registry has, without any container engine', async ({ spawned }) => {
  const registry = await startRegistry();
  try {
    await using project = imageProject(
      [`svc: {reference: ${registry.host}/acme/svc, context: svc}`],
      scratch,
    );
    await using empty = tempDir();
    const options = { cwd: project.directory, env: { ...project.env, PATH: empty.path } };
    const before = await spawned(['--output', 'json'], options);
    const { first } = readImages(before.stdout);
    expect([before.code, first.error?.code, first.verdict]).toEqual([9, 'ENGINE_NOT_FOUND', 'absent']);

    const client = talkTo(fetch, registry.url);
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Labels: { [keyLabel]: first.key } },
      rootfs: { type: 'layers', diff_ids: [] },
    });
    await client.pushBlob('acme/svc', config);
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: sha256(config),
        size: config.length,
      },
      layers: [],
    };
    await client.pushManifest('acme/svc', first.reference?.split(':').at(-1) ?? '', manifest);
    const after = await spawned(['--output', 'json'], options);
    const found = readImages(after.stdout);
    expect([after.code, after.stderr]).toEqual([0, '']);
    expect(found.first).toMatchObject({
      outcome: 'reused',
      from: 'registry',
      verdict: 'present',
      digest: sha256(JSON.stringify(manifest)),
      use: { reference: first.reference, imagePullPolicy: 'IfNotPresent' },
    });
    expect(found.summary).toMatchObject({ reused: 1, built: 0, failed: 0 });

    // The name of a tag proves nothing.
    const other = JSON.stringify({ ...JSON.parse(config), config: {} });
    await client.pushBlob('acme/svc', other);
    const config2 = { ...manifest.config, digest: sha256(other), size: other.length };
    await client.pushManifest('acme/svc', first.reference?.split(':').at(-1) ?? '', {
      ...manifest,
      config: config2,
    });
    const foreign = await spawned(['--output', 'json'], options);
    expect([foreign.code, readImages(foreign.stdout).first.error?.code]).toEqual([4, 'TAG_DIFFERS']);
  } finally {
    await registry.stop();
  }
});

bad('images ensure', 'names and values that are wrong', async ({ inProcess, spawned }) => {
  await using project = imageProject(['svc: {reference: localhost/svc, context: svc}'], scratch);
  const config = ['--config', join(project.directory, 'bundles.yaml')];
  const env = { environment: { ...project.env, PATH: '/nonexistent' } };
  const typo = await inProcess([...config, 'scv'], env);
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  for (const words of [['--build-slots', '0'], ['--min-disk', 'much'], ['--build-timeout', '5'], ['--kind']])
    expect((await inProcess([...config, ...words], env)).code, words.join(' ')).toBe(2);
  const engine = await inProcess([...config, '--engine', 'podmann'], env);
  expect([engine.code, engine.stderr]).toEqual([9, expect.stringContaining('error[ENGINE_NOT_FOUND]')]);
  const nowhere = await inProcess([...config, '--slots-dir', join(project.directory, 'nowhere')], env);
  expect([nowhere.code, nowhere.stderr]).toEqual([9, expect.stringContaining('error[SLOTS_UNSAFE]')]);
  const homeless = await inProcess(config, { environment: {} });
  expect([homeless.code, homeless.stderr]).toEqual([2, expect.stringContaining('error[USAGE]')]);
  const none = await spawned(['--output', 'json'], { cwd: '/' });
  expect([none.code, JSON.parse(none.stdout).error.code]).toEqual([2, 'CONFIG_NOT_FOUND']);
});

bad('images ensure', 'sources that cannot be built', async ({ spawned }) => {
  await using project = imageProject(
    [
      'gone: {reference: localhost/gone, context: gone}',
      'empty: {reference: localhost/empty, context: empty}',
      'linked: {reference: localhost/linked, context: linked}',
      'unknown: {reference: localhost/unknown, context: unknown}',
    ],
    { 'empty/readme': '', 'unknown/Dockerfile': 'FROM x:$VERSION\n' },
  );
  symlinkSync('/usr', join(project.directory, 'linked'));
  const ran = await spawned(['--output', 'json'], {
    cwd: project.directory,
    env: { ...project.env, PATH: '/none' },
  });
  const codes = Object.fromEntries(
    readImages(ran.stdout).images.map(({ name, error }) => [name, error?.code]),
  );
  expect(ran.code).toBe(7);
  expect(codes).toEqual({
    gone: 'SOURCE_NOT_FOUND',
    empty: 'SOURCE_NOT_FOUND',
    linked: 'NOT_READABLE',
    unknown: 'CONTAINERFILE_INVALID',
  });
});

bad('images ensure', 'a slots directory that others control', async ({ spawned }) => {
  await using project = imageProject(['svc: {reference: localhost/svc, context: svc}'], scratch);
  const at = async (name: string) => {
    const words = ['--slots-dir', join(project.directory, name), '--output', 'json'];
    const ran = await spawned(words, { cwd: project.directory, env: { ...project.env, PATH: '/none' } });
    return { code: ran.code, stderr: ran.stderr };
  };
  mkdirSync(join(project.directory, 'open'));
  chmodSync(join(project.directory, 'open'), 0o777);
  symlinkSync(join(project.directory, 'svc'), join(project.directory, 'link'));
  expect(await at('open')).toMatchObject({ code: 9, stderr: expect.stringContaining('error[SLOTS_UNSAFE]') });
  expect(await at('link')).toMatchObject({ code: 9, stderr: expect.stringContaining('error[SLOTS_UNSAFE]') });
  expect(await at('svc/hello')).toMatchObject({
    code: 9,
    stderr: expect.stringContaining('error[SLOTS_UNSAFE]'),
  });
});

interface Ending {
  readonly builds: readonly BuildEnd[];
  readonly code: ErrorCode;
  readonly exit: number;
  readonly attempts: number;
  readonly text: RegExp;
  readonly words?: readonly string[];
  /** What `podman info` prints. */
  readonly info?: string;
  /** The documents show this message. */
  readonly isExample?: boolean;
}

const endings: readonly [string, Ending][] = [
  [
    'a server that quits',
    { builds: ['eof'], code: 'ENGINE_FAILED', exit: 9, attempts: 3, text: /unexpected EOF/, isExample: true },
  ],
  [
    'a refused socket',
    { builds: ['refused'], code: 'ENGINE_FAILED', exit: 9, attempts: 3, text: /connection refused/ },
  ],
  [
    'a storage lock',
    { builds: ['lock'], code: 'ENGINE_FAILED', exit: 9, attempts: 3, text: /timed out waiting for lock/ },
  ],
  [
    'a failing RUN',
    {
      builds: ['run-fails'],
      code: 'BUILD_FAILED',
      exit: 7,
      attempts: 1,
      text: /RUN make.*exit status 2/,
      isExample: true,
    },
  ],
  [
    'a RUN that prints of EOF',
    { builds: ['run-prints-eof'], code: 'BUILD_FAILED', exit: 7, attempts: 1, text: /RUN curl/ },
  ],
  [
    'a runtime that cannot run',
    { builds: ['no-runtime'], code: 'ENGINE_FAILED', exit: 9, attempts: 1, text: /RUN true/ },
  ],
  [
    'an old engine',
    {
      builds: ['too-old'],
      code: 'ENGINE_UNSUPPORTED',
      exit: 9,
      attempts: 1,
      text: /--ignorefile/,
      info: '{"version":{"Version":"2.2.1"}}',
      isExample: true,
    },
  ],
  ['a full disk', { builds: ['disk-full'], code: 'DISK_FULL', exit: 9, attempts: 1, text: /no space left/ }],
  ['a killed engine', { builds: ['killed'], code: 'ENGINE_FAILED', exit: 9, attempts: 1, text: /137/ }],
  [
    'two failures of different kinds',
    { builds: ['eof', 'run-fails'], code: 'BUILD_FAILED', exit: 7, attempts: 2, text: /RUN make/ },
  ],
  [
    'a build that hangs',
    {
      builds: ['hang'],
      code: 'BUILD_TIMEOUT',
      exit: 9,
      attempts: 1,
      text: /longer than 2 s/,
      words: ['--build-timeout', '2s'],
      isExample: true,
    },
  ],
];

test.concurrent.each(endings)(
  '%s is reported with its code, its attempts and the end of its output',
  async (_, ending) => {
    await using project = imageProject(['svc: {reference: localhost/svc, context: svc}'], scratch);
    const podman = standInPodman(project.directory, ending.builds, { info: ending.info });
    const words = ['images', 'ensure', '--output', 'json', ...little, ...(ending.words ?? [])];
    const ran = await runCli(words, {
      cwd: project.directory,
      env: { ...project.env, PATH: onPath(podman.path) },
    });
    const { first } = readImages(ran.stdout);
    expect([ran.code, first.error?.code, first.attempts]).toEqual([
      ending.exit,
      ending.code,
      ending.attempts,
    ]);
    expect(podman.builds()).toBe(ending.attempts);
    expect(first.error?.message).toMatch(ending.text);
    if (ending.isExample) {
      const message = first.error?.message.replaceAll('svc', 'api').replace(`${project.directory}/`, '');
      expect([message, typeof first.error?.hint]).toEqual([exampleOf(ending.code), 'string']);
    }
    expect(first).toMatchObject({ outcome: 'failed', use: null, id: null });
    const log = readFileSync(first.log ?? '', 'utf8');
    const last = log.trimEnd().split('\n').at(-1) ?? '';
    if (ending.builds[0] !== 'killed') expect(first.error?.details.lastLines).toContain(last);
    expect(ran.stderr.split('\n').filter((line) => /attempt \d as soon as/.test(line))).toHaveLength(
      ending.attempts - 1,
    );
  },
);

test('an engine that does not answer at first is tried again, and one that stays away is reported', async () => {
  await using project = imageProject(['svc: {reference: localhost/svc, context: svc}'], scratch);
  const podman = standInPodman(project.directory, ['run-fails']);
  const at = { cwd: project.directory, env: { ...project.env, PATH: onPath(podman.path) } };
  const words = ['images', 'ensure', '--output', 'json', ...little];
  podman.refuse(2);
  const late = await runCli(words, at);
  expect([late.code, podman.builds()]).toEqual([7, 1]);
  podman.refuse(1000);
  const away = await runCli([...words, '--recovery-timeout', '2s'], at);
  expect(readImages(away.stdout).first.error).toMatchObject({
    code: 'ENGINE_FAILED',
    hint: expect.stringContaining('podman machine start'),
  });
  expect([away.code, podman.builds()]).toEqual([9, 1]);
});

test('ensureImages and pruneImages return what the commands print, and read the machine that is given', async () => {
  await using project = imageProject(
    [
      'svc: {reference: localhost/svc, context: svc}',
      'other: {reference: localhost/other, context: missing}',
    ],
    scratch,
  );
  const podman = standInPodman(project.directory, ['run-fails']);
  const environment = { ...project.env, PATH: onPath(podman.path) };
  const machine = {
    environment,
    home: project.env.HOME,
    uid: process.getuid?.(),
    platform: process.platform,
    clock: systemClock,
  };
  const config = join(project.directory, 'bundles.yaml');
  const lasting = (document: unknown): unknown =>
    JSON.parse(JSON.stringify(document, (key, value) => (key.endsWith('Ms') ? 0 : value)));
  const at = { cwd: project.directory, env: environment };
  const words = ['images', 'ensure', '--output', 'json', '--config', config, ...little];
  const events: string[] = [];
  const options = { minDiskBytes: 1, minMemoryBytes: 1, sequential: true, push: false };
  const result = await ensureImages({
    ...options,
    ...{ config, machine },
    onEvent: ({ type, image }) => void events.push(`${image} ${type}`),
  });
  const ran = await runCli([...words, '--sequential', '--no-push'], at);
  expect(result.images.map(({ error }) => error?.code)).toEqual(['SOURCE_NOT_FOUND', 'BUILD_FAILED']);
  expect(lasting(result)).toEqual(lasting(JSON.parse(ran.stdout)));
  expect(events).toContain('svc building');
  expect(podman.builds()).toBe(2);

  const pruned = await pruneImages({ config, machine });
  const shown = await runCli(['images', 'prune', '--output', 'json', '--config', config], at);
  expect(lasting(pruned)).toEqual(lasting(JSON.parse(shown.stdout)));
  expect(pruned).toMatchObject({ version: 1, dryRun: true, images: [] });

  await expect(ensureImages({ config, machine, names: ['unknown'] })).rejects.toMatchObject({
    code: 'USAGE',
  });
  const reason = new Error('enough');
  const aborted = ensureImages({ config, machine, signal: AbortSignal.abort(reason) });
  await expect(aborted).rejects.toBe(reason);
});

test('a task in withBuildSlot keeps a build waiting until it ends, and images ps names it', async () => {
  await using project = imageProject(['svc: {reference: localhost/svc, context: svc}'], scratch);
  const podman = standInPodman(project.directory, ['run-fails']);
  const environment = { ...project.env, PATH: onPath(podman.path) };
  const machine = {
    environment,
    home: project.env.HOME,
    uid: process.getuid?.(),
    platform: process.platform,
    clock: systemClock,
  };
  const at = { cwd: project.directory, env: environment };
  const built = await withBuildSlot({ machine, image: 'own' }, async ({ waitedMs, othersBuilding }) => {
    const listed = JSON.parse((await runCli(['images', 'ps', '--output', 'json'], at)).stdout);
    expect(listed.builds).toMatchObject([{ state: 'preparing', image: 'own', pid: process.pid }]);
    expect(await othersBuilding()).toBe(0);
    const words = ['images', 'ensure', '--output', 'json', '--wait-timeout', '1s', ...little];
    const ran = await runCli(words, at);
    expect([readImages(ran.stdout).first.error?.code, podman.builds()]).toEqual(['SLOT_TIMEOUT', 0]);
    return waitedMs;
  });
  expect(built).toBeGreaterThanOrEqual(0);
  await expect(withBuildSlot({ machine, buildSlots: 0 }, async () => 1)).rejects.toBeInstanceOf(RangeError);
});

test('--metrics leaves the figures of the last run in a file, also where the image failed', async () => {
  await using project = imageProject(['svc: {reference: localhost/svc, context: svc}'], scratch);
  const podman = standInPodman(project.directory, ['eof', 'run-fails']);
  const at = { cwd: project.directory, env: { ...project.env, PATH: onPath(podman.path) } };
  const path = join(project.directory, 'svc', 'images.prom');
  const words = ['images', 'ensure', '--output', 'json', ...little];
  const ran = await runCli([...words, '--metrics', path], at);
  const { first, summary } = readImages(ran.stdout);
  const text = readFileSync(path, 'utf8');
  const samples = new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
  const of = (name: string, more = '') =>
    samples.get(`bundles_image_${name}{image="svc",engine="podman"${more}}`);
  expect([ran.code, first.attempts, first.recoveries]).toEqual([7, 2, 1]);
  expect([of('build_attempts'), of('recoveries')]).toEqual([2, 1]);
  expect([of('builds', ',result="built"'), of('builds', ',result="failed"')]).toEqual([0, 1]);
  expect([of('reused', ',from="store"'), of('failed', ',code="BUILD_FAILED"')]).toEqual([0, 1]);
  // Between two attempts it waits for the engine.
  expect(first.buildMs).toBeGreaterThanOrEqual(500);
  expect([of('build_seconds'), of('queue_seconds'), of('duration_seconds')]).toEqual(
    [first.buildMs, first.queuedMs, first.durationMs].map((milliseconds) => milliseconds / 1000),
  );
  expect(samples.get('bundles_images_run_duration_seconds')).toBe((summary?.durationMs ?? 0) / 1000);
  expect(
    Math.abs(Date.now() / 1000 - (samples.get('bundles_images_run_timestamp_seconds') ?? 0)),
  ).toBeLessThan(600);
  // Each family is announced once, before its samples, and nothing is left beside the file.
  const announced = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
  expect(new Set(announced)).toEqual(new Set([...samples.keys()].map((sample) => sample.split('{')[0])));
  expect(announced).toHaveLength(new Set(announced).size);
  expect(readdirSync(join(project.directory, 'svc')).sort()).toEqual([
    'Containerfile',
    'hello',
    'images.prom',
  ]);

  // The file is not part of the context, and one that cannot be written hides no result.
  const again = await runCli([...words, '--metrics', path], at);
  expect(readImages(again.stdout).first.key).toBe(first.key);
  const nowhere = await runCli([...words, '--metrics', 'nowhere/images.prom'], at);
  expect(readImages(nowhere.stdout).first.error?.code).toBe('BUILD_FAILED');
  expect(nowhere.stderr).toContain('error[NOT_WRITABLE]');
});

test('a build is refused before it starts where the machine has no room', async () => {
  await using project = imageProject(['svc: {reference: localhost/svc, context: svc}'], scratch);
  const machine = JSON.stringify({
    host: { serviceIsRemote: true, cpus: 4, memTotal: 2 ** 33 },
    store: { graphRootAllocated: 50 * 2 ** 30, graphRootUsed: 49 * 2 ** 30 },
  });
  const podman = standInPodman(project.directory, ['run-fails'], { info: machine });
  const at = { cwd: project.directory, env: { ...project.env, PATH: onPath(podman.path) } };
  const disk = await runCli(['images', 'ensure', '--output', 'json'], at);
  expect(readImages(disk.stdout).first.error).toMatchObject({
    code: 'RESOURCES_LOW',
    message:
      "Cannot start a build: 1024 MiB of disk are free on the disk of the engine's machine, wanted 2048 MiB",
    details: { what: 'disk', free: 2 ** 30, wanted: 2 ** 31 },
  });
  const memory = await runCli(
    ['images', 'ensure', '--output', 'json', '--min-disk', '1M', '--min-memory', '9GiB'],
    at,
  );
  expect(readImages(memory.stdout).first.error).toMatchObject({
    code: 'RESOURCES_LOW',
    details: { what: 'memory' },
  });
  expect([disk.code, memory.code, podman.builds()]).toEqual([9, 9, 0]);
});

test('Ctrl-C ends the build and whatever it started', async () => {
  await using project = imageProject(['svc: {reference: localhost/svc, context: svc}'], scratch);
  const podman = standInPodman(project.directory, ['hang']);
  const child = spawn(process.execPath, [cliPath, 'images', 'ensure', ...little], {
    cwd: project.directory,
    env: { ...project.env, PATH: onPath(podman.path) },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  while (podman.builds() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => lineOf(pid));
  expect(lines.filter((line) => line.includes(podman.path))).toEqual([]);
});

function lineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
