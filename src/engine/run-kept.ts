import { type ChildProcess, spawn } from 'node:child_process';
import { execPath } from 'node:process';
import type { Clock } from '../async/clock.js';
import { childEnvironment } from '../process/run-program.js';
import type { SupervisorOrder } from './build-supervisor.js';
import { supervisorCommand } from './supervisor-command.js';

export interface RunKeptOptions extends SupervisorOrder {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Ends the build, in its own good time. */
  readonly signal: AbortSignal;
  /** Both outputs of the build, as they come. */
  readonly onOutput: (chunk: Uint8Array) => void;
}

/** What the supervisor takes to end a build, and some more. */
const endMs = 6_000;
/** Something that the build left behind may hold its output open indefinitely. */
const drainMs = 1_000;

/**
 * Runs a build that dies when this process does, whatever it dies of. Resolves with its exit status when it is over,
 * also when `signal` ended it.
 */
export async function runKept(options: RunKeptOptions): Promise<number> {
  const { environment, clock, signal, onOutput, program, arguments: words, marks, host, timeoutMs } = options;
  const { remove, context } = options;
  const order: SupervisorOrder = { program, arguments: words, marks, host, timeoutMs, remove, context };
  // In a separate session, so that Ctrl-C reaches only the holder.
  const supervisor = spawn(execPath, [...supervisorCommand(), JSON.stringify(order)], {
    env: childEnvironment(environment),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  supervisor.stdin.on('error', () => undefined);
  supervisor.stdout.on('data', onOutput);
  supervisor.stderr.on('data', onOutput);
  const over = new AbortController();
  const end = () => {
    supervisor.stdin.end();
    clock.sleep(endMs, over.signal).then(
      () => supervisor.kill('SIGKILL'),
      () => undefined,
    );
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  try {
    return await exitOf(supervisor, clock);
  } finally {
    over.abort();
    signal.removeEventListener('abort', end);
  }
}

function exitOf(supervisor: ChildProcess, clock: Clock): Promise<number> {
  return new Promise((resolve, reject) => {
    supervisor.once('error', reject);
    supervisor.once('exit', (code, killed) => {
      const closed = new Promise<void>((settle) => void supervisor.once('close', () => settle()));
      const status = code ?? (killed === null ? 1 : 137);
      void Promise.race([closed, clock.sleep(drainMs)]).then(() => resolve(status));
    });
  });
}
