import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../test/support/temp-dir.js';
import { readMemory } from './memory.js';
import { defaultBuildSlots } from './preflight.js';

const unlimited = '9223372036854771712';

/** Files as the kernel shows them, by their paths. */
async function machine(files: Readonly<Record<string, string>>) {
  const directory = tempDir();
  const all = { 'proc/meminfo': 'MemTotal:  8388608 kB\nMemAvailable:  4194304 kB\n', ...files };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(join(directory.path, path, '..'), { recursive: true });
    await writeFile(join(directory.path, path), text);
  }
  const places = { proc: join(directory.path, 'proc'), cgroups: join(directory.path, 'cg') };
  return Object.assign(directory, { places });
}

const gib = 2 ** 30;

test('without a control group the machine is the limit', async () => {
  await using place = await machine({});
  expect(await readMemory(place.places)).toEqual({ total: 8 * gib, available: 4 * gib, by: 'this machine' });
});

test('of version 2 the tightest group above counts, without pages that are given back', async () => {
  await using place = await machine({
    'proc/self/cgroup': '0::/user.slice/job\n',
    'cg/user.slice/memory.max': `${2 * gib}\n`,
    'cg/user.slice/memory.current': `${gib * 1.75}\n`,
    'cg/user.slice/memory.stat': `anon 1\ninactive_file ${gib / 4}\n`,
    'cg/user.slice/job/memory.max': 'max\n',
    'cg/user.slice/job/memory.current': '1\n',
  });
  expect(await readMemory(place.places)).toEqual({
    total: 2 * gib,
    available: gib / 2,
    by: join(place.places.cgroups, 'user.slice'),
  });
});

test('of version 1 the same, and its way to write no limit is none', async () => {
  const group = (limit: string | number, usage: number) => ({
    'cg/memory/a/memory.limit_in_bytes': `${limit}\n`,
    'cg/memory/a/memory.usage_in_bytes': `${usage}\n`,
    'proc/self/cgroup': '3:cpu,cpuacct:/b\n4:memory:/a/gone\n0::/\n',
  });
  await using limited = await machine(group(gib, gib / 4));
  expect(await readMemory(limited.places)).toMatchObject({ total: gib, available: 0.75 * gib });
  await using free = await machine(group(unlimited, gib));
  expect(await readMemory(free.places)).toMatchObject({ by: 'this machine' });
});

test('a group that leads out of the tree, or files that make no sense, count for nothing', async () => {
  await using place = await machine({
    'proc/self/cgroup': '0::/../../etc\nnonsense\n0::/x\n',
    'cg/x/memory.max': 'much\n',
    'cg/x/memory.current': '-1\n',
  });
  expect(await readMemory(place.places)).toMatchObject({ by: 'this machine' });
});

test('two builds are right for four processors and eight gibibytes, and one is always', async () => {
  const status = {
    version: '',
    remote: true,
    visible: false,
    containers: undefined,
    freeDiskBytes: undefined,
    directories: [],
  };
  expect(await defaultBuildSlots({ ...status, cpus: 4, memoryBytes: 8 * gib })).toBe(2);
  expect(await defaultBuildSlots({ ...status, cpus: 16, memoryBytes: 8 * gib })).toBe(2);
  expect(await defaultBuildSlots({ ...status, cpus: 4, memoryBytes: 64 * gib })).toBe(2);
  expect(await defaultBuildSlots({ ...status, cpus: 1, memoryBytes: gib })).toBe(1);
});
