import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { createFastClock } from '../support/clocks/fast-clock.js';
import { startLoopbackGitHub } from '../support/github/loopback-github.js';
import { bad, good } from '../support/program/command-cases.js';
import { runInProcess } from '../support/program/run-in-process.js';
import { type SampleProject, sampleProject } from '../support/samples/sample-project.js';

const repository = 'registry.invalid/acme';
const old = `sha256:${'0'.repeat(64)}`;

/** A project with a lock, in a directory of a repository, and what its references are to be. */
async function lockedProject(files: Readonly<Record<string, string>>) {
  const project = sampleProject({ repository });
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  expect((await runInProcess(['ensure', '--offline', '--config', project.config])).code).toBe(0);
  const lock = readFileSync(join(project.directory, 'bundles.lock'), 'utf8');
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(lock)?.[1] ?? '';
  return Object.assign(project, {
    pinned: `${repository}/alpha:v1.0.0@${digest}`,
    read: (path: string) => readFileSync(join(project.directory, path), 'utf8'),
  });
}

const run = (reference: string) => `# run it\r\ntaskRef: {bundle: "${reference}"} # here\r\n`;
const stale = `${repository}/alpha:v0.9.0@${old}`;
const at = ({ config }: SampleProject, ...words: string[]) => [...words, '--config', config];

good('update-refs', 'a diff, then --check, then --write', async ({ inProcess }) => {
  await using project = await lockedProject({
    'deploy/run.yaml': run(stale),
    'README.md': `\`${repository}/alpha:v0.9.0\`\n`,
  });
  const lock = project.read('bundles.lock');
  const shown = await inProcess(at(project));
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain(`-taskRef: {bundle: "${stale}"} # here`);
  expect(shown.stdout).toContain(`+taskRef: {bundle: "${project.pinned}"} # here`);
  expect((await inProcess(at(project, '--check'))).code).toBe(3);
  expect(project.read('deploy/run.yaml')).toBe(run(stale));
  const written = await inProcess(at(project, '--write', '--output', 'json'));
  const reference = { line: 2, column: 20, bundle: 'alpha', from: stale, to: project.pinned };
  expect([written.code, JSON.parse(written.stdout)]).toEqual([
    0,
    {
      version: 1,
      mode: 'write',
      files: [{ path: 'deploy/run.yaml', references: [reference] }],
      left: [
        {
          path: 'README.md',
          line: 1,
          column: 2,
          reference: `${repository}/alpha:v0.9.0`,
          reason: 'unpinned',
        },
      ],
      skipped: { links: 0, binary: 0, large: 0 },
      pullRequest: null,
      summary: { files: 1, references: 1, left: 1 },
      error: null,
    },
  ]);
  expect([project.read('deploy/run.yaml'), project.read('bundles.lock')]).toEqual([
    run(project.pinned),
    lock,
  ]);
  expect((await inProcess(at(project, '--check'))).code).toBe(0);
  await inProcess(at(project, '--write', '--pin'));
  expect(project.read('README.md')).toBe(`\`${project.pinned}\`\n`);
});

good('update-refs', 'the whole repository, or the paths that are named', async ({ inProcess }) => {
  await using project = await lockedProject({});
  const inside = join(project.directory, 'tekton', 'bundles.yaml');
  for (const path of ['bundles.yaml', 'bundles.lock', 'pipelines/alpha.yaml']) {
    mkdirSync(dirname(join(dirname(inside), path)), { recursive: true });
    writeFileSync(join(dirname(inside), path), project.read(path));
  }
  project.write('.git/HEAD', 'ref: refs/heads/main\n');
  project.write('deploy/run.yaml', run(stale));
  project.write('other/run.yaml', run(stale));
  const paths = async (...words: string[]) => {
    const { stdout } = await inProcess([...words, '--config', inside, '--output', 'json']);
    return JSON.parse(stdout).files.map(({ path }: { path: string }) => path);
  };
  expect(await paths()).toEqual(['deploy/run.yaml', 'other/run.yaml']);
  expect(await paths(join(project.directory, 'deploy'))).toEqual(['deploy/run.yaml']);
});

