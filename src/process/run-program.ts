export interface RunProgramOptions {
  /** All that the program sees of an environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Written to its standard input, which is closed then. Default: nothing. */
  readonly input?: string | undefined;
  /** Default 30 s. */
  readonly timeoutMs?: number;
  /** Bytes of standard output, and kept of standard error. Default 64 KiB. */
  readonly longestOutput?: number;
  readonly signal?: AbortSignal | undefined;
  /** Gets standard error as it comes. */
  readonly onError?: (chunk: string) => void;
}

export interface RanProgram {
  /** Exit status, or the name of the signal that ended it. */
  readonly status: number | string;
  readonly output: string;
  /** The end of its standard error. */
  readonly errors: string;
}

/** A program could not be run to its end. */
export class ProgramError extends Error {
  readonly why: 'missing' | 'no-start' | 'timeout' | 'output';
  constructor(why: ProgramError['why'], message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.name = 'ProgramError';
    this.why = why;
  }
}

/**
 * Runs a program to its end: without a shell, within its time and size. What it exits with is for the caller to judge.
 *
 * @throws ProgramError, and the signal's reason
 */
export async function runProgram(
  program: string,
  words: readonly string[],
  options: RunProgramOptions,
): Promise<RanProgram> {
  const { environment, input = '', timeoutMs = 30_000, longestOutput = 64 * 1024, signal, onError } = options;
  // Most runs run no program, and start sooner without it.
  const { spawn } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(program, words, {
      env: childEnvironment(environment),
      stdio: 'pipe',
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let errors = '';
    const end = (reason: unknown) => {
      child.kill('SIGKILL');
      // A grandchild may keep the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      reject(reason);
    };
    const abort = () => end(signal?.reason);
    const timer = setTimeout(
      () => end(new ProgramError('timeout', `no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal?.addEventListener('abort', abort, { once: true });
    const release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > longestOutput) end(new ProgramError('output', `it prints more than ${longestOutput} bytes`));
      else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + String(chunk)).slice(-longestOutput);
      onError?.(String(chunk));
    });
    child.once('error', (cause: NodeJS.ErrnoException) => {
      release();
      const missing = cause.code === 'ENOENT';
      const message = missing ? 'there is no such program' : `it does not start (${cause.code})`;
      reject(new ProgramError(missing ? 'missing' : 'no-start', message, { cause }));
    });
    child.once('close', (code, killedBy) => {
      release();
      const output = Buffer.concat(chunks).toString('utf8');
      resolve({ status: code ?? killedBy ?? 'no status', output, errors });
    });
    // A program that ends without reading its input is judged by its answer.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** The password of a signing key and the identity tokens: this program needs them, its child processes do not. */
const ours: ReadonlySet<string> = new Set([
  'COSIGN_PASSWORD',
  'SIGSTORE_ID_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
]);

/** The variables for a program that this one runs for its own purposes. */
export function childEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.has(name)));
}
