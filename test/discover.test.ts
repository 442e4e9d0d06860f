import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildLocalBundle } from '../src/ensure/bundle/local-bundle.js';
import { formatReference } from '../src/oci/reference.js';
import { formatLock } from '../src/project/lock/format-lock.js';
import type { LockEntry } from '../src/project/lock/lock.js';
import { parseProject } from '../src/project/parse-project-text.js';
import { readProject } from '../src/project/read-project.js';
import { lockOffline } from './support/lock-offline.js';
import { runInProcess } from './support/program/run-in-process.js';
import { samplePipeline } from './support/samples/sample-project.js';
import { tempDir } from './support/temp-dir.js';

const word = fc.constantFrom('alpha', 'beta', 'gamma', 'delta-x', 'e.f', 'g_h');
const version = fc.constantFrom('0.1', '1.0.0', '2.3.4-rc.1', 'v9');
const override = fc.record(
  {
    tag: fc.constantFrom('v7', '8.0.0'),
    repository: fc.constantFrom('quay.io/own/one', 'ghcr.io/own/two'),
    annotations: fc.dictionary(fc.constantFrom('a', 'b', 'shared'), fc.constantFrom('x', 'y'), {
      maxKeys: 3,
    }),
    labels: fc.dictionary(fc.constantFrom('l', 'm'), fc.constantFrom('x', 'y'), { maxKeys: 2 }),
  },
  { requiredKeys: [] },
);
const found = fc.record({ name: word, version, override: fc.option(override), order: fc.nat() });
const project = fc.record({
  found: fc.uniqueArray(found, { selector: ({ name }) => name, minLength: 1, maxLength: 5 }),
  directories: fc.boolean(),
  prefix: fc.constantFrom('', 'v'),
  own: fc.boolean(),
});

type RandomProject = typeof project extends fc.Arbitrary<infer Value> ? Value : never;

/** The same project, its keys and directories written in one order or the other. */
function writeProject(
  root: string,
  { found: bundles, directories, prefix, own }: RandomProject,
  shuffled: boolean,
): string {
  const ordered = shuffled
    ? [...bundles].sort((left, right) => left.order - right.order)
    : [...bundles].reverse();
  const turn = <T>(object: Record<string, T>): Record<string, T> =>
    Object.fromEntries(shuffled ? Object.entries(object).reverse() : Object.entries(object));
  const files = ordered.map(({ name, version: one }) => `task/${name}/${one}/${name}.yaml`);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), samplePipeline(dirname(file)));
  }
  mkdirSync(join(root, 'own'));
  writeFileSync(join(root, 'own/own.yaml'), samplePipeline('own'));
  const text = JSON.stringify(
    turn({
      version: 1,
      repository: 'registry.invalid/acme',
      discover: [
        turn({
          files: directories ? 'task/{name}/{version}/' : 'task/{name}/{version}/{name}.yaml',
          tag: `${prefix}{version}`,
          annotations: turn({ shared: '{name}', z: 'at {version}' }),
        }),
      ],
      bundles: turn({
        ...(own ? { own: turn({ files: ['own'], tag: 'v1' }) } : {}),
        ...Object.fromEntries(
          ordered.flatMap(({ name, override: some }) => {
            const { annotations, labels, repository, ...tag } = some ?? {};
            const whole = {
              ...tag,
              ...(repository && { repository: `${repository}-${name.replaceAll('_', '')}` }),
              ...(annotations && { annotations: turn(annotations) }),
              ...(labels && { labels: turn(labels) }),
            };
            return some === null ? [] : [[name, turn(whole)]];
          }),
        ),
      }),
    }),
  );
  const config = join(root, 'bundles.yaml');
  writeFileSync(config, text);
  return config;
}

/** The lock of a project whose registry holds nothing. */
async function lockText(config: string): Promise<string> {
  const read = await readProject(config);
  const entries = new Map<string, LockEntry>();
  for (const spec of read.bundles) {
    const { built, sources } = await buildLocalBundle({
      project: read,
      spec,
      entry: undefined,
      created: undefined,
    });
    const { digest, created, objects } = built;
    const reference = formatReference(spec.reference);
    entries.set(spec.name, {
      reference,
      digest,
      created,
      sources,
      objects,
      schema: undefined,
      images: new Map(),
    });
  }
  return formatLock({ entries, workflows: new Map() });
}

