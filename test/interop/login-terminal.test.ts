import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPeers } from '../support/peers.js';
import { cliPath, mustRun } from '../support/program/run-cli.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { tempDir } from '../support/temp-dir.js';

const peers = findPeers('python3');
const script = join(import.meta.dirname, '..', 'support', 'program', 'in-terminal.py');
const users = { robot: { password: 'sesame w\u00f6rd', may: 'push' } } as const;

type Step = readonly [waitFor: string, type: string | { readonly signal: number }];

interface Seen {
  readonly shown: string;
  readonly status: number | null;
  /** At each step, whether the terminal echoed nothing. */
  readonly hidden: readonly boolean[];
  readonly restored: boolean;
}

async function login(host: string, home: string, plan: readonly Step[], words: readonly string[] = []) {
  const command = [process.execPath, cliPath, 'login', host, '-u', 'robot', ...words];
  const ran = await mustRun('python3', [script, JSON.stringify(plan), ...command], { env: { HOME: home } });
  return { ...(JSON.parse(ran) as Seen), file: join(home, '.docker', 'config.json') };
}

test.skipIf(peers === undefined)('a password is asked for, corrected, taken and never shown', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'nothing', users });
  await using home = tempDir();
  const plan: Step[] = [
    ['Password of robot', 'wrong\u0015sesame'],
    ['Password of robot', ' w\u00f6rdx\u007f\r'],
  ];
  const seen = await login(registry.host, home.path, plan);
  expect(seen).toMatchObject({ status: 0, hidden: [true, true], restored: true });
  expect(seen.shown).toContain('logged in to');
  expect(seen.shown).not.toMatch(/sesame|wrong|w\u00f6rd|\*/);
  expect(existsSync(seen.file)).toBe(true);
});

test.skipIf(peers === undefined)(
  'a password that is pasted with more behind it counts up to its end',
  async () => {
    await using registry = await startGuardedRegistry({ anonymous: 'nothing', users });
    await using home = tempDir();
    const seen = await login(registry.host, home.path, [
      ['Password of', 'sesame w\u00f6rd\nrm -rf something\n'],
    ]);
    expect(seen).toMatchObject({ status: 0, restored: true });
    expect(seen.shown).not.toMatch(/sesame|something/);
  },
);

test.skipIf(peers === undefined).each([
  ['Ctrl-C', 'sesame\u0003', 130],
  ['Ctrl-D', '\u0004', 2],
  ['Enter alone', '\r', 2],
  ['a wrong password', 'wrong-word\r', 5],
  ['SIGTERM', { signal: 15 }, 130],
  ['SIGINT from elsewhere', { signal: 2 }, 130],
] as const)('%s gives the terminal back, and nothing is kept', async (_, step, status) => {
  await using registry = await startGuardedRegistry({ anonymous: 'nothing', users });
  await using home = tempDir();
  const seen = await login(registry.host, home.path, [['Password of robot', step]]);
  expect(seen).toMatchObject({ status, hidden: [true], restored: true });
  expect(seen.shown).not.toMatch(/sesame|wrong-word/);
  expect(existsSync(seen.file)).toBe(false);
});

test.skipIf(peers === undefined)('--password-stdin reads a terminal too, as requested', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'nothing', users });
  await using home = tempDir();
  const words = ['--password-stdin', '--verbose', '--debug'];
  const seen = await login(registry.host, home.path, [['', 'sesame w\u00f6rd\n\u0004']], words);
  expect([seen.status, seen.restored]).toEqual([0, true]);
});
