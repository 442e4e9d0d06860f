import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface RegistryProcess extends AsyncDisposable {
  readonly url: string;
  /** What it wrote to stderr: failures of the registry itself. */
  readonly complaints: readonly string[];
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has ended by itself. */
  stop(): Promise<void>;
}

/** Starts the embedded registry of this source tree as a process of its own on a free loopback port. */
export async function startRegistryProcess(root: string): Promise<RegistryProcess> {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', path('../../scripts/typescript.mjs'), path('./registry-process-main.ts'), root],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: path('../..') },
  );
  const complaints: string[] = [];
  createInterface(child.stderr).on('line', (line) => complaints.push(line));
  const [first] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'exit').then(() => {
      throw new Error(`the registry does not start: ${complaints.join('\n')}`);
    }),
  ]);
  const kill = () => end(child, 'SIGKILL');
  return {
    url: String(first),
    complaints,
    kill,
    stop: () => end(child, 'SIGTERM'),
    [Symbol.asyncDispose]: kill,
  };
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
