import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { EnsureResult } from '../../src/ensure/result.js';
import type { MergeLockResult } from '../../src/ensure/shards/merge-lock-parts.js';
import { shardOf } from '../../src/project/lock/shard.js';
import { fileTree } from '../support/file-tree.js';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess, runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { type SampleProject, sampleProject } from '../support/samples/sample-project.js';

/** Two shards of them have bundles, the third has none. */
const names = ['alpha', 'beta', 'delta', 'gamma'];
const shards = [1, 2, 3];
const read = (stdout: string) => JSON.parse(stdout) as MergeLockResult;
const textOf = (project: SampleProject, path: string) => readFileSync(join(project.directory, path), 'utf8');

async function ensureShards(
  project: SampleProject,
  placeOf: (shard: number) => string,
  more: readonly string[] = [],
): Promise<EnsureResult[]> {
  const results: EnsureResult[] = [];
  for (const shard of shards) {
    const place = ['--shard', `${shard}/3`, '--part', placeOf(shard)];
    const { result, code, stderr } = await runJson(['ensure', '-c', project.config, ...place, ...more]);
    expect([code, stderr.includes('warning')], stderr).toEqual([0, false]);
    results.push(result);
  }
  return results;
}

good(
  'lock merge',
  'makes the lock of one run out of files; a shard that runs again changes nothing',
  async ({ inProcess }) => {
    await using registry = await startGuardedRegistry();
    const repository = `${registry.host}/acme`;
    await using whole = sampleProject({ repository, bundles: names });
    expect((await runInProcess(['ensure', '-c', whole.config])).code).toBe(0);

    await using project = sampleProject({ repository, bundles: names });
    const placeOf = (shard: number) => join(project.directory, 'parts', `${shard}.yaml`);
    const results = await ensureShards(project, placeOf);
    for (const [index, { bundles, part }] of results.entries()) {
      const own = names.filter((name) => shardOf(name, 3) === index + 1);
      expect(bundles.map(({ name }) => name)).toEqual(own);
      const digest = expect.stringMatching(/^sha256:/);
      expect(part).toEqual({
        ...{ shard: index + 1, of: 3, digest },
        ...{ location: placeOf(index + 1), entries: own.length },
      });
    }
    const withoutLock = fileTree(project.directory, { leaveOut: ['.bundles'] });
    expect(Object.keys(withoutLock)).not.toContain('bundles.lock');
    const again = await ensureShards(project, placeOf);
    expect(again.map(({ part }) => part)).toEqual(results.map(({ part }) => part));
    expect(fileTree(project.directory, { leaveOut: ['.bundles'] })).toEqual(withoutLock);

    const merge = [...shards].reverse().map(placeOf);
    const first = await inProcess([...merge, '-c', project.config, '-o', 'json']);
    const lock = join(project.directory, 'bundles.lock');
    expect([first.code, read(first.stdout)]).toEqual([
      0,
      {
        ...{ version: 1, lock, action: 'written', entries: 4 },
        parts: results.map(({ part }) => part),
        error: null,
      },
    ]);
    expect(textOf(project, 'bundles.lock')).toBe(textOf(whole, 'bundles.lock'));
    const second = await inProcess([...merge, '-c', project.config]);
    expect([second.code, second.stdout]).toEqual([0, `${lock}: unchanged, 4 bundles from 3 parts\n`]);
    // What the whole run finds: everything is as it left it.
    expect((await runInProcess(['ensure', '--frozen', '-c', project.config])).code).toBe(0);
  },
);

