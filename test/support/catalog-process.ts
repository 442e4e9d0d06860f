import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { cliPath } from './run-cli.js';

export interface CatalogProcess extends AsyncDisposable {
  readonly url: string;
  /** Log lines of level error, and whatever is no log line. */
  readonly complaints: readonly string[];
  /** Milliseconds from its start until it said that it serves. */
  readonly startedIn: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit status. */
  stop(): Promise<number | null>;
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
    kill,
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: kill,
  };
}
