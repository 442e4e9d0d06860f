import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLayoutStore } from '../../src/content/layout/layout-store.js';
import { sendTo } from '../../src/http/serve/handler-transport.js';
import { createRegistryClient } from '../../src/registry/client.js';
import { fileTree, leftovers } from '../support/file-tree.js';
import { expectTagsWhole } from '../support/program/killed-project.js';
import { runEnsure } from '../support/program/run-ensure.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { startServeCommand } from '../support/registry/serve-command.js';
import { type SampleProject, sampleProject } from '../support/samples/sample-project.js';

const bundles = Array.from({ length: 8 }, (_, index) => `bundle-${index}`);

/** What a run alone would have written. */
async function alone(repository: string): Promise<Record<string, string>> {
  await using project = sampleProject({ repository, bundles });
  await runInProcess(['ensure', '--offline', '--config', project.config]);
  return committed(project);
}

function committed({ directory }: Pick<SampleProject, 'directory'>): Record<string, string> {
  return fileTree(directory, { leaveOut: ['.bundles'] });
}

test('two runs at once on one project and one registry both succeed and write the same lock', async () => {
  await using registry = await startGuardedRegistry();
  const repository = `${registry.host}/acme`;
  for (let round = 0; round < 3; round++) {
    await using project = sampleProject({ repository: `${repository}-${round}`, bundles });
    const runs = await Promise.all([1, 2, 3].map(() => runEnsure(project.directory)));
    for (const { code, stdout, stderr, result } of runs) {
      expect(code, stdout + stderr).toBe(0);
      // Anyone who came second found what the first had put there.
      for (const { outcome } of result.bundles) expect(['published', 'reused']).toContain(outcome);
    }
    expect(committed(project)).toEqual(await alone(`${repository}-${round}`));
    expect(leftovers(project.directory)).toEqual([]);
    const client = createRegistryClient({ send: sendTo(registry.inner) });
    for (const name of bundles) {
      const place = { registry: registry.host, repository: `acme-${round}/${name}` };
      expect(await expectTagsWhole(client.repository(place))).toBe(1);
    }
  }
});

test('two projects that publish the same bundles at once end with the same pins', async () => {
  await using registry = await startGuardedRegistry();
  const repository = `${registry.host}/acme`;
  await using left = sampleProject({ repository, bundles });
  await using right = sampleProject({ repository, bundles });
  const runs = await Promise.all([left, right].map(({ directory }) => runEnsure(directory)));
  expect(runs.map(({ code }) => code)).toEqual([0, 0]);
  expect(committed(left)).toEqual(committed(right));
  expect(runs[0]?.result.bundles.map(({ pinned }) => pinned)).toEqual(
    runs[1]?.result.bundles.map(({ pinned }) => pinned),
  );
});

test('runs for different bundles of one project at once lose nothing of each other', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme', bundles });
  const runs = await Promise.all(
    [bundles.slice(0, 3), bundles.slice(3, 5), bundles.slice(5)].map((names) =>
      runEnsure(project.directory, ['--offline', ...names]),
    ),
  );
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(committed(project)).toEqual(await alone('registry.invalid/acme'));
  const state = JSON.parse(readFileSync(join(project.directory, '.bundles/state.json'), 'utf8'));
  expect(state.bundles).toHaveLength(bundles.length);
});

test('runs that fall back into one state directory at once leave whole layouts', async () => {
  await using left = sampleProject({ repository: 'registry.invalid/acme', bundles });
  await using right = sampleProject({ repository: 'registry.invalid/acme', bundles });
  const state = join(left.directory, '.bundles');
  const runs = await Promise.all(
    [left, right, left, right].map(({ directory }) =>
      runEnsure(directory, ['--offline', '--state-dir', state]),
    ),
  );
  for (const { code, stdout, stderr } of runs) expect(code, stdout + stderr).toBe(0);
  expect(committed(left)).toEqual(committed(right));
  expect(leftovers(left.directory)).toEqual([]);
  for (const name of bundles) {
    const store = openLayoutStore(join(state, 'registry/acme', name));
    expect(await expectTagsWhole(store)).toBe(1);
  }
});

test('runs fall back into the directory that a registry serves while others push to it', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme', bundles });
  const state = join(project.directory, '.bundles');
  await using served = await startServeCommand(join(state, 'registry'));
  const { host } = new URL(served.url);
  await using pushing = sampleProject({ repository: `${host}/acme`, bundles });
  const runs = await Promise.all([
    runEnsure(project.directory),
    runEnsure(pushing.directory, ['--no-fallback']),
    runEnsure(project.directory),
  ]);
  for (const { code, stdout, stderr } of runs) expect(code, stdout + stderr).toBe(0);
  const [first, pushed] = runs;
  for (const name of bundles) {
    const place = { registry: host, repository: `acme/${name}` };
    const repository = createRegistryClient({ send: sendTo((request) => fetch(request)) }).repository(place);
    expect(await expectTagsWhole(repository)).toBe(1);
    expect((await repository.resolve('v1.0.0')).digest).toBe(first?.bundle(name).digest);
    expect(first?.bundle(name).served).toMatchObject({ live: true });
    expect(pushed?.bundle(name).digest).toBe(first?.bundle(name).digest);
  }
  expect(leftovers(project.directory)).toEqual([]);
});
