import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRegistry } from '../../src/testing/start-registry.js';
import { version } from '../../src/version.js';
import { mustRun, run } from '../support/program/run-cli.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

// bundles.mjs: the program in one file, in a directory that holds nothing else, with an empty PATH.

const root = join(import.meta.dirname, '..', '..');
const place = tempDir();
const file = join(place.path, 'alone', 'bundles.mjs');

beforeAll(async () => {
  mkdirSync(join(place.path, 'alone'));
  await mustRun(process.execPath, [join(root, 'scripts/build-mjs.mjs'), file]);
});
afterAll(() => place[Symbol.asyncDispose]());

const start = (words: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) =>
  run(process.execPath, [file, ...words], { cwd, env: { PATH: '', ...env } });

test('ensure, lint, push, list, export and the check of schemas work with that file alone', async () => {
  await using registry = await startRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  expect(readdirSync(join(file, '..'))).toEqual(['bundles.mjs']);
  const reference = `${registry.host}/acme/by-hand:v1`;
  for (const [words, shows] of [
    [['--version'], version],
    [['--help'], 'ensure'],
    [['lint'], ''],
    [['ensure', '--push', '--no-fallback'], '1 published'],
    [['ensure', '--frozen', '--no-fallback'], '1 reused'],
    [['push', reference, '-f', 'pipelines/alpha.yaml'], 'Pushed Tekton Bundle'],
    [['list', reference], 'pipeline'],
    [['schema', 'validate', 'schemas/alpha-workflow-schema.yaml'], '✓'],
    [['export', 'alpha', '--format', 'oci-archive', '--to', 'out'], 'alpha.tar'],
    [['explain', 'TAG_DIFFERS'], 'TAG_DIFFERS'],
  ] as const) {
    const ran = await start(words, project.directory);
    expect([words[0], ran.code, ran.stderr.includes('error[')]).toEqual([words[0], 0, false]);
    expect(ran.stdout + ran.stderr, words.join(' ')).toContain(shows);
  }
  expect(existsSync(join(project.directory, 'out/alpha.tar'))).toBe(true);
});

test('hints name the file, and a missing optional package is named with the line that installs it', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const wrong = await start(['ensure', '--no-such-option'], project.directory);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining(`node ${file} ensure --help`)]);
  for (const [words, name] of [
    [['registry', 'deploy'], '@kubernetes/client-node'],
    [['catalog', 'serve', '--port', '0'], '@electric-sql/pglite'],
    [['catalog', 'serve', '--port', '0', '--database', 'postgres://127.0.0.1:9/x'], 'pg'],
  ] as const) {
    const ran = await start(words, project.directory);
    expect([ran.code, ran.stderr]).toEqual([9, expect.stringContaining(`npm install ${name}@`)]);
  }
});

test('the process that supervises a build is the same file', async () => {
  const order = {
    ...{ program: process.execPath, arguments: ['-e', "console.log('built'); process.exit(3)"] },
    ...{ marks: [], timeoutMs: 60_000 },
  };
  const child = spawn(process.execPath, [file, 'supervise-build', JSON.stringify(order)]);
  let output = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
  // Its standard input stays open: when that ends, the build does.
  const [code] = await once(child, 'close');
  expect([code, output]).toEqual([3, 'built\n']);
});

test('its licences are at its end, each package that is in it named', () => {
  const text = readFileSync(file, 'utf8');
  const notices = text.slice(text.lastIndexOf('\n/*\n'));
  for (const name of ['ajv', 'hono', 'js-yaml', 'kysely', '@octokit/rest', '@sigstore/verify', 're2js'])
    expect(notices).toMatch(new RegExp(`(?:^|, )${name} \\d`, 'm'));
  expect(notices).not.toContain('vitest');
  // One byte for each character: Node reads it faster.
  expect(text.length).toBe(Buffer.byteLength(text));
});

test('the same sources give the same bytes under another name, in another directory', async () => {
  const other = join(place.path, 'other', 'x.mjs');
  await mustRun(process.execPath, [join(root, 'scripts/build-mjs.mjs'), other], {
    cwd: place.path,
    env: { TZ: 'Asia/Kolkata' },
  });
  expect(readFileSync(other).equals(readFileSync(file))).toBe(true);
});
