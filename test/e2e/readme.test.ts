import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sceneText } from '../../scripts/pictures/run-scene.js';
import { textOfTerminal, withoutColours } from '../../scripts/pictures/terminal-svg.js';
import { playScene, withoutDurations } from '../support/documents/picture-scene.js';
import { playProjectLines, projectLines, readmeFence, root } from '../support/documents/readme.js';
import { run, runCli } from '../support/program/run-cli.js';
import { tempDir } from '../support/temp-dir.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const samples = ['bundles.yaml', 'bundles.lock', 'pipelines', 'schemas'];

/** Runs an example in a copy of the samples, where the package is installed. */
async function runExample(example: string) {
  await using directory = tempDir();
  mkdirSync(join(directory.path, 'node_modules'));
  symlinkSync(root, join(directory.path, 'node_modules/tekton-bundles'));
  for (const path of samples) cpSync(join(root, path), join(directory.path, path), { recursive: true });
  const config = join(directory.path, 'bundles.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace('quay.io', 'registry.invalid'));
  writeFileSync(join(directory.path, 'example.mjs'), example);
  return await run(process.execPath, ['example.mjs'], { cwd: directory.path, timeoutMs: 120_000 });
}

/** That it is strict TypeScript, `library.test.ts` tests. */
const example = () => readmeFence("from 'tekton-bundles'");

test('the example of README.md runs', async () => {
  const ran = await runExample(example());
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(ran.stdout).toMatch(/^failing fallback \S+@sha256:\w{64}\nhello-world fallback \S+\n$/);
});

test('the picture in README.md shows what the program prints: npm run pictures -- run', async () => {
  const shown = await playScene(async (words, { directory, environment }) => {
    const ran = await runCli(words, { cwd: directory, env: { ...environment, npm_command: 'exec' } });
    return ran.stdout + ran.stderr;
  });
  // Here without a terminal: no line of the scene is wide enough to be wrapped.
  const pictured = textOfTerminal(read('docs/pictures/ensure.svg'));
  expect(withoutDurations(pictured)).toBe(withoutDurations(withoutColours(sceneText(shown))));
});

test('the lines of README.md for a project of your own publish it, from the packed package', async () => {
  const skip = (line: string) => line.startsWith('git ');
  expect(projectLines()).toHaveLength(6);
  const [added = ''] = projectLines().filter(skip);
  await playProjectLines({ skip }, (project, played) => {
    expect(played).toHaveLength(4);
    for (const { line, code, stderr } of played) expect(code, `${line}\n${stderr}`).toBe(0);
    expect(played.at(-1)?.stdout).toMatch(/published [\s\S]*\/pipelines\/failing:[\s\S]*published /);
    const named = added.split(' ').slice(2);
    for (const path of named) expect(existsSync(join(project, path)), path).toBe(true);
    const made = readdirSync(project).filter(
      (name) => !['node_modules', 'package.json', 'pipelines'].includes(name),
    );
    expect([...named, '.bundles'].sort()).toEqual(made.sort());
  });
});

test('the first of the two lines of README.md changes no committed file', async () => {
  expect(readmeFence('npm ci').trimEnd().split('\n')).toEqual([
    'npm ci && npm run ensure',
    'npm ci && npm test',
  ]);
  await using directory = tempDir();
  for (const path of samples) cpSync(join(root, path), join(directory.path, path), { recursive: true });
  const { scripts } = JSON.parse(read('package.json')) as { scripts: { ensure: string } };
  const [, words = ''] = /&& node bin\/bundles\.js (.+)$/.exec(scripts.ensure) ?? [];
  const ran = await runCli([...words.split(' '), '--offline'], { cwd: directory.path });
  expect([ran.code, ran.stdout]).toEqual([
    0,
    expect.stringMatching(/^↓ failing +fallback +offline\n↓ hello-world /),
  ]);
  for (const path of [
    'bundles.lock',
    'schemas/failing-workflow-schema.yaml',
    'schemas/hello-world-workflow-schema.yaml',
  ])
    expect(readFileSync(join(directory.path, path)), path).toEqual(readFileSync(join(root, path)));
});
