import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { on } from '../src/testing/fault.js';
import { answer, captivePortal, proxyRefusal, rateLimit } from '../src/testing/faults/answer.js';
import { hang, reset, resetMidBody } from '../src/testing/faults/connection.js';
import { redirect } from '../src/testing/faults/detour.js';
import {
  type StartFaultyRegistryOptions,
  startFaultyRegistry,
} from '../src/testing/start-faulty-registry.js';
import { credentials, runJson } from './support/run-in-process.js';
import { sampleProject } from './support/sample-project.js';
import { selfSigned } from './support/self-signed.js';

const manifest = /\/manifests\//;

/** `check` or `ensure` of the command line against a registry on sockets. */
async function run(mode: 'check' | 'ensure', repository: string, environment: Record<string, string> = {}) {
  await using project = sampleProject({ repository });
  const words = [mode, '--config', project.config, '--no-fallback'];
  const { bundle, code, stdout, stderr } = await runJson(words, { environment });
  expect(stdout + stderr).not.toContain('s3cret');
  return { bundle, code, told: `${bundle.verdict} ${code} ${bundle.reason}` };
}

type Row = readonly [title: string, options: StartFaultyRegistryOptions, wanted: string, requests: number];

const rows: readonly Row[] = [
  ['a tag that is missing', {}, 'absent 3 repository-missing', 2],
  ['a captive portal', { faults: [captivePortal()] }, 'unreachable 6 not-a-registry', 1],
  ['a proxy in the way', { faults: [proxyRefusal()] }, 'unreachable 6 proxy', 1],
  ['Quay hides what is missing', { profile: 'quay' }, 'denied 5 no-credential', 3],
  ['too long a wait', { faults: [rateLimit({ retryAfter: '3600' })] }, 'unreachable 6 rate-limited', 1],
  [
    'one 503',
    { faults: [on({ nth: 1 }, answer(503, { headers: { 'retry-after': '0' } }))] },
    'absent 3 repository-missing',
    3,
  ],
  [
    'one broken connection',
    { faults: [on({ method: 'GET', path: manifest, nth: 1 }, reset())] },
    'absent 3 repository-missing',
    3,
  ],
  [
    'a body that breaks off is no word of the registry',
    { faults: [on({ method: 'GET', path: manifest }, resetMidBody())] },
    'unreachable 6 not-a-registry',
    2,
  ],
];

test.concurrent.each(rows)('over sockets: %s', async (_title, options, wanted, requests) => {
  await using registry = await startFaultyRegistry(options);
  const { told, bundle } = await run('check', `${registry.host}/acme`);
  expect(told).toBe(wanted);
  expect(registry.requests).toHaveLength(requests);
  expect(bundle.requests).toBe(requests);
});

test('over sockets: a credential goes to its registry and its token service, not to where it is sent on to', async () => {
  await using registry = await startFaultyRegistry({
    profile: 'harbor',
    users: { robot: { password: 's3cret', may: 'push' } },
    faults: [on({ method: 'HEAD', path: manifest, nth: [2, 4] }, redirect())],
  });
  const { bundle, code } = await run(
    'ensure',
    `${registry.host}/acme`,
    credentials(registry.host, 'robot', 's3cret'),
  );
  expect([code, bundle.outcome]).toEqual([0, 'published']);
  const away = registry.requests.filter(({ server }) => server === 'elsewhere');
  expect(away.length).toBeGreaterThan(0);
  for (const { authorization, headers } of away)
    expect([authorization, headers.includes('cookie')]).toEqual([undefined, false]);
});

test('over sockets: a registry that never answers is given up in time, with a fallback at hand', async () => {
  await using registry = await startFaultyRegistry({ faults: [hang()] });
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const started = performance.now();
  const { bundle, code } = await runJson(['ensure', '--config', project.config]);
  expect([code, bundle.verdict, bundle.outcome, bundle.reason]).toEqual([
    0,
    'unreachable',
    'fallback',
    'timeout',
  ]);
  expect(performance.now() - started).toBeLessThan(6000);
});

test('over sockets: nothing listens', async () => {
  const registry = await startFaultyRegistry();
  await registry.stop();
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const refused = await runJson(['check', '--config', project.config]);
  expect([refused.code, refused.bundle.reason]).toEqual([6, 'refused']);
});

test('over sockets: a certificate nobody vouches for is not answered by plain http', async () => {
  let answered = 0;
  const server = createServer(selfSigned(), (_request, response) => {
    answered++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { told, bundle } = await run('check', `localhost:${(server.address() as AddressInfo).port}/acme`);
  expect([told, answered]).toEqual(['unreachable 6 tls-unknown-ca', 0]);
  expect(bundle.error?.hint).toContain('NODE_EXTRA_CA_CERTS');
});
