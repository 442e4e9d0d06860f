import process from 'node:process';
import { BundlesError } from '../errors.js';
import { type RunContext, thisMachine } from '../open/machine.js';
import { setV8Flags } from './v8-flags.js';

/** All that the command line knows of the process around it. */
export interface Context extends RunContext {
  /** What stands behind the program's name. */
  readonly arguments: readonly string[];
  /** How people start the program here, as help and hints name it. */
  readonly program: string;
  readonly stdin: NodeJS.ReadableStream & {
    readonly isTTY?: boolean;
    /** Of a terminal. */
    setRawMode?(raw: boolean): unknown;
  };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Collects garbage sooner from now on: slower for few bundles, half the peak memory for a thousand. */
  saveMemory(): void;
  /** Makes it the working directory. @throws what the system says */
  enterDirectory(directory: string): void;
  /** Ends the process once its output is written. */
  leave(status: number): void;
}

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
}

export function processContext(): Context {
  return {
    ...thisMachine(),
    arguments: process.argv.slice(2),
    program: 'bundles',
    // Opened where it is read.
    get stdin() {
      return process.stdin;
    },
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    signal: interruption(),
    saveMemory: () => setV8Flags('--semi-space-growth-factor=1', '--heap-growing-percent=25'),
    enterDirectory: (directory) => process.chdir(directory),
    leave: (status) => {
      // A name lookup that hangs cannot be aborted and would keep the process alive.
      process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
    },
  };
}

function output(stream: NodeJS.WriteStream): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 80,
  };
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    // `once`: a second signal has its default effect and ends the process at once.
    process.once(name, () =>
      controller.abort(
        new BundlesError('INTERRUPTED', `Interrupted by ${name}`, { details: { signal: name } }),
      ),
    );
  }
  return controller.signal;
}