bad('update-refs', 'no lock, a path outside, a path that is not there, two modes', async ({ inProcess }) => {
  await using empty = sampleProject({ repository });
  const codeOf = async (...words: string[]) => {
    const ran = await inProcess([...words, '--output', 'json']);
    return [ran.code, JSON.parse(ran.stdout).error.code];
  };
  expect(await codeOf(...at(empty))).toEqual([4, 'LOCK_STALE']);
  await using project = await lockedProject({ 'deploy/run.yaml': run(stale) });
  expect(await codeOf(...at(project, dirname(project.directory)))).toEqual([2, 'USAGE']);
  expect(await codeOf(...at(project, join(project.directory, 'none')))).toEqual([7, 'SOURCE_NOT_FOUND']);
  expect(await codeOf(...at(project, '--write', '--check'))).toEqual([2, 'USAGE']);
});

good('update-refs', 'one pull request at GitHub', async ({ inProcess }) => {
  await using github = await startLoopbackGitHub({
    files: { 'deploy/run.yaml': run(stale) },
    prefix: '/api/v3',
  });
  await using project = await lockedProject({ 'deploy/run.yaml': run(stale).replaceAll('\r\n', '\n') });
  const environment = {
    GITHUB_API_URL: github.url,
    GITHUB_REPOSITORY: github.repository,
    GITHUB_TOKEN: github.token,
  };
  const propose = async (...words: string[]) => {
    const all = at(project, '--pull-request', '--timeout', '600', ...words);
    return inProcess(all, { environment, clock: createFastClock(100) });
  };
  const created = await propose('--output', 'json', '--debug');
  expect(created.stderr).not.toContain(github.token);
  expect([created.code, JSON.parse(created.stdout).pullRequest]).toEqual([
    0,
    {
      action: 'created',
      reason: null,
      number: 1,
      url: 'https://github.test/pull/1',
      base: 'main',
      branch: 'bundles/update-refs',
      commit: github.refs.get('heads/bundles/update-refs'),
      files: ['deploy/run.yaml'],
    },
  ]);
  expect(github.read('bundles/update-refs', 'deploy/run.yaml')?.toString()).toBe(run(project.pinned));
  expect(github.pulls[0]?.body).toContain(project.pinned);
  // This checkout is up to date then, and the base branch is not.
  expect((await inProcess(at(project, '--write'))).code).toBe(0);
  expect((await propose()).stdout).toContain('unchanged pull request #1: 1 file');
  github.push('bundles/update-refs', { 'deploy/run.yaml': 'mine\n' });
  const left = await propose();
  expect([left.code, left.stdout]).toEqual([0, expect.stringContaining('left pull request #1 alone')]);
  expect(github.requests.every(({ headers }) => headers.authorization === `Bearer ${github.token}`)).toBe(
    true,
  );
});

bad('update-refs', 'no token, repository or branch at GitHub', async ({ inProcess }) => {
  await using github = await startLoopbackGitHub();
  await using project = await lockedProject({ 'deploy/run.yaml': run(stale) });
  const all = {
    GITHUB_API_URL: github.url,
    GITHUB_REPOSITORY: github.repository,
    GITHUB_TOKEN: github.token,
  };
  const codeOf = async (change: Record<string, string>, ...words: string[]) => {
    const environment = { ...all, ...change };
    const ran = await inProcess(at(project, '--pull-request', '--output', 'json', ...words), { environment });
    return [ran.code, JSON.parse(ran.stdout).error.code];
  };
  expect(await codeOf({ GITHUB_REPOSITORY: '' })).toEqual([2, 'USAGE']);
  expect(await codeOf({ GITHUB_TOKEN: '' })).toEqual([2, 'USAGE']);
  expect(await codeOf({}, '--branch', 'a..b')).toEqual([2, 'USAGE']);
  expect(await codeOf({}, '--write')).toEqual([2, 'USAGE']);
  expect(github.requests).toEqual([]);
  expect(await codeOf({}, '--branch', 'main')).toEqual([2, 'USAGE']);
  expect(await codeOf({ GITHUB_TOKEN: 'wrong' })).toEqual([5, 'GITHUB_DENIED']);
  expect(await codeOf({}, '--base', 'none')).toEqual([5, 'GITHUB_REFUSED']);
  expect(github.refs.size).toBe(1);
});
