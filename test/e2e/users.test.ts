import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startGuardedRegistry } from '../support/guarded-registry.js';
import { runEnsure } from '../support/run-ensure.js';
import { credentials, runInProcess } from '../support/run-in-process.js';
import { type SampleProject, sampleProject } from '../support/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

const stranger = { uid: 12_345, gid: 12_345 };
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('SKIPPED: runs as another user need root');

const users = {
  robot: { password: 'sesame', may: 'push' },
  reader: { password: 'open', may: 'pull' },
} as const;

/** A checkout with lock and schemas committed, as everybody else has it. */
async function checkout(repository: string): Promise<SampleProject> {
  const project = sampleProject({ repository, bundles: ['alpha', 'beta'] });
  project.write('.gitignore', '.bundles/\n');
  const { code } = await runInProcess(['ensure', '--offline', '--config', project.config]);
  expect(code).toBe(0);
  git(project, 'init', '-q');
  git(project, 'add', '-A');
  git(project, '-c', 'user.name=a', '-c', 'user.email=a@b.invalid', 'commit', '-q', '-m', 'all');
  return project;
}

function git({ directory }: SampleProject, ...words: string[]): string {
  const safe = ['-c', `safe.directory=${directory}`];
  return execFileSync('git', [...safe, ...words], { cwd: directory, encoding: 'utf8' });
}

/** Also what git does not know. */
function expectUntouched(project: SampleProject): void {
  expect(git(project, 'status', '--porcelain')).toBe('');
  expect(git(project, 'diff', 'HEAD')).toBe('');
}

test('committed files stay as they are whatever the network, the credentials and the outcome', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'pull', users });
  await using project = await checkout(`${registry.host}/acme`);
  const wanted = git(project, 'show', 'HEAD:bundles.lock');
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
  expect(git(project, 'show', 'HEAD:bundles.lock')).toBe(wanted);
});

test('without HOME and without any variable a run finds its way', async () => {
  await using registry = await startGuardedRegistry();
  await using project = await checkout(`${registry.host}/acme`);
  const ran = await runEnsure(project.directory, [], { env: { PATH: undefined, HOME: undefined } });
  expect([ran.code, ran.bundle('alpha').outcome], ran.stderr).toEqual([0, 'published']);
  expectUntouched(project);
});

test.skipIf(!isRoot)('another user checks a read-only checkout, frozen, with state elsewhere', async () => {
  await using registry = await startGuardedRegistry();
  await using project = await checkout(`${registry.host}/acme`);
  await using state = tempDir();
  chmodSync(state.path, 0o777);
  chmodSync(project.directory, 0o755);
  execFileSync('chmod', ['-R', 'a-w', project.directory]);
  const frozen = ['--frozen', '--state-dir', join(state.path, 'state')];
  for (const [words, outcome] of [
    [['--offline'], 'fallback'],
    [['--no-push'], 'fallback'],
    [[], 'published'],
    [[], 'reused'],
  ] as const) {
    const ran = await runEnsure(project.directory, [...frozen, ...words], stranger);
    expect([ran.code, ran.bundle('alpha').outcome], ran.stdout + ran.stderr).toEqual([0, outcome]);
    expectUntouched(project);
  }
  // Nothing to write needs no right to write: also without --frozen.
  const unfrozen = await runEnsure(project.directory, ['--state-dir', join(state.path, 'state')], stranger);
  expect([unfrozen.code, unfrozen.bundle('alpha').outcome], unfrozen.stderr).toEqual([0, 'reused']);
  expectUntouched(project);
  const refused = await runEnsure(project.directory, ['--frozen', '--offline'], stranger);
  const error = refused.result.error ?? refused.bundle('alpha').error;
  expect([refused.code, error?.code]).toEqual([9, 'NOT_WRITABLE']);
  expect(error?.hint).toContain('--state-dir');
});

test.skipIf(!isRoot)('the state that one user left does not stop the next', async () => {
  await using project = await checkout('registry.invalid/acme');
  await using state = tempDir();
  chmodSync(state.path, 0o777);
  chmodSync(project.directory, 0o755);
  const words = ['--frozen', '--offline', '--state-dir'];
  const first = await runEnsure(project.directory, [...words, join(state.path, 'state')], stranger);
  const second = await runEnsure(project.directory, [...words, join(state.path, 'state')]);
  expect([first.code, second.code]).toEqual([0, 0]);
  expectUntouched(project);
});

test.skipIf(!isRoot)('a docker configuration of somebody else is passed over with a warning', async () => {
  await using registry = await startGuardedRegistry({ anonymous: 'pull' });
  await using project = await checkout(`${registry.host}/acme`);
  await using home = tempDir();
  await using state = tempDir();
  for (const directory of [home.path, project.directory]) chmodSync(directory, 0o755);
  chmodSync(state.path, 0o777);
  mkdirSync(join(home.path, '.docker'));
  writeFileSync(join(home.path, '.docker/config.json'), '{"auths": {}}', { mode: 0o600 });
  const words = ['--frozen', '--state-dir', join(state.path, 'state')];
  const ran = await runEnsure(project.directory, words, { ...stranger, env: { HOME: home.path } });
  expect([ran.code, ran.bundle('alpha').outcome], ran.stdout + ran.stderr).toEqual([0, 'fallback']);
  expect(ran.stderr).toContain('.docker/config.json');
  expectUntouched(project);
});
