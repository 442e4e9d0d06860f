import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'vitest';
import { readSigningKey } from '../../src/signing/keys/private-key.js';
import { readPublicKey } from '../../src/signing/keys/public-key.js';
import { bad, good } from '../support/program/command-cases.js';
import { tempDir } from '../support/temp-dir.js';

good('generate-key-pair', 'writes a private half that the password opens', async ({ spawned }) => {
  await using directory = tempDir();
  const ran = await spawned(['-o', 'json'], {
    cwd: directory.path,
    env: { COSIGN_PASSWORD: 'a long password' },
  });
  expect(ran.code).toBe(0);
  const document = JSON.parse(ran.stdout);
  expect(document).toMatchObject({ version: 1, private: 'cosign.key', public: 'cosign.pub', error: null });
  expect(statSync(join(directory.path, 'cosign.key')).mode & 0o777).toBe(0o600);
  const read = (name: string) => readFileSync(join(directory.path, name));
  const key = await readSigningKey(read('cosign.key'), 'k', { password: async () => 'a long password' });
  expect(key.publicKey.fingerprint).toBe(document.fingerprint);
  expect(readPublicKey(read('cosign.pub'), 'p').fingerprint).toBe(document.fingerprint);
  expect(ran.stdout + ran.stderr + read('cosign.key')).not.toContain('a long password');
});

good('generate-key-pair', 'asks twice at a terminal and shows no answer', async ({ inProcess }) => {
  await using directory = tempDir();
  const prefix = join(directory.path, 'typed');
  const input = Object.assign(new PassThrough(), { setRawMode: () => undefined });
  const onStderr = (text: string) => {
    if (/: $/.test(text)) input.write('typed twice\r');
  };
  const ran = await inProcess(['--output-key-prefix', prefix], { input, terminal: true, onStderr });
  expect(ran.code).toBe(0);
  expect(ran.stdout + ran.stderr).not.toContain('typed twice');
  const key = readFileSync(`${prefix}.key`);
  await readSigningKey(key, 'k', { password: async () => 'typed twice' });
});

bad('generate-key-pair', 'files that exist, two passwords, and none at all', async ({ inProcess }) => {
  await using directory = tempDir();
  const words = ['--output-key-prefix', join(directory.path, 'a')];
  const environment = { COSIGN_PASSWORD: '' };
  expect((await inProcess(words)).code).toBe(2);
  const input = Object.assign(new PassThrough(), { setRawMode: () => undefined });
  let asked = 0;
  const onStderr = (text: string) => {
    if (/: $/.test(text)) input.write(`${asked++}\r`);
  };
  expect((await inProcess(words, { input, terminal: true, onStderr })).code).toBe(2);
  expect(readdirSync(directory.path)).toEqual([]);
  expect((await inProcess(words, { environment })).code).toBe(0);
  const before = readFileSync(join(directory.path, 'a.key'), 'utf8');
  expect((await inProcess(words, { environment })).code).toBe(9);
  expect(readFileSync(join(directory.path, 'a.key'), 'utf8')).toBe(before);
});
