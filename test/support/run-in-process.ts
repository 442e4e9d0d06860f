import { Readable } from 'node:stream';
import type { Clock } from '../../src/async/clock.js';
import { systemClock } from '../../src/async/system-clock.js';
import type { Context } from '../../src/cli/context.js';
import { runCli } from '../../src/cli/main.js';
import type { BundleResult, EnsureResult } from '../../src/ensure/result.js';

export interface InProcessRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface InProcessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly home?: string;
  /** On standard input. */
  readonly input?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** Runs a command line in this process, with an environment of its own. */
export async function runInProcess(
  words: readonly string[],
  options: InProcessOptions = {},
): Promise<InProcessRun> {
  const out: string[] = [];
  const err: string[] = [];
  const stream = (lines: string[]) => ({
    write: (text: string) => void lines.push(text),
    isTerminal: false,
    columns: 100,
  });
  const context: Context = {
    arguments: words,
    environment: options.environment ?? {},
    home: options.home,
    uid: undefined,
    platform: 'linux',
    clock: options.clock ?? systemClock,
    stdin: options.input === undefined ? process.stdin : Readable.from([Buffer.from(options.input)]),
    stdout: stream(out),
    stderr: stream(err),
    signal: options.signal ?? new AbortController().signal,
    saveMemory: () => undefined,
    leave: () => undefined,
  };
  const code = await runCli(context);
  return { code, stdout: out.join(''), stderr: err.join('') };
}

/** `ensure` or `check` with JSON output, and its result. */
export async function runJson(
  words: readonly string[],
  options: InProcessOptions = {},
): Promise<InProcessRun & { readonly result: EnsureResult; readonly bundle: BundleResult }> {
  const ran = await runInProcess([...words, '--output', 'json'], options);
  const result = JSON.parse(ran.stdout) as EnsureResult;
  return { ...ran, result, bundle: result.bundles[0] as BundleResult };
}

/** The variable by which a run finds a user and password for a registry host. */
export function credentials(host: string, user: string, password: string): Record<string, string> {
  const auth = Buffer.from(`${user}:${password}`).toString('base64');
  return { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [host]: { auth } } }) };
}
