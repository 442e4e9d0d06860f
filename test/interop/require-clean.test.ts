import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { exampleOf } from '../support/errors/example-of.js';
import { findPeers } from '../support/peers.js';
import { mustRun } from '../support/program/run-cli.js';
import { type InProcessOptions, runJson } from '../support/program/run-in-process.js';
import { startGuardedRegistry } from '../support/registry/guarded-registry.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';

// What is published from files that the last commit does not hold.

const peers = findPeers('git');

async function stage() {
  const registry = await startGuardedRegistry();
  const project = sampleProject({ repository: `${registry.host}/acme`, bundles: ['alpha', 'beta'] });
  const git = (...words: string[]) =>
    mustRun('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...words], {
      cwd: project.directory,
      env: { HOME: project.directory },
    });
  await git('init', '-q');
  await git('add', 'pipelines', 'bundles.yaml');
  await git('commit', '-q', '-m', 'start');
  const environment = { PATH: process.env.PATH ?? '', HOME: project.directory };
  const ensure = (words: readonly string[] = [], options: InProcessOptions = {}) =>
    runJson(['ensure', '--config', project.config, ...words], { environment, ...options });
  return {
    ...{ registry, project, git, ensure },
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}

const warned = (warnings: readonly string[]) => warnings.filter((text) => text.includes('not committed'));

describe.skipIf(peers === undefined)('with git', () => {
  test('committed sources bring no warning, also beside other files that are not committed', async () => {
    await using at = await stage();
    at.project.write('notes.txt', 'a draft');
    const { code, result } = await at.ensure(['--require-clean']);
    expect(code).toBe(0);
    expect(result.bundles.map(({ outcome, warnings }) => [outcome, warned(warnings)])).toEqual([
      ['published', []],
      ['published', []],
    ]);
  });

  test.each([
    [
      'changed',
      (write: (path: string, text: string) => void) => write('pipelines/alpha.yaml', samplePipeline('new')),
    ],
    [
      'ignored',
      (write: (path: string, text: string) => void) => {
        write('.gitignore', 'generated/\n');
        write('generated/alpha.yaml', samplePipeline('generated'));
      },
    ],
    [
      'new',
      (write: (path: string, text: string) => void) => write('generated/alpha.yaml', samplePipeline('new')),
    ],
  ])('a source that is %s warns, and --require-clean refuses its bundle alone', async (_, change) => {
    await using at = await stage();
    at.project.write(
      'bundles.yaml',
      `version: 1\nrepository: ${at.registry.host}/acme\ntag: v1.0.0\nbundles:\n  alpha: {files: [pipelines/alpha.yaml, 'generated/**']}\n  beta: {files: [pipelines/beta.yaml]}\n`,
    );
    at.project.write(
      'generated/other.yaml',
      samplePipeline('other')
        .replace('kind: Pipeline', 'kind: Pipeline')
        .replace('name: workflow', 'name: other'),
    );
    await at.git('add', '.');
    await at.git('commit', '-q', '-m', 'more');
    change((path, text) =>
      at.project.write(
        path,
        text.replace('name: workflow', path.startsWith('generated') ? 'name: second' : 'name: workflow'),
      ),
    );
    const refused = await at.ensure(['--require-clean']);
    expect(refused.code).toBe(4);
    expect(refused.result.bundles.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
      ['failed', 'SOURCES_UNCOMMITTED'],
      ['published', undefined],
    ]);
    expect(refused.bundle.error?.details).toMatchObject({ bundle: 'alpha', reason: 'uncommitted' });
    const shown = refused.bundle.error?.message
      .replaceAll('alpha', 'hello')
      .replace('generated', 'pipelines');
    expect(shown).toBe(exampleOf('SOURCES_UNCOMMITTED'));
    const published = await at.ensure();
    expect(published.result.bundles.map(({ outcome }) => outcome)).toEqual(['published', 'reused']);
    expect(published.result.bundles.map(({ warnings }) => warned(warnings).length)).toEqual([1, 0]);
    const again = await at.ensure(['--require-clean']);
    expect([again.code, again.result.summary.reused]).toEqual([0, 2]);
  });

  test('at a terminal the list names what is not committed before the question', async () => {
    await using at = await stage();
    at.project.write('pipelines/alpha.yaml', samplePipeline('new'));
    const { stderr, code } = await at.ensure([], { terminal: true, input: Readable.from([]) });
    expect([code, /not committed: pipelines\/alpha\.yaml/.test(stderr)]).toEqual([0, true]);
  });

  test('outside of a working tree nothing is warned of, and --require-clean refuses', async () => {
    await using at = await stage();
    await using outside = sampleProject({ repository: `${at.registry.host}/other` });
    const ran = await runJson(['ensure', '--config', outside.config, '--require-clean'], {
      environment: { PATH: process.env.PATH ?? '' },
    });
    expect([ran.code, ran.bundle.error?.details.reason]).toEqual([4, 'no-git']);
  });

  test('a project below the top of the working tree, and reached by a link, is looked at too', async () => {
    await using at = await stage();
    const directory = join(at.project.directory, 'deep/project');
    mkdirSync(join(directory, 'pipelines'), { recursive: true });
    writeFileSync(join(directory, 'pipelines/gamma.yaml'), samplePipeline('gamma'));
    writeFileSync(
      join(directory, 'bundles.yaml'),
      `version: 1\nrepository: ${at.registry.host}/deep\ntag: v1\nbundles:\n  gamma: {files: [pipelines/gamma.yaml]}\n`,
    );
    symlinkSync(directory, join(at.project.directory, 'link'));
    for (const place of ['deep/project', 'link']) {
      const config = join(at.project.directory, place, 'bundles.yaml');
      const ran = await runJson(['ensure', '--config', config, '--require-clean'], {
        environment: { PATH: process.env.PATH ?? '' },
      });
      expect([place, ran.code, ran.bundle.error?.details.reason]).toEqual([place, 4, 'uncommitted']);
    }
  });
});
