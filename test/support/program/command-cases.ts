import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { failedDocument } from '../../../src/cli/output/failed-document.js';
import { cliPath, type RunOptions, run } from './run-cli.js';
import { type InProcessOptions, runInProcess } from './run-in-process.js';

export interface CommandRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running extends AsyncDisposable {
  /** The first line on standard output. */
  readonly line: string;
  /** Sends the signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<CommandRun>;
}

/** Ways to run the one command that a case is about; its own words come first by themselves. */
export interface CommandRunner {
  /** In this process, over real sockets and files. */
  inProcess(words: readonly string[], options?: InProcessOptions): Promise<CommandRun>;
  /** The built program in a process of its own. */
  spawned(words: readonly string[], options?: RunOptions): Promise<CommandRun>;
  /** A program that goes on; comes back at its first line. */
  started(words: readonly string[], options?: Pick<RunOptions, 'cwd' | 'env'>): Promise<Running>;
}

type Body = (runner: CommandRunner) => Promise<void>;

/** A test that fails unless its body runs the command and the command succeeds at least once. */
export function good(command: string, title: string, body: Body): void {
  test(`${command}: ${title}`, async () => {
    const { runner, runs } = recording(command);
    await body(runner);
    expect(runs.map(({ code }) => code)).toContain(0);
  });
}

/** A test that fails unless its body runs the command and the command refuses by an error code of its own. */
export function bad(command: string, title: string, body: Body): void {
  test(`${command} refuses: ${title}`, async () => {
    const { runner, runs } = recording(command);
    await body(runner);
    const refused = runs.filter(
      ({ code, stderr, stdout }) => code !== 0 && /error\[[A-Z_]+\]|"code": "[A-Z_]+"/.test(stderr + stdout),
    );
    expect(refused.length, 'runs that were refused').toBeGreaterThan(0);
    expect(runs.map(({ stderr, stdout }) => stderr + stdout).join('')).not.toContain('UNEXPECTED');
  });
}

function recording(command: string): { runner: CommandRunner; runs: CommandRun[] } {
  const runs: CommandRun[] = [];
  const own = command.split(' ');
  const record = <T extends CommandRun>(ran: T, words: readonly string[]): T => {
    runs.push(ran);
    expectKeys(command, words, ran);
    return ran;
  };
  return {
    runs,
    runner: {
      inProcess: async (words, options) => record(await runInProcess([...own, ...words], options), words),
      spawned: async (words, options) =>
        record(await run(process.execPath, [cliPath, ...own, ...words], options), words),
      started: (words, options) =>
        start([...own, ...words], { ...options, record: (ran) => record(ran, words) }),
    },
  };
}

/** A failure has the keys of a success, so that a program need not look at the status before it reads. */
function expectKeys(command: string, words: readonly string[], { stdout }: CommandRun): void {
  const document = objectOf(stdout);
  if (document?.version !== 1 || !('error' in document)) return;
  const failed = failedDocument(command, words, new Error('any'));
  expect(Object.keys(document).sort()).toEqual(Object.keys(failed).sort());
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface StartOptions extends Pick<RunOptions, 'cwd' | 'env'> {
  readonly record: (ran: CommandRun) => CommandRun;
}

async function start(words: readonly string[], { cwd, env, record }: StartOptions): Promise<Running> {
  const child = spawn(process.execPath, [cliPath, ...words], {
    env: { PATH: process.env.PATH, ...env },
    cwd,
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = new Promise<CommandRun>((resolve) =>
    child.on('close', (code) => resolve({ code, ...output })),
  );
  const line = await Promise.race([
    new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve)),
    ended.then((ran) => Promise.reject(new Error(`ended early: ${ran.stderr}`))),
  ]);
  return {
    line,
    async stop(signal) {
      child.kill(signal);
      return record(await ended);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