good(
  'lock merge',
  'takes artifacts by tag and by digest, of another tag, and schemas are made from the lock',
  async ({ inProcess }) => {
    await using registry = await startGuardedRegistry();
    const given = { repository: 'registry.invalid/acme', bundles: names };
    const overrides = ['--repository', `${registry.host}/acme`, '--tag', '0.0.0-pr.7'];
    await using whole = sampleProject(given);
    const other = join(whole.directory, 'other.lock');
    expect((await runInProcess(['ensure', '-c', whole.config, ...overrides, '--lock', other])).code).toBe(0);

    await using project = sampleProject(given);
    const placeOf = (shard: number) => `oci:${registry.host}/parts/acme:run-${shard}`;
    const results = await ensureShards(project, placeOf, overrides);
    const locations = results.map(({ part }) => part?.location ?? '');
    expect(locations).toEqual(
      shards.map((shard, index) => `${placeOf(shard)}@${results[index]?.part?.digest}`),
    );
    const again = await ensureShards(project, placeOf, overrides);
    expect(again.map(({ part }) => part)).toEqual(results.map(({ part }) => part));

    const parts = [locations[0] ?? '', placeOf(2), placeOf(3)];
    const merge = [...parts, '-c', project.config, '-o', 'json'];
    const lock = join(project.directory, 'other.lock');
    const ran = await inProcess([...merge, ...overrides, '--lock', lock]);
    expect([ran.code, read(ran.stdout).entries], ran.stderr).toEqual([0, 4]);
    // Each has its schemas in a state directory of its own.
    expect(readFileSync(lock, 'utf8')).toBe(readFileSync(other, 'utf8'));
    expect(fileTree(project.directory)).not.toHaveProperty('bundles.lock');
    // Without the flags of the shards they are of another configuration, and no lock is named for them.
    expect((await inProcess([...merge, '--lock', lock])).code).toBe(4);
    expect((await inProcess([...merge, ...overrides])).code).toBe(2);
  },
);

good('lock merge', 'schema generate writes the schemas of a merged lock', async ({ inProcess }) => {
  await using whole = sampleProject({ repository: 'registry.invalid/acme', bundles: names });
  expect((await runInProcess(['ensure', '--offline', '-c', whole.config])).code).toBe(0);
  await using project = sampleProject({ repository: 'registry.invalid/acme', bundles: names });
  const placeOf = (shard: number) => join(project.directory, 'parts', `${shard}.yaml`);
  await ensureShards(project, placeOf, ['--offline']);
  rmSync(join(project.directory, 'schemas'), { recursive: true });
  expect((await inProcess([...shards.map(placeOf), '-c', project.config])).code).toBe(0);
  expect((await runInProcess(['schema', 'generate', '-c', project.config])).code).toBe(0);
  const leaveOut = ['.bundles', 'parts'];
  expect(fileTree(project.directory, { leaveOut })).toEqual(fileTree(whole.directory, { leaveOut }));
});

bad('lock merge', 'parts that are missing, foreign or damaged; the lock stays', async ({ inProcess }) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles: names });
  const placeOf = (shard: number) => join(project.directory, 'parts', `${shard}.yaml`);
  await ensureShards(project, placeOf);
  project.write('bundles.lock', 'version: 1\nbundles: {}\n');
  const [one, two, three] = shards.map(placeOf) as [string, string, string];
  const written = (name: string, text: string) => {
    const path = join(project.directory, 'parts', name);
    writeFileSync(path, text);
    return path;
  };
  mkdirSync(join(project.directory, 'parts', 'folder'));
  const spoilt = written('spoilt.yaml', readFileSync(one, 'utf8').slice(0, -30));
  const other = written(
    'other.yaml',
    readFileSync(one, 'utf8').replace(/config: .*/, `config: sha256:${'0'.repeat(64)}`),
  );
  const bundle = `oci:${registry.host}/acme/alpha:v1.0.0`;
  for (const [parts, exit, code, reason] of [
    [[one, two], 4, 'LOCK_PARTS_MISMATCH', 'missing-shard'],
    [[other, two, three], 4, 'LOCK_PARTS_MISMATCH', 'other-configuration'],
    [[spoilt, two, three], 2, 'LOCK_PART_INVALID', undefined],
    [[join(project.directory, 'bundles.lock')], 2, 'LOCK_PART_INVALID', undefined],
    [[bundle, two, three], 2, 'LOCK_PART_INVALID', undefined],
    [[`oci:${registry.host}/acme/none:v1`], 3, 'NOT_FOUND', 'repository-missing'],
    [[join(project.directory, 'parts/4.yaml')], 3, 'NOT_FOUND', undefined],
    [[join(project.directory, 'parts/folder')], 9, 'NOT_READABLE', undefined],
    [['oci:quay.io/acme/parts'], 2, 'REFERENCE_INVALID', undefined],
    [['oci:registry.invalid/acme/parts:v1', '--timeout', '1'], 6, 'REGISTRY_UNREACHABLE', expect.anything()],
    [[''], 2, 'USAGE', undefined],
    [[], 2, 'USAGE', undefined],
  ] as const) {
    const { code: status, stdout, stderr } = await inProcess([...parts, '-c', project.config, '-o', 'json']);
    expect(status, stderr).toBe(exit);
    const { error } = JSON.parse(stdout) as { error: { code: string; details: Record<string, unknown> } };
    expect([error.code, error.details.reason], parts.join(' ')).toEqual([code, reason]);
  }
  expect(textOf(project, 'bundles.lock')).toBe('version: 1\nbundles: {}\n');
});