/** CI asks for 300; each writes a tree of files twice. */
const projects = Number(process.env.PROPERTY_RUNS ?? 30);

test('random projects have one lock each, in whatever order keys and directories were written', async () => {
  let written = 0;
  await fc.assert(
    fc.asyncProperty(project, async (random) => {
      const locks: string[] = [];
      for (const shuffled of [false, true]) {
        await using directory = tempDir();
        const config = writeProject(directory.path, random, shuffled);
        const lock = await lockText(config);
        locks.push(lock);
        // What a whole run writes is the same; all of them would wait for the disk.
        if (written++ % 20 > 0) continue;
        await lockOffline({ config, directory: directory.path });
        expect(readFileSync(join(directory.path, 'bundles.lock'), 'utf8')).toBe(lock);
      }
      expect(locks[1]).toBe(locks[0]);
      for (const { name } of random.found) expect(locks[0]).toContain(`\n  ${name}:`);
    }),
    { numRuns: projects, seed: 24 },
  );
  expect(written).toBe(2 * projects);
}, 300_000);

test('the order in which paths are found makes no difference', () => {
  const text = `version: 1\nrepository: q.io/a\ndiscover: [{files: "{name}/{version}", tag: "{version}"}, {files: "x/{name}", tag: v1}]\n`;
  const matches = ['a', 'b', 'c', 'd'].map((name, at) => ({
    rule: at % 2,
    path: `${name}/1`,
    values: { name, version: '1' },
  }));
  const straight = parseProject(text, 'bundles.yaml', {}, matches);
  expect(parseProject(text, 'bundles.yaml', {}, [...matches].reverse())).toEqual(straight);
});

test('every command sees a discovered bundle as a declared one', async () => {
  await using directory = tempDir();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(directory.path, path)), { recursive: true });
    writeFileSync(join(directory.path, path), text);
  };
  write('task/alpha/1.0.0/alpha.yaml', samplePipeline('alpha'));
  write('task/beta/2.0.0/beta.yaml', samplePipeline('beta'));
  write(
    'bundles.yaml',
    'version: 1\ndiscover:\n  - {files: "task/{name}/{version}/{name}.yaml", repository: "registry.invalid/acme/task-{name}", tag: "{version}"}\n',
  );
  const config = ['--config', join(directory.path, 'bundles.yaml')];
  const json = async (words: readonly string[]) => {
    const ran = await runInProcess([...words, '--output', 'json', ...config]);
    return { ...ran, result: JSON.parse(ran.stdout) };
  };
  const ensured = await json(['ensure', '--offline']);
  expect([
    ensured.code,
    ensured.result.bundles.map(({ reference }: { reference: string }) => reference),
  ]).toEqual([0, ['registry.invalid/acme/task-alpha:1.0.0', 'registry.invalid/acme/task-beta:2.0.0']]);
  expect(readFileSync(join(directory.path, 'bundles.lock'), 'utf8')).toContain(
    'registry.invalid/acme/task-beta:2.0.0',
  );
  expect((await json(['ensure', 'beta', '--offline', '--frozen'])).code).toBe(0);
  const linted = await json(['lint', 'alpha']);
  expect([linted.code, linted.result.files]).toEqual([
    0,
    [join(directory.path, 'task/alpha/1.0.0/alpha.yaml')],
  ]);
  const built = await json(['build', 'alpha', '--to', join(directory.path, 'out')]);
  expect([built.code, JSON.stringify(built.result).includes('alpha')]).toEqual([0, true]);
  const explained = await json(['explain', 'alpha']);
  expect([explained.code, explained.result.error]).toEqual([0, null]);
  const pinned = await json(['pin', 'alpha', '--offline', '--dry-run']);
  expect([pinned.code, pinned.result.bundles[0].name]).toEqual([6, 'alpha']);
  const unknown = await json(['ensure', 'alhpa', '--offline']);
  expect([unknown.code, unknown.result.error.hint]).toEqual([2, 'Did you mean alpha?']);
});
