import { expect, test } from 'vitest';
import { gate } from '../support/network/gate.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { type GuardedRegistry, startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { sampleProject } from '../support/samples/sample-project.js';

/** A registry that answers for manifests once it may. */
async function slowRegistry(): Promise<{ registry: GuardedRegistry; mayAnswer: ReturnType<typeof gate> }> {
  const registry = await startGuardedRegistry();
  const mayAnswer = gate();
  registry.intercept = (request) =>
    request.url.includes('/manifests/') ? mayAnswer.opened.then(() => registry.inner(request)) : undefined;
  return { registry, mayAnswer };
}

/** What a terminal shows in the end: what was drawn for the moment is gone where it was removed. */
function shownAtLast(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.split('\r\u001b[K').at(-1))
    .join('\n');
}

const commands = (config: string, host: string): [string, string[]][] => [
  ['ensure', ['--config', config, '--no-push']],
  ['check', ['--config', config]],
  ['list', [`${host}/acme/alpha:v1.0.0`]],
  ['doctor', ['--config', config]],
];

test('a terminal sees what is waited for, and nothing of it stays', async () => {
  await using project = sampleProject({ repository: 'registry.invalid/acme' });
  const names = commands('', '').map(([name]) => name);
  for (const [index, name] of names.entries()) {
    const { registry, mayAnswer } = await slowRegistry();
    await using _registry = registry;
    await using own = sampleProject({ repository: `${registry.host}/acme` });
    const [, words = []] = commands(own.config, registry.host)[index] ?? [];
    let seen = '';
    const ran = await runInProcess([name, ...words, '--no-color'], {
      columns: 120,
      onStderr(text) {
        seen += text;
        if (seen.includes(`asking ${registry.host} for acme/alpha:v1.0.0`)) mayAnswer.open();
      },
    });
    expect(seen, name).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /);
    expect(shownAtLast(ran.stderr), name).not.toMatch(/asking|[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/);
    expect(ran.stdout, name).not.toContain('asking');
  }
  expect((await runInProcess(['lint', '--config', project.config], { columns: 80 })).stderr).toBe('');
});

test.each<[string, { columns?: number; environment?: Record<string, string> }, string[]]>([
  ['a pipe', {}, []],
  ['--quiet', { columns: 80 }, ['--quiet']],
  ['a dumb terminal before ten seconds', { columns: 80, environment: { TERM: 'dumb' } }, []],
  ['a CI job before ten seconds', { columns: 80, environment: { CI: 'true' } }, []],
])('nothing is drawn for %s', async (_, given, more) => {
  const { registry, mayAnswer } = await slowRegistry();
  await using _registry = registry;
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const asked = gate();
  const { intercept } = registry;
  registry.intercept = (request) => {
    if (request.url.includes('/manifests/')) asked.open();
    return intercept?.(request);
  };
  const running = runInProcess(['check', '--config', project.config, ...more], given);
  await asked.opened;
  await new Promise((resolve) => setTimeout(resolve, 500));
  mayAnswer.open();
  expect((await running).stderr).toBe('');
});

test('a run that is interrupted while it waits takes away what it drew before it reports that', async () => {
  const { registry } = await slowRegistry();
  await using _registry = registry;
  await using project = sampleProject({ repository: `${registry.host}/acme` });
  const interruption = new AbortController();
  const ran = await runInProcess(['check', '--no-color', '--config', project.config], {
    columns: 80,
    signal: interruption.signal,
    onStderr: (text) => text.includes('asking') && interruption.abort(new Error('interrupted')),
  });
  expect(ran.stderr).toContain('asking');
  expect(shownAtLast(ran.stderr)).toMatch(/^error\[/);
});
