import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EnsureResult } from '../../src/ensure/result.js';
import { startBlackHole } from '../support/network/black-hole.js';
import { cliPath, type Ran, run, runCli } from '../support/program/run-cli.js';
import { sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

// The whole program, from its start to its end, with 100 bundles on a host that is unreachable.

const bundles = Array.from({ length: 100 }, (_, index) => `bundle-${String(index).padStart(3, '0')}`);
const words = ['ensure', '--output', 'json'];
const canReplaceNameServers = process.getuid?.() === 0 && process.platform === 'linux';
if (!canReplaceNameServers) console.warn('SKIPPED: name servers that are silent need Linux and root');

async function expectFallbackInTime(
  repository: string,
  reasons: readonly string[],
  ensure = (cwd: string): Promise<Ran> => runCli(words, { cwd }),
): Promise<void> {
  await using project = sampleProject({ repository, bundles });
  const { code, stdout, stderr, milliseconds } = await ensure(project.directory);
  const { bundles: results, summary } = JSON.parse(stdout) as EnsureResult;
  expect([code, summary?.fallback], stderr).toEqual([0, bundles.length]);
  for (const { verdict, reason } of results) {
    expect(verdict).toBe('unreachable');
    expect(reasons).toContain(reason);
  }
  console.info(`${reasons[0]}: ${Math.round(milliseconds)} ms, ${summary?.requests} requests`);
  expect(summary?.requests).toBeLessThanOrEqual(2);
  expect(milliseconds).toBeLessThan(await limit());
}

/** Three seconds; on a machine that is busy with other things, as much more as the work without a host takes there. */
async function limit(): Promise<number> {
  await using project = sampleProject({ repository: 'registry.invalid/acme', bundles });
  const { milliseconds } = await runCli([...words, '--offline'], { cwd: project.directory });
  return 3_000 + 2 * Math.max(0, milliseconds - 800);
}

test('a name that does not exist', async () => {
  await expectFallbackInTime('registry.invalid/acme', ['dns']);
});

test('a port where nothing listens', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  await expectFallbackInTime(`127.0.0.1:${port}/acme`, ['refused']);
});

test.each<[string, string, (socket: Socket) => void]>([
  ['takes the connection and never answers', 'timeout', () => undefined],
  ['cuts every connection', 'reset', (socket) => socket.resetAndDestroy()],
])('a host that %s', async (_, reason, behave) => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await expectFallbackInTime(`127.0.0.1:${port}/acme`, [reason]);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test.skipIf(process.platform !== 'linux')('a host whose packets vanish', async () => {
  await using hole = await startBlackHole();
  await expectFallbackInTime(`${hole.host}/acme`, ['timeout']);
});

test('an unused address', async () => {
  await expectFallbackInTime('192.0.2.1:5000/acme', ['timeout', 'unreachable-host', 'refused']);
});

test.skipIf(!canReplaceNameServers)('name servers that are silent', async () => {
  await using names = await startSilentNameServer();
  const ensure = (cwd: string) =>
    run('unshare', ['-m', ...names.before, process.execPath, cliPath, ...words], { cwd });
  await expectFallbackInTime('registry.example.com/acme', ['timeout'], ensure);
});

/** A name server that never answers, and the words before a program that make it the only one. */
async function startSilentNameServer() {
  const directory = tempDir();
  const [a, b, c] = Array.from({ length: 3 }, () => 1 + Math.floor(Math.random() * 250));
  const address = `127.${a}.${b}.${c}`;
  const socket = createSocket('udp4').bind(53, address);
  await once(socket, 'listening');
  const file = join(directory.path, 'resolv.conf');
  writeFileSync(file, `nameserver ${address}\n`);
  return {
    before: ['sh', '-c', 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"', 'sh', file],
    async [Symbol.asyncDispose]() {
      socket.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}
