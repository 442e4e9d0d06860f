import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/program/run-cli.js';
import { sampleProject } from '../support/samples/sample-project.js';

const isKept = 'enableCompileCache' in module;
if (!isKept) console.warn('SKIPPED: Node before 22 does not keep compiled code');
const kept = test.skipIf(!isKept);

const repository = 'quay.invalid/acme';

kept.each([
  ['the home directory', (directory: string) => ({ HOME: directory }), '.cache'],
  [
    'XDG_CACHE_HOME',
    (directory: string) => ({ HOME: directory, XDG_CACHE_HOME: join(directory, 'own') }),
    'own',
  ],
])('compiled code is kept for the next start below %s', async (_title, environment, cache) => {
  await using project = sampleProject({ repository });
  const ran = await runCli(['ensure', '--offline', '--config', project.config], {
    env: environment(project.directory),
  });
  expect(ran.code).toBe(0);
  const [version = '', ...others] = readdirSync(join(project.directory, cache, 'tekton-bundles', 'compiled'));
  expect([version.startsWith(process.version), others]).toEqual([true, []]);
});

test('a home directory that cannot be written to stops nothing', async () => {
  await using project = sampleProject({ repository });
  const home = join(project.directory, 'home');
  mkdirSync(home);
  writeFileSync(join(home, '.cache'), 'no directory');
  const ran = await runCli(['ensure', '--offline', '--config', project.config], { env: { HOME: home } });
  expect([ran.code, ran.stderr.includes('cache'), existsSync(join(home, '.cache', 'x'))]).toEqual([
    0,
    false,
    false,
  ]);
});
