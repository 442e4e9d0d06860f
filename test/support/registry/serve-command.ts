import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { cliPath } from '../program/run-cli.js';

export interface ServeCommand extends AsyncDisposable {
  readonly url: string;
  /** What it wrote to standard error. */
  readonly complaints: readonly string[];
  /** Resident memory in MiB, by Linux. */
  residentMiB(): number;
  /** SIGTERM; resolves with the exit status. */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts the built `bundles registry serve` on a free port. */
export async function startServeCommand(root: string, args: readonly string[] = []): Promise<ServeCommand> {
  const child = spawn(
    process.execPath,
    [cliPath, 'registry', 'serve', '--root', root, '--port', '0', '-o', 'json', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH } },
  );
  const complaints: string[] = [];
  createInterface(child.stderr).on('line', (line) => complaints.push(line));
  const ended = once(child, 'exit');
  const [first] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => {
      throw new Error(`the registry does not start: ${complaints.join('\n')}`);
    }),
  ]);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
    return child.exitCode;
  };
  const stop = () => end('SIGTERM');
  return {
    url: (JSON.parse(String(first)) as { url: string }).url,
    complaints,
    residentMiB: () => residentMiB(child.pid ?? 0),
    stop,
    kill: async () => void (await end('SIGKILL')),
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

function residentMiB(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}
