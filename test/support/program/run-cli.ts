import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { programForEverybody } from './other-user.js';

export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to PATH only: nothing else of the surrounding environment gets in. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
  /** Killed after this time; default 170 seconds, which is less than a test may take. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Receives all of standard error so far, whenever there is more. */
  readonly onStderr?: (text: string) => void;
  /** Killed as soon as this resolves. */
  readonly killWhen?: Promise<unknown>;
  /** As another user, who runs a copy of the program; needs root. */
  readonly uid?: number;
  readonly gid?: number;
}

export const cliPath = fileURLToPath(new URL('../../../bin/bundles.js', import.meta.url));

/** Runs the built command line in a process of its own. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const own = { node: process.execPath, cli: cliPath };
  const { node, cli } = options.uid === undefined ? own : programForEverybody();
  return await run(node, [cli, ...args], options);
}

/** Runs a program to its end; a non-zero exit is an answer, not an error. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { cwd, env = {}, input, timeoutMs = 170_000, signal, onStderr, killWhen, uid, gid } = options;
  const started = performance.now();
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, ...env },
    killSignal: 'SIGKILL',
    timeout: timeoutMs,
    cwd,
    signal,
    uid,
    gid,
  });
  void killWhen?.then(() => child.kill('SIGKILL'));
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.push(chunk);
    onStderr?.(Buffer.concat(stderr).toString());
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, endedBy) =>
      resolve({
        code,
        signal: endedBy,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        milliseconds: performance.now() - started,
      }),
    );
  });
}

/** `run`, for programs that have to succeed; returns what they printed. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const ran = await run(program, args, options);
  if (ran.code === 0) return ran.stdout;
  throw new Error(`${program} ${args.join(' ')}: exit ${ran.code ?? ran.signal}\n${ran.stdout}${ran.stderr}`);
}
