import { createServer } from 'node:https';
import { expect, test } from 'vitest';
import { on } from '../../src/testing/fault.js';
import { answer, captivePortal, proxyRefusal, rateLimit } from '../../src/testing/faults/answers.js';
import { hang, reset, resetMidBody } from '../../src/testing/faults/connection.js';
import { hostilePlaces, otherLocation, redirect } from '../../src/testing/faults/detour.js';
import { type StartFaultyRegistryOptions, startFaultyRegistry } from '../../src/testing/faulty-registry.js';
import { expectNoLeak } from '../support/expect-no-leak.js';
import { lockOffline } from '../support/lock-offline.js';
import { selfSigned } from '../support/network/certificates.js';
import { listen } from '../support/network/listen.js';
import { credentials, runJson } from '../support/program/run-in-process.js';
import { sampleProject } from '../support/samples/sample-project.js';

const manifest = /\/manifests\//;

/** `check` or `ensure` of the command line against a registry on sockets. */
async function run(mode: 'check' | 'ensure', repository: string, environment: Record<string, string> = {}) {
  await using project = sampleProject({ repository });
  await lockOffline(project);
  const words = [mode, '--config', project.config, '--no-fallback'];
  const { bundle, code, stdout, stderr } = await runJson(words, { environment });
  expect(stdout + stderr).not.toContain('s3cret');
  return { bundle, code, told: `${bundle.verdict} ${code} ${bundle.reason}` };
}

/** Requests are undefined where the moment at which a connection breaks decides: before the head it is asked again. */
type Row = readonly [
  title: string,
  options: StartFaultyRegistryOptions,
  wanted: string,
  requests: number | undefined,
];

const rows: readonly Row[] = [
  ['a tag that is missing', {}, 'absent 3 repository-missing', 2],
  ['a captive portal', { faults: [captivePortal()] }, 'unreachable 6 not-a-registry', 1],
  ['a proxy in the way', { faults: [proxyRefusal()] }, 'unreachable 6 proxy', 1],
  ['Quay hides what is missing', { profile: 'quay' }, 'denied 5 no-credential', 2],
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
    'a body that breaks off is not an answer of the registry',
    { faults: [on({ method: 'GET', path: manifest }, resetMidBody())] },
    'unreachable 6 not-a-registry',
    undefined,
  ],
];

test.concurrent.each(rows)('over sockets: %s', async (_title, options, wanted, requests) => {
  await using registry = await startFaultyRegistry(options);
  const { told, bundle } = await run('check', `${registry.host}/acme`);
  expect(told).toBe(wanted);
  expect(bundle.requests).toBe(requests ?? registry.requests.length);
  expect(registry.requests).toHaveLength(bundle.requests);
});

const robot = { users: { robot: { password: 's3cret', may: 'push' } } } as const;
const head = { method: 'HEAD', path: manifest };

type Detour = readonly [title: string, options: StartFaultyRegistryOptions, wanted: string, count: string];

/** What came of a push, and the requests at the registry and at its second origin. */
const detours: readonly Detour[] = [
  ['quay: a push', { profile: 'quay' }, 'published 0 null', '11+0'],
  ['dockerhub: the token service is on another host', { profile: 'dockerhub' }, 'published 0 null', '10+3'],
  ['gitlab: so is this one', { profile: 'gitlab' }, 'published 0 null', '10+3'],
  [
    'harbor: readers are sent on',
    { profile: 'harbor', faults: [on({ ...head, nth: [2, 4] }, redirect())] },
    'published 0 null',
    '13+2',
  ],
  [
    'harbor: the token service sends us on',
    { profile: 'harbor', faults: [on({ path: /^\/service\/token/ }, redirect())] },
    'failed 5 denied',
    '12+5',
  ],
  [
    'ecr: a HEAD is answered elsewhere',
    { profile: 'ecr', repositories: ['acme/alpha'], faults: [on({ ...head, nth: 2 }, redirect())] },
    'published 0 null',
    '9+1',
  ],
  [
    'distribution: upload sessions are elsewhere',
    { profile: 'distribution', faults: [otherLocation(({ elsewhere }, path) => elsewhere + path)] },
    'published 0 null',
    '9+2',
  ],
  [
    'distribution: upload sessions are sent elsewhere',
    {
      profile: 'distribution',
      faults: [on({ method: 'PUT', path: /\/blobs\/uploads\// }, redirect())],
    },
    'published 0 null',
    '11+2',
  ],
  ...(['metadata', 'metadataV6', 'userinfo', 'file'] as const).map(
    (place): Detour => [
      `distribution: an upload session at ${place}`,
      {
        profile: 'distribution',
        faults: [on({ method: 'POST' }, otherLocation(hostilePlaces[place]))],
      },
      'failed 6 redirect-refused',
      '7+0',
    ],
  ),
];

test.concurrent.each(detours)(
  'over sockets: no credential reaches another origin: %s',
  async (_title, options, wanted, count) => {
    await using registry = await startFaultyRegistry({ ...robot, ...options });
    const environment = credentials(registry.host, 'robot', 's3cret');
    const { bundle, code } = await run('ensure', `${registry.host}/acme`, environment);
    const at = (server: string) => registry.requests.filter((one) => one.server === server).length;
    expect([`${bundle.outcome} ${code} ${bundle.reason}`, `${at('registry')}+${at('elsewhere')}`]).toEqual([
      wanted,
      count,
    ]);
    expect(bundle.requests).toBe(registry.requests.length);
    expectNoLeak(registry.requests, { origin: registry.url, profile: options.profile });
  },
);

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
  // Without a fallback it has 40 s.
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('over sockets: nothing listens', async () => {
  await using project = sampleProject({ repository: '127.0.0.1:1/acme' });
  const refused = await runJson(['check', '--config', project.config]);
  expect([refused.code, refused.bundle.reason]).toEqual([6, 'refused']);
});

test('over sockets: after a certificate of an unknown authority, plain http is not tried', async () => {
  let answered = 0;
  const server = createServer(selfSigned(), (_request, response) => {
    answered++;
    response.end();
  });
  const { told, bundle } = await run('check', `localhost:${await listen(server)}/acme`);
  expect([told, answered]).toEqual(['unreachable 6 tls-unknown-ca', 0]);
  expect(bundle.error?.hint).toContain('NODE_EXTRA_CA_CERTS');
});
