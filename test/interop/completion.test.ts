import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.js';
import { findPeers } from '../support/peers.js';
import { cliPath, mustRun } from '../support/program/run-cli.js';
import { writeProgram } from '../support/program/write-program.js';
import { sampleProject } from '../support/samples/sample-project.js';

const terminal = join(import.meta.dirname, '..', 'support', 'program', 'in-terminal.py');
const python = findPeers('python3');
const bash = findPeers('bash');
const zsh = findPeers('zsh');
const fish = findPeers('fish');
const mandoc = findPeers('mandoc');

/** A project with two bundles, and `bundles` on the PATH. */
function shellProject() {
  const project = sampleProject({ repository: 'registry.invalid/acme', bundles: ['alpha', 'beta'] });
  const bin = join(project.directory, 'bin');
  writeProgram(bin, 'bundles', [`exec "${process.execPath}" "${cliPath}" "$@"`]);
  return Object.assign(project, {
    env: { PATH: `${bin}:${process.env.PATH}`, HOME: project.directory, TERM: 'dumb' },
  });
}

type Project = ReturnType<typeof shellProject>;

/** What each line becomes when TAB is pressed at its end, in an interactive shell. */
async function completed(
  shell: readonly string[],
  setUp: string,
  lines: readonly string[],
  { directory, env }: Project,
): Promise<string[]> {
  const plan: [string, string][] = [['[$%#>] ', `${setUp}; echo READY$((0))\r`]];
  for (const [index, line] of lines.entries()) {
    // Ctrl-A: the line is printed instead of run. The shell takes what is typed in its order.
    plan.push([`READY${index}`, `${line}\t\u0001echo "<\u0005>"; echo READY$((${index + 1}))\r`]);
  }
  plan.push([`READY${lines.length}`, 'exit 0\r']);
  const ran = await mustRun('python3', [terminal, JSON.stringify(plan), ...shell], { cwd: directory, env });
  const { shown } = JSON.parse(ran) as { shown: string };
  return [...shown.matchAll(/^<(.*)>\r?$/gm)].map((match) => (match[1] ?? '').trim());
}

const lines = [
  'bundles ens',
  'bundles ensure al',
  'bundles ensure --on-different=ov',
  'bundles registry ser',
  'bundles schema validate pipelines/al',
];
const expected = [
  'bundles ensure',
  'bundles ensure alpha',
  'bundles ensure --on-different=overwrite',
  'bundles registry serve',
  'bundles schema validate pipelines/alpha.yaml',
];

test.skipIf(!python || !bash)('bash completes commands, bundles, choices and files', async () => {
  await using project = shellProject();
  const shell = ['bash', '--norc', '--noprofile', '-i'];
  expect(await completed(shell, 'eval "$(bundles completion bash)"', lines, project)).toEqual(expected);
});

test.skipIf(!python || !zsh)('zsh completes commands, bundles, choices and files', async () => {
  await using project = shellProject();
  const setUp = 'autoload -Uz compinit; compinit -u -D; source <(bundles completion zsh)';
  expect(await completed(['zsh', '-f', '-i'], setUp, lines, project)).toEqual(expected);
});

test.skipIf(!fish)('fish completes commands, bundles, choices and files', async () => {
  await using project = shellProject();
  const { directory, env } = project;
  for (const [index, line] of lines.entries()) {
    const script = `bundles completion fish | source; complete -C ${JSON.stringify(line)}`;
    const shown = await mustRun('fish', ['--no-config', '-c', script], { cwd: directory, env });
    const word = (expected[index] ?? '').split(' ').at(-1);
    expect(shown.split('\n').map((candidate) => candidate.split('\t')[0])).toContain(word);
  }
});

test.skipIf(!mandoc)('the man page renders without an error and shows every command', async () => {
  const page = join(import.meta.dirname, '..', '..', 'dist', 'man', 'bundles.1');
  expect(readFileSync(page, 'utf8')).not.toContain('undefined');
  await mustRun('mandoc', ['-T', 'lint', '-W', 'error', page]);
  const shown = await mustRun('mandoc', ['-T', 'utf8', '-O', 'width=80', page]);
  const plain = shown.replace(/.\u0008/g, '');
  for (const { name } of commands) expect(plain).toMatch(new RegExp(`^ +${name}(?: [[<]|$| )`, 'm'));
  // Examples are not broken.
  for (const line of plain.split('\n').filter((text) => !/^ +bundles /.test(text)))
    expect(line.length, line).toBeLessThanOrEqual(80);
});
