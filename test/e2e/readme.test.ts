import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, runCli } from '../support/run-cli.js';
import { tempDir } from '../support/temp-dir.js';

const root = join(import.meta.dirname, '../..');
const examples = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```js\n([\s\S]*?)^```/gm)].map(
  (match) => match[1]!,
);

/** Runs an example of the README in a copy of the samples, where the package is installed. */
async function runExample(example: string) {
  await using directory = tempDir();
  mkdirSync(join(directory.path, 'node_modules'));
  symlinkSync(root, join(directory.path, 'node_modules/tekton-bundles'));
  for (const path of ['bundles.yaml', 'bundles.lock', 'pipelines', 'schemas'])
    cpSync(join(root, path), join(directory.path, path), { recursive: true });
  const config = join(directory.path, 'bundles.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace('quay.io', 'registry.invalid'));
  writeFileSync(join(directory.path, 'example.mjs'), example);
  return await run(process.execPath, ['example.mjs'], { cwd: directory.path, timeoutMs: 120_000 });
}

test('README has an example for each entry point of the package', () => {
  expect(examples).toHaveLength(2);
  for (const entry of ['tekton-bundles', 'tekton-bundles/testing'])
    expect(
      examples.some((example) => example.includes(`from '${entry}'`)),
      entry,
    ).toBe(true);
});

test('the examples of README are strict TypeScript', async () => {
  await using directory = tempDir();
  const written = examples.map((example, index) => {
    const file = `example-${index}.mts`;
    writeFileSync(join(directory.path, file), example);
    return file;
  });
  expect(written.length).toBe(2);
  const compilerOptions = {
    noEmit: true,
    rootDir: '/',
    typeRoots: [join(root, 'node_modules/@types')],
    paths: {
      'tekton-bundles': [join(root, 'src/public/index.ts')],
      'tekton-bundles/*': [join(root, 'src/public/*.ts')],
    },
  };
  const settings = { extends: join(root, 'tsconfig.json'), compilerOptions, files: written, include: [] };
  writeFileSync(join(directory.path, 'tsconfig.json'), JSON.stringify(settings));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const ran = await run(process.execPath, [compiler, '-p', directory.path]);
  expect([ran.code, ran.stdout]).toEqual([0, '']);
});

test('the main job as a library', async () => {
  const ran = await runExample(examples[0] ?? '');
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  expect(ran.stdout).toMatch(
    /^failing fallback registry\.invalid\/\S+@sha256:\w{64}\nhello-world fallback \S+\n$/,
  );
});

test('a bundle from sources to a registry as a library', async () => {
  const ran = await runExample(examples[1] ?? '');
  expect([ran.code, ran.stderr, ran.stdout]).toEqual([0, '', 'true pipeline/workflow\n']);
});

test('the output that README shows is what one sees', async () => {
  const [, shown = ''] =
    /^```\n(↓ failing [\s\S]*?)^```/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  await using directory = tempDir();
  for (const path of ['bundles.yaml', 'bundles.lock', 'pipelines', 'schemas'])
    cpSync(join(root, path), join(directory.path, path), { recursive: true });
  // As npm leaves it to a script.
  const env = { npm_lifecycle_event: 'ensure', npm_lifecycle_script: 'node bin/bundles.js ensure' };
  const ran = await runCli(['ensure', '--offline'], { cwd: directory.path, env });
  const expected = shown
    .replaceAll('unreachable: quay.io has no address (DNS)', 'offline')
    .replace('0.3 s, 2 requests', /[\d.]+ m?s, 0 requests/.exec(ran.stdout)?.[0] ?? '');
  expect([ran.code, ran.stdout]).toEqual([0, expected]);
  for (const path of ['bundles.lock', 'schemas/failing-workflow-schema.yaml'])
    expect(readFileSync(join(directory.path, path)), path).toEqual(readFileSync(join(root, path)));
});
