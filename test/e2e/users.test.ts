import { expect, test } from 'vitest';
import { committedProject, expectUntouched } from '../support/committed-project.js';
import { runEnsure } from '../support/program/run-ensure.js';
import { credentials } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';

const users = {
  robot: { password: 'sesame', may: 'push' },
  reader: { password: 'open', may: 'pull' },
} as const;

test('committed files stay as they are whatever the network, the credentials and the outcome', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'pull', users });
  await using project = await committedProject(`${registry.host}/acme`);
  const env = (user: string, password: string) => ({ env: credentials(registry.host, user, password) });
  const expected = [
    ['offline', ['--offline'], {}, 0, 'fallback'],
    ['without a credential', [], {}, 0, 'fallback'],
    ['with a wrong password', [], env('robot', 'wrong'), 5, 'failed'],
    ['forbidden to push', ['--no-push'], env('robot', 'sesame'), 0, 'fallback'],
    ['by one who may only read', [], env('reader', 'open'), 5, 'failed'],
    ['by one who may push', [], env('robot', 'sesame'), 0, 'published'],
    ['again without a credential', [], {}, 0, 'reused'],
    ['again with a credential', ['--frozen'], env('robot', 'sesame'), 0, 'reused'],
    ['offline again', ['--offline', '--frozen'], {}, 0, 'fallback'],
  ] as const;
  for (const [title, words, options, code, outcome] of expected) {
    const ran = await runEnsure(project.directory, words, options);
    expect([title, ran.code, ran.bundle('alpha').outcome], ran.stderr).toEqual([title, code, outcome]);
    expectUntouched(project);
  }
  registry.intercept = () => new Response('down', { status: 503 });
  const unreachable = await runEnsure(project.directory);
  expect([unreachable.code, unreachable.bundle('alpha').outcome]).toEqual([0, 'fallback']);
  expectUntouched(project);
});

test('without HOME and without any variable a run finds its way', async () => {
  await using registry = await startGuardedRegistry();
  await using project = await committedProject(`${registry.host}/acme`);
  const ran = await runEnsure(project.directory, [], { env: { PATH: undefined, HOME: undefined } });
  expect([ran.code, ran.bundle('alpha').outcome], ran.stderr).toEqual([0, 'published']);
  expectUntouched(project);
});
