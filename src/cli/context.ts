import process from 'node:process';
import { BundlesError } from '../errors.js';
import { type RunContext, thisMachine } from '../open/machine.js';
import { createOutput, type Output, type Sink } from './output/writer.js';
import { programStarted, type Started } from './program-name.js';
import { setV8Flags } from './v8-flags.js';

/** Everything that the command line reads from the process around it. */
export interface Context extends Omit<RunContext, 'stderr' | 'watch' | 'hide' | 'keep'>, Output {
  /** The arguments after the program's name. */
  readonly arguments: readonly string[];
  /** How the program was started, as help and hints name it. */
  readonly started: Started;
  readonly stdin: NodeJS.ReadableStream & {
    readonly isTTY?: boolean;
    /** Of a terminal. */
    setRawMode?(raw: boolean): unknown;
  };
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Aborted when standard output cannot be written; a reader that went away does not count. */
  readonly outputFailed: AbortSignal;
  /** Collects garbage sooner from now on: slower for few bundles, half the peak memory for a thousand. */
  saveMemory(): void;
  /** Makes it the working directory. @throws the error of the system */
  enterDirectory(directory: string): void;
  /** Ends the process once its output is written; output that cannot be written is a failure too. */
  leave(status: number): void;
}

export interface ProcessContextOptions {
  /** How hints name the program. Default: as this process was started. */
  readonly started?: Started;
}

export function processContext(options: ProcessContextOptions = {}): Context {
  let { started } = options;
  const startedHere = () => {
    const { environment } = thisMachine();
    started ??= programStarted({ path: process.argv[1], directory: workingDirectory(), environment });
    return started;
  };
  const outputFailed = new AbortController();
  const stdout = streamSink(
    () => process.stdout,
    () => outputFailed.abort(),
  );
  const stderr = streamSink(() => process.stderr);
  const output = createOutput({ stdout, stderr, started: startedHere });
  return {
    ...thisMachine(),
    environment: takeSecrets(process.env),
    ...output,
    arguments: process.argv.slice(2),
    get started() {
      return startedHere();
    },
    // Opened where it is read.
    get stdin() {
      return process.stdin;
    },
    signal: interruption(),
    outputFailed: outputFailed.signal,
    saveMemory: () => setV8Flags('--semi-space-growth-factor=1', '--heap-growing-percent=25'),
    enterDirectory: (directory) => {
      // As seen from where it was started.
      startedHere();
      process.chdir(directory);
    },
    leave: (status) => void leave(status, { output, stdout, stderr }),
  };
}

/** Empty where it was removed meanwhile. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

/**
 * Removes the key password and the token of the GitHub Action from the process's environment, which child processes
 * inherit by default.
 */
function takeSecrets(own: NodeJS.ProcessEnv): Readonly<Record<string, string | undefined>> {
  if (own.COSIGN_PASSWORD === undefined && own.INPUT_TOKEN === undefined) return own;
  const environment = { ...own };
  delete own.COSIGN_PASSWORD;
  delete own.INPUT_TOKEN;
  return environment;
}

interface StreamSink extends Sink {
  /** Settles when all is written, or cannot be; gives the failure. */
  written(): Promise<Error | undefined>;
}

/** The stream is opened where it is first needed: that takes a start some milliseconds. */
function streamSink(open: () => NodeJS.WriteStream, onFailure?: () => void): StreamSink {
  let opened: NodeJS.WriteStream | undefined;
  let failure: NodeJS.ErrnoException | undefined;
  const stream = () => {
    if (opened) return opened;
    opened = open();
    opened.on('error', (error: NodeJS.ErrnoException) => {
      failure ??= error;
      // A reader that went away has read what it wanted.
      if (error.code !== 'EPIPE') onFailure?.();
    });
    return opened;
  };
  return {
    write: (text) => void stream().write(text),
    get isTerminal() {
      return stream().isTTY === true;
    },
    get columns() {
      return stream().columns ?? 80;
    },
    async written() {
      const used = opened;
      if (!used) return undefined;
      await new Promise<void>((resolve) => used.write('', () => resolve()));
      // The stream reports its failure after it has answered.
      if (!failure && used.errored) failure = used.errored;
      return failure?.code === 'EPIPE' ? undefined : failure;
    },
  };
}

interface Leaving {
  readonly output: Output;
  readonly stdout: StreamSink;
  readonly stderr: StreamSink;
}

async function leave(status: number, { output, stdout, stderr }: Leaving): Promise<void> {
  const failure = await stdout.written();
  if (failure) {
    const { describeUnwritten } = await import('./output/unwritten.js');
    output.stderr.lines(describeUnwritten(failure));
  }
  const unheard = await stderr.written();
  // A name lookup that hangs cannot be aborted and would keep the process alive.
  process.exit(failure || unheard ? unwrittenStatus(status) : status);
}

/** As for several failures: 9, unless there is a smaller status from 4 on. */
function unwrittenStatus(status: number): number {
  return status >= 4 && status < 9 ? status : status === 130 ? status : 9;
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
