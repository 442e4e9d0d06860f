import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openLayoutStore } from '../../../src/content/layout/layout-store.js';
import type { ReadableStore, TagLister } from '../../../src/content/store.js';
import { verifyImage } from '../../../src/content/verify-image.js';
import { isBundlesError } from '../../../src/errors.js';
import { parseLock } from '../../../src/project/lock/read-lock-text.js';
import { fileTree, leftovers } from '../file-tree.js';
import { type SampleProject, samplePipeline, sampleProject } from '../samples/sample-project.js';
import { runEnsure } from './run-ensure.js';
import { runInProcess } from './run-in-process.js';

type Tree = Record<string, string>;

/** A project whose runs are killed, and what its committed files may look like then. */
export interface KilledProject extends AsyncDisposable {
  readonly directory: string;
  readonly config: string;
  /** All committed files were what they were or what they become, whole; layouts hold no tag to a broken manifest. */
  expectWhole(): Promise<void>;
  /** One more run gives the same result as a run that was never killed, and cleans up. */
  expectConverges(words: readonly string[]): Promise<void>;
}

const committed = { leaveOut: ['.bundles'] };

/** With `recorded`, lock and schemas of other sources are there before the run that is killed. */
export async function killedProject({
  repository,
  bundles,
  recorded,
}: {
  readonly repository: string;
  readonly bundles: readonly string[];
  readonly recorded: boolean;
}): Promise<KilledProject> {
  const project = sampleProject({ repository, bundles });
  if (recorded) {
    await record(project);
    for (const name of bundles) project.write(`pipelines/${name}.yaml`, samplePipeline(`${name} again`));
  }
  const before = fileTree(project.directory, committed);
  const after = await futureOf(project);
  const { directory, config } = project;
  return {
    directory,
    config,
    async expectWhole() {
      const now = fileTree(directory, committed);
      for (const [path, content] of Object.entries(now)) {
        if (/\.tmp$|\.writing\//.test(path)) continue;
        expect([before[path], after[path]], path).toContain(content);
      }
      // What was there stays there.
      for (const path of Object.keys(before)) expect(now, path).toHaveProperty([path]);
      const lock = join(directory, 'bundles.lock');
      if (existsSync(lock)) parseLock(readFileSync(lock, 'utf8'), lock);
      for (const layout of layoutsOf(directory)) await expectTagsWhole(openLayoutStore(layout));
    },
    async expectConverges(words) {
      const ran = await runEnsure(directory, words);
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      expect(fileTree(directory, committed)).toEqual(after);
      expect(leftovers(directory)).toEqual([]);
      for (const layout of layoutsOf(directory)) await expectTagsWhole(openLayoutStore(layout));
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

/** Every tag names a manifest whose contents are all there and right. Gives the number of tags. */
export async function expectTagsWhole(store: ReadableStore & TagLister): Promise<number> {
  const tags = await tagsOf(store);
  for (const tag of tags) await verifyImage(store, tag);
  return tags.length;
}

async function tagsOf(store: TagLister): Promise<readonly string[]> {
  try {
    return await store.tags();
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return [];
    throw error;
  }
}

function layoutsOf(directory: string): string[] {
  const root = join(directory, '.bundles/registry');
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/index.json'))
    .map((path) => join(root, path, '..'));
}

async function futureOf({ directory }: SampleProject): Promise<Tree> {
  await using copy = sampleProject({ repository: 'replaced.invalid/x' });
  cpSync(directory, join(copy.directory, 'future'), { recursive: true });
  const future = join(copy.directory, 'future');
  await record({ config: join(future, 'bundles.yaml') });
  return fileTree(future, committed);
}

async function record({ config }: Pick<SampleProject, 'config'>): Promise<void> {
  const { code, stderr } = await runInProcess(['ensure', '--offline', '--config', config]);
  expect(code, stderr).toBe(0);
}
