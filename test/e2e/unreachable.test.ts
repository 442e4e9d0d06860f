import { createServer as createTlsServer } from 'node:https';
import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { startGuardedRegistry } from '../support/guarded-registry.js';
import { runJson } from '../support/run-in-process.js';
import { sampleProject } from '../support/sample-project.js';
import { selfSigned } from '../support/self-signed.js';

const hundred = Array.from({ length: 100 }, (_, index) => `bundle-${String(index).padStart(3, '0')}`);

/** A port that does with each connection what `behave` says. */
async function startPort(behave: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function closedPort(): Promise<string> {
  await using port = await startPort(() => undefined);
  return port.host;
}

test('a name that does not exist', { timeout: 10_000 }, async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme', bundles: hundred });
  await expectFallbackInTime(project.config, 'dns');
});

test('a port where nothing listens', { timeout: 10_000 }, async () => {
  await using project = sampleProject({ repository: `${await closedPort()}/acme`, bundles: hundred });
  await expectFallbackInTime(project.config, 'refused');
});

test('a host that takes the connection and never answers', { timeout: 10_000 }, async () => {
  await using port = await startPort(() => undefined);
  await using project = sampleProject({ repository: `${port.host}/acme`, bundles: hundred });
  await expectFallbackInTime(project.config, 'timeout');
});

test('an address where packets vanish', { timeout: 10_000 }, async () => {
  await using project = sampleProject({ repository: '192.0.2.1:5000/acme', bundles: hundred });
  await expectFallbackInTime(project.config, 'timeout', 'no-route', 'refused');
});

test('a host that cuts every connection', { timeout: 10_000 }, async () => {
  await using port = await startPort((socket) => socket.resetAndDestroy());
  await using project = sampleProject({ repository: `${port.host}/acme`, bundles: hundred });
  await expectFallbackInTime(project.config, 'reset');
});

test('a certificate that nobody vouches for', { timeout: 10_000 }, async () => {
  const server = createTlsServer(selfSigned(), (_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await using project = sampleProject({ repository: `localhost:${port}/acme` });
  await expectFallbackInTime(project.config, 'tls-unknown-ca');
  await new Promise((resolve) => server.close(resolve));
});

const html = '<!doctype html><title>Log in to the network</title>';

test.each<[string, () => Response, string]>([
  ['500', () => new Response('oops', { status: 500 }), 'server-error'],
  [
    '503 with HTML',
    () => new Response(html, { status: 503, headers: { 'content-type': 'text/html' } }),
    'server-error',
  ],
  [
    '429 without end',
    () => new Response(html, { status: 429, headers: { 'retry-after': '300' } }),
    'rate-limited',
  ],
  ['407 of a proxy', () => new Response(null, { status: 407 }), 'proxy'],
  [
    '404 in HTML',
    () => new Response(html, { status: 404, headers: { 'content-type': 'text/html' } }),
    'not-a-registry',
  ],
  ['404 in foreign JSON', () => Response.json({ message: 'Not Found' }, { status: 404 }), 'not-a-registry'],
  [
    '200 of a captive portal',
    () => new Response(html, { headers: { 'content-type': 'text/html' } }),
    'not-a-registry',
  ],
  [
    'a redirect to plain http elsewhere',
    () => new Response(null, { status: 307, headers: { location: 'ftp://elsewhere.invalid/x' } }),
    'redirect-refused',
  ],
])('an answer that is no registry: %s', async (_, answer, reason) => {
  await using registry = await startGuardedRegistry();
  registry.intercept = () => answer();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const { code, bundle } = await runJson(['ensure', '--config', project.config]);
  expect([code, bundle.verdict, bundle.outcome, bundle.reason]).toEqual([
    0,
    'unreachable',
    'fallback',
    reason,
  ]);
  const checked = await runJson(['check', '--config', project.config]);
  expect([checked.code, checked.bundle.verdict, checked.bundle.plan]).toEqual([6, 'unreachable', 'fallback']);
  expect(registry.seen.every(({ method }) => method === 'GET' || method === 'HEAD')).toBe(true);
});

test('without a fallback an unreachable registry fails with 6 and a hint', { timeout: 60_000 }, async () => {
  await using project = sampleProject({ repository: `${await closedPort()}/acme` });
  const { code, bundle } = await runJson(['ensure', '--config', project.config, '--no-fallback']);
  expect([code, bundle.outcome, bundle.error?.code]).toEqual([6, 'failed', 'REGISTRY_UNREACHABLE']);
  expect(bundle.error?.hint).toBeTruthy();
});

test('offline asks nobody, computes everything and falls back', async () => {
  await using registry = await startGuardedRegistry();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const { code, bundle, result } = await runJson(['ensure', '--config', project.config, '--offline']);
  expect([code, bundle.verdict, bundle.outcome, bundle.reason]).toEqual([0, null, 'fallback', 'offline']);
  expect(bundle.changes).toEqual(['lock', 'schema']);
  expect(result.summary?.requests).toBe(0);
  expect(registry.seen).toEqual([]);
  const refused = await runJson(['ensure', '--config', project.config, '--offline', '--no-fallback']);
  expect([refused.code, refused.bundle.error?.code]).toEqual([6, 'NO_FALLBACK']);
});

async function expectFallbackInTime(config: string, ...reasons: string[]): Promise<void> {
  const started = performance.now();
  const { code, result } = await runJson(['ensure', '--config', config]);
  const elapsed = performance.now() - started;
  expect(code).toBe(0);
  for (const bundle of result.bundles) {
    expect(bundle).toMatchObject({ verdict: 'unreachable', outcome: 'fallback' });
    expect(reasons).toContain(bundle.reason);
  }
  expect(elapsed).toBeLessThan(3_000 + 20 * result.bundles.length);
}
