import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { findPeers } from '../support/peers.js';
import { tempDir } from '../support/temp-dir.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const go = test.skipIf(findPeers('go') === undefined);
const python = test.skipIf(findPeers('python3') === undefined);

/** The examples as somebody has them who installed the package beside them, and a way to run a program in one of them. */
async function installed(name: string) {
  const directory = tempDir();
  onTestFinished(() => directory[Symbol.asyncDispose]());
  const at = (...parts: string[]) => join(directory.path, ...parts);
  await cp(join(root, 'examples'), directory.path, { recursive: true });
  await mkdir(at('node_modules', '.bin'), { recursive: true });
  await symlink(root, at('node_modules', 'tekton-bundles'));
  await symlink(join(root, 'node_modules', 'vitest'), at('node_modules', 'vitest'));
  await symlink(join(root, 'bin', 'bundles.js'), at('node_modules', '.bin', 'tekton-bundles'));
  const path = [at('node_modules', '.bin'), process.env.PATH].join(delimiter);
  const environment = { ...process.env, PATH: path, NO_COLOR: '1' };
  return (program: string, ...words: string[]) =>
    promisify(execFile)(program, words, { cwd: at(name), env: environment });
}

go('the suite in Go passes, and its TestMain is short', async () => {
  const run = await installed('go');
  const { stdout } = await run('go', 'test', '-v', '-count=1', './...');
  expect(stdout.match(/^--- PASS/gm)).toHaveLength(2);
  const main = await readFile(join(root, 'examples', 'go', 'main_test.go'), 'utf8');
  expect(main.split('\n').length).toBeLessThan(60);
});

python('the suite in Python passes', async () => {
  const run = await installed('python');
  const { stderr } = await run('python3', '-m', 'unittest', '-v');
  expect(stderr).toMatch(/Ran 2 tests[\s\S]*\nOK\n/);
});

test('the suite of vitest passes', async () => {
  const run = await installed('vitest');
  const { stdout } = await run(process.execPath, '../node_modules/vitest/vitest.mjs', 'run');
  expect(stdout).toMatch(/Tests {2}2 passed/);
});

test('the suite of node:test passes', async () => {
  const run = await installed('node-test');
  const { stdout } = await run(process.execPath, '--test', '--test-reporter=tap');
  expect(stdout).toMatch(/^# pass 2$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});
