import { spawn } from 'node:child_process';
import { BundlesError } from '../errors.js';
import { safeText } from '../http/safe-text.js';

export interface HelperCall {
  /** The part of the program's name behind `docker-credential-`. */
  readonly helper: string;
  readonly action: 'get' | 'store' | 'erase';
  /** Written to its standard input, never on its command line. */
  readonly input: string;
  /** Where the helper is named, for messages. */
  readonly source: string;
}

export interface HelperOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Default 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Gets what the helper says on stderr. */
  readonly log?: ((line: string) => void) | undefined;
}

export interface HelperAnswer {
  readonly status: number | string;
  readonly output: string;
}

/**
 * Runs a docker credential helper, without a shell and within its time and size.
 *
 * @throws CREDENTIALS_INVALID; `details.missing` tells that the program does not exist
 */
export function runHelper(call: HelperCall, options: HelperOptions): Promise<HelperAnswer> {
  const { environment, timeoutMs = 30_000, signal, log } = options;
  const program = `docker-credential-${call.helper}`;
  return new Promise((resolve, reject) => {
    if (!/^[A-Za-z0-9_.-]+$/.test(call.helper)) {
      throw helperError(call, 'its name holds other characters than A-Z a-z 0-9 _ . -');
    }
    signal?.throwIfAborted();
    const child = spawn(program, [call.action], {
      env: { ...environment },
      stdio: 'pipe',
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (reason: unknown) => {
      child.kill('SIGKILL');
      // A grandchild may keep the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      reject(reason);
    };
    const abort = () => end(signal?.reason);
    const timer = setTimeout(() => end(helperError(call, `no answer within ${timeoutMs} ms`)), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    const release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > longestOutput) end(helperError(call, `it says more than ${longestOutput} bytes`));
      else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => log?.(`${program}: ${safeText(String(chunk))}`));
    child.once('error', (error: NodeJS.ErrnoException) => {
      release();
      const missing = error.code === 'ENOENT';
      const why = missing ? 'there is no such program' : `it does not start (${error.code})`;
      reject(helperError(call, why, { missing }));
    });
    child.once('close', (code, killedBy) => {
      release();
      resolve({ status: code ?? killedBy ?? 'no status', output: Buffer.concat(chunks).toString('utf8') });
    });
    // A helper that ends without reading its input is judged by its answer.
    child.stdin.on('error', () => undefined);
    child.stdin.end(call.input);
  });
}

const longestOutput = 64 * 1024;

const doings = {
  get: 'No credential from',
  store: 'Cannot store a credential with',
  erase: 'Cannot remove a credential by',
};

export function helperError(
  { helper, action, source }: Pick<HelperCall, 'helper' | 'action' | 'source'>,
  why: string,
  { missing = false }: { readonly missing?: boolean } = {},
): BundlesError {
  const name = JSON.stringify(`docker-credential-${safeText(helper, { max: 60 })}`);
  return new BundlesError('CREDENTIALS_INVALID', `${doings[action]} helper ${name} of ${source}: ${why}`, {
    hint: missing
      ? 'Install the helper, or take it out of the file'
      : 'Run the helper by hand to see what it wants',
    details: { source, missing },
  });
}
