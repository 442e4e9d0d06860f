import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPeers } from '../support/peers.js';
import { cliPath, run } from '../support/program/run-cli.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

// The question before publishing at a real terminal: what the keys Ctrl-C and Ctrl-D do is the terminal's own doing.

const peers = findPeers('python3');

/** Runs a command in a pseudo-terminal of its own, types the keys once the question is shown, and gives its exit status. */
const typist = `
import os, pty, sys
keys, command = sys.argv[1].encode().decode('unicode_escape').encode(), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
seen = b''
while True:
    try:
        chunk = os.read(terminal, 65536)
    except OSError:
        break
    if not chunk:
        break
    before, seen = seen, seen + chunk
    if b'[y/N] ' in seen and b'[y/N] ' not in before:
        os.write(terminal, keys)
sys.stdout.buffer.write(seen)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
`;

test.skipIf(peers === undefined).each([
  ['y and return', 'y\\n', 0, 'published', true],
  ['n and return', 'n\\n', 0, 'fallback', true],
  ['return', '\\n', 0, 'fallback', true],
  ['Ctrl-D', '\\x04', 0, 'fallback', true],
  ['Ctrl-C', '\\x03', 130, 'INTERRUPTED', false],
])('%s', async (_, keys, code, said, records) => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const ran = await run(
    peers?.python3 ?? '',
    ['-c', typist, keys, process.execPath, cliPath, 'ensure', '--no-color'],
    { cwd: project.directory, env: { TERM: 'xterm' } },
  );
  expect([ran.code, ran.stdout.split('[y/N]').length], ran.stdout + ran.stderr).toEqual([code, 2]);
  expect(ran.stdout).toContain(said);
  const written = registry.seen.some(({ method }) => method === 'PUT' || method === 'POST');
  expect([written, existsSync(join(project.directory, 'bundles.lock'))]).toEqual([
    said === 'published',
    records,
  ]);
});

test.skipIf(peers === undefined)('a warm run at a terminal asks nothing', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const at = { cwd: project.directory, env: { TERM: 'xterm' } };
  const command = ['-c', typist, '', process.execPath, cliPath, 'ensure', '--no-color'];
  expect((await run(peers?.python3 ?? '', [...command, '--yes'], at)).code).toBe(0);
  registry.seen.length = 0;
  const warm = await run(peers?.python3 ?? '', command, at);
  expect([warm.code, warm.stdout.includes('[y/N]'), registry.seen.map(({ method }) => method)]).toEqual([
    0,
    false,
    ['HEAD'],
  ]);
});
