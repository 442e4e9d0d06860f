import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { EnsureResult } from '../../src/ensure/result.js';
import { exampleOf } from '../support/errors/example-of.js';
import { fileTree, leftovers } from '../support/file-tree.js';
import { gate } from '../support/network/gate.js';
import { cliPath } from '../support/program/run-cli.js';
import { runEnsure } from '../support/program/run-ensure.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

const bundles = ['alpha', 'beta', 'gamma'];

/** Runs `ensure` until `ready`, sends the signals, and reports how it ended and how long that took. */
async function interrupted(
  directory: string,
  { ready, signals, words = [] }: { ready: Promise<void>; signals: NodeJS.Signals[]; words?: string[] },
) {
  const child = spawn(process.execPath, [cliPath, 'ensure', '--output', 'json', ...words], {
    cwd: directory,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const printed = Promise.all([buffer(child.stdout), buffer(child.stderr)]);
  await Promise.race([ready, exited]);
  const started = performance.now();
  for (const signal of signals) {
    child.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null];
  const milliseconds = performance.now() - started;
  const [stdout, stderr] = await printed;
  return { code, signal, milliseconds, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** A registry that goes quiet at the first request that `hangs`. */
async function hangingRegistry(hangs: (request: Request) => boolean) {
  const registry = await startGuardedRegistry();
  const ready = gate();
  registry.intercept = (request) => {
    if (!hangs(request)) return undefined;
    ready.open();
    return new Promise<Response>(() => undefined);
  };
  return { registry, ready: ready.opened };
}

test.each<[string, NodeJS.Signals, (request: Request) => boolean]>([
  ['asks for a tag', 'SIGINT', ({ url }) => url.includes('/manifests/')],
  ['asks for a tag, by SIGTERM', 'SIGTERM', ({ url }) => url.includes('/manifests/')],
  ['uploads a blob', 'SIGINT', ({ method }) => method === 'POST'],
  ['puts the tag', 'SIGINT', ({ method, url }) => method === 'PUT' && url.includes('/manifests/')],
])('a run that is interrupted while it %s ends at once and leaves nothing half', async (_, signal, hangs) => {
  const { registry, ready } = await hangingRegistry(hangs);
  await using _registry = registry;
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles });
  const before = fileTree(project.directory);
  const ran = await interrupted(project.directory, { ready, signals: [signal], words: ['--no-fallback'] });
  expect([ran.code, ran.signal], ran.stderr).toEqual([130, null]);
  // What it waits for has 40 s.
  expect(ran.milliseconds).toBeLessThan(20_000);
  const result = JSON.parse(ran.stdout) as EnsureResult;
  expect(result.error).toMatchObject({ code: 'INTERRUPTED' });
  expect(result.error?.message).toBe(exampleOf('INTERRUPTED').replace('SIGINT', signal));
  expect(ran.stderr).not.toMatch(/^\s+at /m);
  expect(fileTree(project.directory)).toEqual(before);
  registry.intercept = undefined;
  const again = await runEnsure(project.directory, ['--no-fallback']);
  expect([again.code, leftovers(project.directory)], again.stdout).toEqual([0, []]);
});

test('a second Ctrl-C ends it whatever it does', async () => {
  const { registry, ready } = await hangingRegistry(() => true);
  await using _registry = registry;
  await using project = sampleProject({ repository: `${registry.host}/acme`, bundles });
  const ran = await interrupted(project.directory, { ready, signals: ['SIGINT', 'SIGINT'] });
  expect(ran.code === 130 || ran.signal === 'SIGINT').toBe(true);
  expect(ran.milliseconds).toBeLessThan(20_000);
});
