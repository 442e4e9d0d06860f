import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { cliPath } from '../program/run-cli.js';

export interface CatalogProcess extends AsyncDisposable {
  readonly url: string;
  /** Log lines of level error, and whatever is not a log line. */
  readonly complaints: readonly string[];
  /** Milliseconds from its start until it reported that it serves. */
  readonly startedIn: number;
  /** By Linux; from each look on the most memory is counted again. */
  use(): ProcessUse;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit status. */
  stop(): Promise<number | null>;
}

export interface ProcessUse {
  readonly residentMebibytes: number;
  readonly peakMebibytes: number;
  /** Seconds in which its main thread was ready to run and others ran instead. */
  readonly waitedSeconds: number;
}

/** Starts the built `bundles catalog serve` on a free port. */
export async function startCatalogProcess(
  stateDirectory: string,
  { database }: { readonly database?: string } = {},
): Promise<CatalogProcess> {
  const started = performance.now();
  const words = [
    'catalog',
    'serve',
    '--state-dir',
    stateDirectory,
    '--port',
    '0',
    '--quiet',
    '--offline',
    '-o',
    'json',
  ];
  const child = spawn(process.execPath, [cliPath, ...words, ...(database ? ['--database', database] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  const complaints: string[] = [];
  createInterface(child.stderr).on(
    'line',
    (line) => (line.includes('"error"') || !line.startsWith('{')) && complaints.push(line),
  );
  const ended = once(child, 'exit');
  const [first] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => {
      throw new Error(`the catalog does not start: ${complaints.join('\n')}`);
    }),
  ]);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
    return child.exitCode;
  };
  const kill = async () => void (await end('SIGKILL'));
  return {
    url: (JSON.parse(String(first)) as { url: string }).url,
    complaints,
    startedIn: performance.now() - started,
    use: () => useOf(child.pid ?? 0),
    kill,
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: kill,
  };
}

function useOf(pid: number): ProcessUse {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const mebibytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return {
    residentMebibytes: mebibytes('VmRSS'),
    peakMebibytes: mebibytes('VmHWM'),
    waitedSeconds: Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1]) / 1e9,
  };
}
