import { createServer as createTlsServer } from 'node:https';
import { expect, test } from 'vitest';
import { selfSigned } from '../support/network/certificates.js';
import { listen } from '../support/network/listen.js';
import { runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

test('a certificate of an unknown authority', async () => {
  const server = createTlsServer(selfSigned(), (_, response) => response.end());
  const port = await listen(server);
  await using project = sampleProject({ repository: `localhost:${port}/acme` });
  const { code, bundle } = await runJson(['ensure', '--config', project.config]);
  expect([code, bundle.verdict, bundle.outcome, bundle.reason]).toEqual([
    0,
    'unreachable',
    'fallback',
    'tls-unknown-ca',
  ]);
  await new Promise((resolve) => server.close(resolve));
});

const html = '<!doctype html><title>Log in to the network</title>';

test.concurrent.each<[string, () => Response, string]>([
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
])('an answer that is not a registry: %s', async (_, answer, reason) => {
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

test.concurrent('without a fallback an unreachable registry fails with 6 and a hint', async () => {
  await using project = sampleProject({ repository: `127.0.0.1:1/acme` });
  const { code, bundle } = await runJson(['ensure', '--config', project.config, '--no-fallback']);
  expect([code, bundle.outcome, bundle.error?.code]).toEqual([6, 'failed', 'REGISTRY_UNREACHABLE']);
  expect(bundle.error?.hint).toBeTruthy();
});

test('offline sends no request, computes everything and falls back', async () => {
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
