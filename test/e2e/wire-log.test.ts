import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { optionsOf, parseFlags } from '../../src/cli/command.js';
import { commands } from '../../src/cli/commands.js';
import type { Fault } from '../../src/testing/fault.js';
import { startFaultyRegistry } from '../../src/testing/faulty-registry.js';
import { credentials, runInProcess } from '../support/program/run-in-process.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

/** Commands that send no request of this program: they read, write and serve files, or ask a cluster or an engine. */
const local = [
  'bump',
  'build',
  'lint',
  'run',
  'schema generate',
  'schema convert',
  'schema validate',
  'registry serve',
  'registry gc',
  'registry deploy',
  'images prune',
  'images ps',
  'init',
  'logout',
  'version',
  'completion',
  'generate-key-pair',
];

test('every command that sends requests takes --debug, and no other does', () => {
  const without = commands
    .filter((command) => !optionsOf(command).some((row) => parseFlags(row).long === 'debug'))
    .map(({ name }) => name);
  expect(without.sort()).toEqual([...local].sort());
});

/** Repeats in its headers and addresses whatever proof a request carries, as a careless proxy may. */
const echo: Fault = async (request, next) => {
  const proof = request.headers.get('authorization') ?? 'none';
  const answer = await next(request);
  const headers = new Headers(answer.headers);
  headers.set('server', `you sent ${proof}`);
  headers.set('x-proof', proof);
  headers.append('set-cookie', `session=${encodeURIComponent(proof)}`);
  return new Response(answer.body, { status: answer.status, headers });
};

test('push, ensure, list, copy and login log every request, and neither passwords nor tokens', async () => {
  const word = fc.stringMatching(/^[A-Za-z0-9+_-]{12,24}$/);
  await fc.assert(
    fc.asyncProperty(
      word,
      fc.constantFrom('quay', 'harbor', 'distribution' as const),
      async (password, profile) => {
        const tokens = new Set<string>();
        const spy: Fault = async (request, next) => {
          const proof = request.headers.get('authorization') ?? '';
          if (proof.startsWith('Bearer ')) tokens.add(proof.slice(7));
          return next(request);
        };
        const users = { robot: { password, may: 'push' } } as const;
        await using registry = await startFaultyRegistry({
          profile,
          users,
          faults: [spy, echo],
          anonymous: 'nothing',
        });
        await using project = sampleProject({ repository: `${registry.host}/acme` });
        project.write('x.yaml', samplePipeline('x'));
        const { host } = registry;
        const options = { environment: credentials(host, 'robot', password), home: project.directory };
        const runs = [
          ['push', `${host}/acme/x:v1`, '-f', join(project.directory, 'x.yaml')],
          ['ensure', '--config', project.config],
          ['list', `${host}/acme/x:v1`],
          ['copy', `${host}/acme/x:v1`, `${host}/acme/y:v1`],
          ['login', host, '-u', 'robot', '--password-stdin'],
        ];
        for (const words of runs) {
          registry.requests.length = 0;
          const ran = await runInProcess([...words, '--debug'], { ...options, input: password });
          expect([words[0], ran.code]).toEqual([words[0], 0]);
          const logged = [...ran.stderr.matchAll(/^\[(\d+)\] ([A-Z]+) http/gm)];
          expect(logged.map(([, , method]) => method).sort()).toEqual(
            registry.requests.map(({ method }) => method).sort(),
          );
          // The lines of one request stand together: its number comes and goes once.
          const order = [...ran.stderr.matchAll(/^\[(\d+)\]/gm)].map(([, number]) => number);
          const changes = order.filter((number, index) => number !== order[index - 1]);
          expect(new Set(changes).size).toBe(changes.length);
          const pair = Buffer.from(`robot:${password}`).toString('base64');
          for (const secret of [password, pair, encodeURIComponent(pair), ...tokens]) {
            expect(ran.stderr.includes(secret)).toBe(false);
          }
        }
      },
    ),
    { numRuns: 8 },
  );
}, 120_000);

test('a proxy that refuses, and a host that does not answer, are logged as what they are', async () => {
  const ran = await runInProcess(['list', '127.0.0.1:1/acme/x:v1', '--debug']);
  expect(ran.code).toBe(6);
  expect(ran.stderr).toMatch(/^\[1\] no answer \(refused\) after \d+ ms$/m);
});

test('without --debug nothing of it is printed', async () => {
  const ran = await runInProcess(['list', '127.0.0.1:1/acme/x:v1', '--verbose']);
  expect(ran.stderr).not.toMatch(/^\[1\]/m);
});
