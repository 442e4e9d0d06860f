import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { findPeers } from '../support/peers.js';
import { pathWithProgram } from '../support/program/npx-of-build.js';
import { mustRun, run } from '../support/program/run-cli.js';
import { samplePipeline, sampleProject } from '../support/samples/sample-project.js';
import { tempDir } from '../support/temp-dir.js';

// The recipe of docs/guides/update-references.md for merge requests, by git and against a repository that takes push options.

const peers = findPeers('git');
const branch = 'bundles/update-refs';

function recipe(): string {
  const page = readFileSync(join(import.meta.dirname, '../../docs/guides/update-references.md'), 'utf8');
  const [, text = ''] = /^```yaml\n(bundles-references:\n[\s\S]*?)^```/m.exec(page) ?? [];
  const job = load(text) as { 'bundles-references': { script: readonly string[] } };
  return job['bundles-references'].script.join('\n');
}

describe.skipIf(peers === undefined)('a merge request for references in other files', () => {
  test('one branch and one merge request, left alone where somebody else committed', async () => {
    await using directory = tempDir();
    await using project = sampleProject({ repository: 'registry.invalid/acme' });
    const [bare, bin] = [join(directory.path, 'origin.git'), directory.path];
    const env = { HOME: directory.path, PATH: pathWithProgram(bin), GIT_CONFIG_NOSYSTEM: '1' };
    const git = (...words: string[]) =>
      mustRun('git', ['-c', 'user.name=P', '-c', 'user.email=p@example.com', ...words], {
        cwd: project.directory,
        env,
      });
    await git('init', '-q', '--bare', bare);
    await git('-C', bare, 'config', 'receive.advertisePushOptions', 'true');
    const options = join(directory.path, 'options');
    const hook = join(bare, 'hooks/post-receive');
    writeFileSync(hook, `#!/bin/sh\ncat >/dev/null\nenv | grep ^GIT_PUSH_OPTION_ | sort >>'${options}'\n`);
    chmodSync(hook, 0o755);
    const address = 'https://bundles:secret@git.example/acme/shop.git';
    await git('config', '--global', `url.${bare}.insteadOf`, address);
    const variables = {
      ...{ ...env, CI: 'true', BUNDLES_PUSH_TOKEN: 'secret', CI_SERVER_HOST: 'git.example' },
      ...{ CI_PROJECT_PATH: 'acme/shop', CI_DEFAULT_BRANCH: 'main' },
    };
    /** As GitLab's runner: `bash` or `sh`, ended by the first line that fails, on the commit of the default branch. */
    const job = async () => {
      await git('checkout', '-q', '-f', '--detach', 'main');
      const ran = await run('/bin/sh', ['-c', `set -e\n${recipe()}`], {
        cwd: project.directory,
        env: variables,
      });
      expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('error[')]);
    };
    const shown = (path: string) => mustRun('git', ['-C', bare, 'show', `${branch}:${path}`], { env });
    const count = async () =>
      Number(await mustRun('git', ['-C', bare, 'rev-list', '--count', branch], { env }));

    await mustRun('npx', ['--yes', '--package=tekton-bundles', 'tekton-bundles', 'ensure', '--offline'], {
      cwd: project.directory,
      env: variables,
    });
    const lockOf = () => readFileSync(join(project.directory, 'bundles.lock'), 'utf8');
    const digestOf = () => /digest: (sha256:\w+)/.exec(lockOf())?.[1];
    const old = `registry.invalid/acme/alpha:v0@sha256:${'0'.repeat(64)}`;
    project.write('run.yaml', `# kept\nbundle: ${old}\n`);
    project.write('.gitignore', '.bundles\n');
    await git('init', '-q', '-b', 'main');
    await git('add', '.');
    await git('commit', '-q', '-m', 'start');

    await job();
    const first = `# kept\nbundle: registry.invalid/acme/alpha:v1.0.0@${digestOf()}\n`;
    expect([await shown('run.yaml'), await count()]).toEqual([first, 2]);
    expect(readFileSync(options, 'utf8').split('\n')).toEqual(
      expect.arrayContaining([
        'GIT_PUSH_OPTION_0=merge_request.create',
        'GIT_PUSH_OPTION_1=merge_request.target=main',
      ]),
    );
    // Again, and for a lock that went on: still one commit.
    await job();
    await git('checkout', '-q', '-f', 'main');
    project.write('pipelines/alpha.yaml', samplePipeline('changed'));
    await mustRun('npx', ['--yes', '--package=tekton-bundles', 'tekton-bundles', 'ensure', '--offline'], {
      cwd: project.directory,
      env: variables,
    });
    await git('commit', '-q', '-a', '-m', 'changed');
    await job();
    expect(await shown('run.yaml')).toBe(
      `# kept\nbundle: registry.invalid/acme/alpha:v1.0.0@${digestOf()}\n`,
    );
    expect(await count()).toBe(3);
    // A person's commit stays.
    await git('checkout', '-q', '-f', branch);
    project.write('README.md', 'by hand\n');
    await git('add', '.');
    await git('commit', '-q', '-m', 'by hand');
    await git('push', '-q', bare, `HEAD:${branch}`);
    await job();
    expect([await shown('README.md'), await count()]).toEqual(['by hand\n', 4]);
    // Nothing to do: nothing is pushed.
    const before = readFileSync(options, 'utf8');
    await git('checkout', '-q', '-f', 'main');
    await git('merge', '-q', branch);
    await job();
    expect(readFileSync(options, 'utf8')).toBe(before);
  });
});
