import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliPath, run } from '../support/run-cli.js';

const dist = join(import.meta.dirname, '..', '..', 'dist');

/** Packages that a file imports before it does anything: in one file with lazy parts, theirs would be among them. */
function loadedAtOnce(file: string): string[] {
  const text = readFileSync(join(dist, file), 'utf8');
  const imports = [
    ...text.matchAll(/(?:^|[;}])\s*(?:import|export)\s*(?:[^'";()]*?\bfrom\s*)?["']([^"'./][^"']*)["']/gm),
  ];
  return [...new Set(imports.map((match) => match[1]!))].filter((name) => !name.startsWith('node:')).sort();
}

test.each(['cli.js', 'program.js', 'main-job.js'])('%s imports no package before it is needed', (file) => {
  expect(loadedAtOnce(file)).toEqual([]);
});

test('ensure starts without the parts of Node that few runs need', async () => {
  const tell = "process.once('exit', () => console.error(process.moduleLoadList.join('\\n')));";
  const first = ['--import', `data:text/javascript,${encodeURIComponent(tell)}`];
  const { code, stderr } = await run(process.execPath, [...first, cliPath, 'ensure', '--help']);
  const loaded = stderr.split('\n').map((line) => line.replace(/^NativeModule /, ''));
  expect([code, loaded.includes('fs')]).toEqual([0, true]);
  const rare = [
    'child_process',
    'http2',
    'https',
    'tls',
    'internal/crypto/webcrypto',
    'internal/deps/undici/undici',
  ];
  expect(loaded.filter((name) => rare.includes(name))).toEqual([]);
});

test('the part that serves a catalog loads its packages itself, and what looks for them finds them', () => {
  expect(loadedAtOnce('catalog-server.js')).toEqual(expect.arrayContaining(['hono', 'kysely']));
});
