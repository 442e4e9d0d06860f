import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findPeers } from '../support/peers.js';
import { tempDir } from '../support/temp-dir.js';

const script = join(import.meta.dirname, '../../scripts/check-sign-off.sh');

test.skipIf(!findPeers('git'))('a commit without the sign-off of its author is found, others pass', () => {
  const directory = tempDir();
  onTestFinished(() => directory[Symbol.asyncDispose]());
  const environment = {
    ...{ PATH: process.env.PATH, HOME: directory.path, GIT_CONFIG_NOSYSTEM: '1' },
    ...{ GIT_AUTHOR_NAME: 'A. Writer', GIT_AUTHOR_EMAIL: 'a@example.com' },
    ...{ GIT_COMMITTER_NAME: 'A. Writer', GIT_COMMITTER_EMAIL: 'a@example.com' },
  };
  const settings = { cwd: directory.path, env: environment, encoding: 'utf8' } as const;
  const git = (...words: string[]) => execFileSync('git', words, settings).trim();
  const commit = (...words: string[]) => git('commit', '-q', '--allow-empty', ...words);
  const judge = (range: string) => spawnSync('sh', [script, range], settings);
  git('init', '-q', '-b', 'main');
  commit('-m', 'start');
  const base = git('rev-parse', 'HEAD');
  commit('--signoff', '-m', 'signed');
  expect(judge(`${base}..HEAD`)).toMatchObject({ status: 0, stdout: '' });
  commit('-m', 'of somebody else\n\nSigned-off-by: B. Writer <b@example.com>');
  const unsigned = git('rev-parse', 'HEAD');
  commit('--signoff', '-m', 'signed again');
  const found = judge(`${base}..HEAD`);
  expect(found.status).toBe(1);
  expect(found.stdout.match(/^commit \S+/gm)).toEqual([`commit ${unsigned}`]);
  expect(judge('no-such-commit..HEAD').status).not.toBe(0);
});
