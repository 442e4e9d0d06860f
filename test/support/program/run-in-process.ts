import { Readable } from 'node:stream';
import type { Clock } from '../../../src/async/clock.js';
import { systemClock } from '../../../src/async/system-clock.js';
import type { Context } from '../../../src/cli/context.js';
import { runCli } from '../../../src/cli/main.js';
import { createOutput } from '../../../src/cli/output/writer.js';
import type { BundleResult, EnsureResult } from '../../../src/ensure/result.js';

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
  readonly input?: string | Readable;
  /** Standard input and standard error are a terminal's. Default false. */
  readonly terminal?: boolean;
  /** Standard output and standard error are a terminal of this width. */
  readonly columns?: number;
  /** Hears each text on standard error. */
  readonly onStderr?: (text: string) => void;
  /** Hears each text on standard output. */
  readonly onStdout?: (text: string) => void;
  /** For `-C`. Default: the process's own, which no worker thread can change. */
  readonly enterDirectory?: (directory: string) => void;
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
  const { input, terminal = false, columns, onStderr, onStdout } = options;
  const stream = (lines: string[], isTerminal: boolean, heard?: (text: string) => void) => ({
    write(text: string) {
      lines.push(text);
      heard?.(text);
    },
    isTerminal: isTerminal || columns !== undefined,
    columns: columns ?? 100,
  });
  const given = typeof input === 'string' ? Readable.from([Buffer.from(input)]) : (input ?? process.stdin);
  const context: Context = {
    arguments: words,
    started: { program: 'npx tekton-bundles' },
    environment: options.environment ?? {},
    home: options.home,
    uid: undefined,
    platform: 'linux',
    clock: options.clock ?? systemClock,
    stdin: terminal ? Object.assign(given, { isTTY: true }) : given,
    ...createOutput({ stdout: stream(out, false, onStdout), stderr: stream(err, terminal, onStderr) }),
    signal: options.signal ?? new AbortController().signal,
    outputFailed: new AbortController().signal,
    saveMemory: () => undefined,
    enterDirectory: options.enterDirectory ?? ((directory) => process.chdir(directory)),
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