good(
  'lock merge',
  'a digest that somebody changed in a part is found by a frozen check',
  async ({ inProcess }) => {
    await using project = sampleProject({ repository: 'registry.invalid/acme', bundles: names });
    const placeOf = (shard: number) => join(project.directory, 'parts', `${shard}.yaml`);
    await ensureShards(project, placeOf, ['--offline']);
    const merge = [...shards.map(placeOf), '-c', project.config];
    const check = ['check', '--offline', '--frozen', '-c', project.config];
    expect((await inProcess(merge)).code).toBe(0);
    expect((await runInProcess(check)).code).toBe(0);
    const changed = placeOf(shardOf('beta', 3));
    const text = readFileSync(changed, 'utf8');
    writeFileSync(changed, text.replace(/( {2}beta:\n.*\n {4}digest: sha256:)[0-9a-f]{8}/, '$100000000'));
    expect(readFileSync(changed, 'utf8')).not.toBe(text);
    expect((await inProcess(merge)).code).toBe(0);
    expect((await runInProcess(check)).code).toBe(4);
  },
);

bad('lock merge', 'a shard whose bundle failed, until it ran again', async ({ inProcess }) => {
  await using project = sampleProject({ repository: 'registry.invalid/acme', bundles: names });
  const placeOf = (shard: number) => join(project.directory, 'parts', `${shard}.yaml`);
  const source = textOf(project, 'pipelines/beta.yaml');
  project.write('pipelines/beta.yaml', 'kind: [');
  const codes: number[] = [];
  const run = async (shard: number) => {
    const place = ['--shard', `${shard}/3`, '--part', placeOf(shard)];
    codes.push((await runInProcess(['ensure', '--offline', '-c', project.config, ...place])).code);
  };
  for (const shard of shards) await run(shard);
  const failed = shardOf('beta', 3);
  expect(codes).toEqual(shards.map((shard) => (shard === failed ? 7 : 0)));
  const merge = [...shards.map(placeOf), '-c', project.config, '-o', 'json'];
  const refused = JSON.parse((await inProcess(merge)).stdout) as { error: { details: object } };
  expect(refused.error.details).toMatchObject({ reason: 'missing-bundle', missing: ['beta'] });
  project.write('pipelines/beta.yaml', source);
  await run(failed);
  expect((await inProcess(merge)).code).toBe(0);
  // Then it fails with an entry in the lock: as in one run, that entry stays.
  project.write('pipelines/beta.yaml', 'kind: [');
  await run(failed);
  expect(codes.at(-1)).toBe(7);
  expect(read((await inProcess(merge)).stdout).action).toBe('unchanged');
});
