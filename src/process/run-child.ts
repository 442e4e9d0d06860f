import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { BundlesError } from '../errors.js';
import { findProgram } from './find-program.js';
import type { Watchdog } from './watchdog.js';

export interface RunChildOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs it in a separate process group; false if the terminal's signals must reach it. */
  readonly group: boolean;
  /** Aborted by a signal that is passed on; its reason names it in `details.signal`. */
  readonly signal: AbortSignal;
  /** Ends the command where this process is killed. */
  readonly watchdog: Watchdog;
}

/**
 * Runs a command with our own input and outputs until it ends; gives its exit status, 128 and the number of the signal
 * that ended it. @throws USAGE where it cannot be started
 */
export async function runChild(
  command: readonly string[],
  { environment, group, signal, watchdog }: RunChildOptions,
): Promise<number> {
  const [name = ''] = command;
  if ((await findProgram(name, environment)) === undefined)
    throw cannotStart(name, 'there is no such program');
  const { program, words, stdio } = watchdog.guarded(command, { group });
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      env: { ...environment },
      stdio: ['inherit', 'inherit', 'inherit', ...stdio],
      detached: group,
    });
    const pass = () => {
      const name = signalOf(signal.reason);
      // The terminal gave its interrupt to the whole group already.
      if (!group && name === 'SIGINT') return;
      send(child.pid, { group, name });
    };
    if (signal.aborted) pass();
    else signal.addEventListener('abort', pass, { once: true });
    child.once('error', (cause: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', pass);
      if (child.pid !== undefined) return;
      reject(cannotStart(name, `the system refuses (${cause.code})`, cause));
    });
    child.once('exit', (code, killedBy) => {
      signal.removeEventListener('abort', pass);
      // What it started and left behind ends with it.
      if (group) send(child.pid, { group, name: 'SIGKILL' });
      resolve(code ?? 128 + (killedBy === null ? 0 : constants.signals[killedBy]));
    });
  });
}

function signalOf(reason: unknown): NodeJS.Signals {
  const name = reason instanceof BundlesError ? reason.details.signal : undefined;
  return name === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
}

function send(pid: number | undefined, { group, name }: { group: boolean; name: NodeJS.Signals }): void {
  if (pid === undefined) return;
  try {
    process.kill(group ? -pid : pid, name);
  } catch {
    // It has ended by itself.
  }
}

function cannotStart(program: string, why: string, cause?: NodeJS.ErrnoException): BundlesError {
  return new BundlesError('USAGE', `Cannot run ${JSON.stringify(program)}: ${why}`, {
    hint: 'Write the command after --, as in: npx tekton-bundles with -- npm test',
    details: { program, errno: cause?.code ?? 'ENOENT' },
    cause,
  });
}
