import { expect } from 'vitest';
import { version } from '../../src/version.js';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';

good('version', 'the version alone, or a document, also by --version', async ({ inProcess }) => {
  expect((await inProcess([])).stdout).toBe(`${version}\n`);
  const { stdout } = await inProcess(['--output', 'json']);
  const document = JSON.parse(stdout) as object;
  expect(document).toMatchObject({ version: 1, program: version, node: process.versions.node, error: null });
  for (const words of [
    ['--version', '--output', 'json'],
    ['-V', '-ojson'],
    ['version', '-o=json'],
  ])
    expect((await runInProcess(words)).stdout).toBe(stdout);
});

bad('version', 'words and options that it does not take', async ({ inProcess }) => {
  expect((await inProcess(['ensure'])).code).toBe(2);
  expect((await inProcess(['--all'])).code).toBe(2);
});
