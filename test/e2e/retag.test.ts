import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startFaultyRegistry } from '../../src/testing/faulty-registry.js';
import { credentials, runInProcess, runJson } from '../support/program/run-in-process.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

/** A project whose lock pins what `ensure` has published, and a way to put something else on its tag from outside. */
async function published(profile: 'distribution' | 'quay') {
  const registry = await startFaultyRegistry({
    profile,
    users: { robot: { password: 's3cret-word', may: 'push' } },
  });
  const run = { environment: credentials(registry.host, 'robot', 's3cret-word') };
  const project = sampleProject({ repository: `${registry.host}/acme`, workflow: false });
  const ensure = (...words: string[]) =>
    runJson(['ensure', 'alpha', '--config', project.config, ...words], run);
  const first = await ensure();
  return {
    digest: first.bundle.digest,
    ensure,
    async pushOver(file: string, ...words: string[]) {
      const reference = `${registry.host}/acme/alpha:v1.0.0`;
      const path = join(project.directory, file);
      const ran = await runInProcess(['push', reference, '-f', path, '-o', 'json', ...words], run);
      return (JSON.parse(ran.stdout) as { digest: string }).digest;
    },
    write: project.write,
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await registry.stop();
    },
  };
}

test.each([
  ['distribution', 'the registry still has it'],
  ['quay', 'the registry no longer has it'],
] as const)(
  'a tag that moved to an equivalent digest warns once: the content is the same, and of the old digest on %s, %s',
  async (profile, fate) => {
    await using given = await published(profile);
    const moved = await given.pushOver('pipelines/alpha.yaml', '--ctime', '2024-02-29');
    const { code, bundle } = await given.ensure();
    expect([code, bundle.verdict, bundle.digest]).toEqual([0, 'equivalent', moved]);
    const [warning = '', ...others] = bundle.warnings.filter((text) => text.includes('digest'));
    expect(others).toEqual([]);
    for (const part of [given.digest, moved, 'the same content', fate]) expect(warning).toContain(part);
    const again = await given.ensure();
    expect([again.bundle.verdict, again.bundle.warnings]).toEqual(['present', []]);
  },
);

test('a tag that moved to other content, taken as it is, is not reported as the same content', async () => {
  await using given = await published('distribution');
  given.write('other.yaml', samplePipeline('other'));
  const moved = await given.pushOver('other.yaml');
  const { code, bundle } = await given.ensure('--on-different', 'reuse');
  expect([code, bundle.verdict, bundle.outcome]).toEqual([0, 'different', 'reused']);
  const warning = bundle.warnings.find((text) => text.includes(moved)) ?? '';
  expect(warning).toContain(given.digest);
  expect(warning).toContain('other content');
  expect(warning).not.toContain('the same content');
});

test('a digest that stays gives no warning, and asks for nothing more', async () => {
  await using given = await published('distribution');
  const { bundle } = await given.ensure();
  // One HEAD that meets the challenge, and one that answers it.
  expect([bundle.verdict, bundle.requests, bundle.warnings]).toEqual(['present', 2, []]);
});
