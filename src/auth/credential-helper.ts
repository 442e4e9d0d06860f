import { spawn } from 'node:child_process';
import { BundlesError } from '../errors.js';
import { safeText } from '../http/safe-text.js';
import type { Credential } from './credential.js';

export interface HelperQuestion {
  /** The part of the program's name behind `docker-credential-`. */
  readonly helper: string;
  /** The key it keeps the credential under. */
  readonly key: string;
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

/**
 * Asks a docker credential helper; undefined when it has no credential for the key.
 *
 * @throws CREDENTIALS_INVALID; `details.missing` tells that the program does not exist
 */
export async function askHelper(
  question: HelperQuestion,
  options: HelperOptions,
): Promise<Credential | undefined> {
  const { helper, source } = question;
  if (!/^[A-Za-z0-9_.-]+$/.test(helper))
    throw failed(question, 'its name holds other characters than A-Z a-z 0-9 _ . -');
  const { status, output } = await run(question, options);
  if (status !== 0) {
    const said = output.trim();
    if (said === 'credentials not found in native keychain') return undefined;
    const shown = said.includes('Secret') ? '' : safeText(said);
    throw failed(
      question,
      `it ends with ${status}${shown === '' ? '' : ` and says ${JSON.stringify(shown)}`}`,
    );
  }
  const { username, secret } = parse(output);
  if (username === undefined || !secret) throw failed(question, 'its answer holds no Username and Secret');
  if (username === '<token>') return { kind: 'identity-token', username, token: secret, source };
  return { kind: 'basic', username, password: secret, source };
}

const longestOutput = 64 * 1024;

function run(
  question: HelperQuestion,
  { environment, timeoutMs = 30_000, signal, log }: HelperOptions,
): Promise<{ readonly status: number | string; readonly output: string }> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(`docker-credential-${question.helper}`, ['get'], {
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
    const timer = setTimeout(() => end(failed(question, `no answer within ${timeoutMs} ms`)), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    const release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > longestOutput) end(failed(question, `it says more than ${longestOutput} bytes`));
      else chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) =>
      log?.(`docker-credential-${question.helper}: ${safeText(String(chunk))}`),
    );
    child.once('error', (error: NodeJS.ErrnoException) => {
      release();
      const missing = error.code === 'ENOENT';
      reject(
        failed(question, missing ? 'there is no such program' : `it does not start (${error.code})`, missing),
      );
    });
    child.once('close', (code, killedBy) => {
      release();
      resolve({ status: code ?? killedBy ?? 'no status', output: Buffer.concat(chunks).toString('utf8') });
    });
    // A helper that ends without reading its input is judged by its answer.
    child.stdin.on('error', () => undefined);
    child.stdin.end(question.key);
  });
}

function parse(output: string): {
  readonly username?: string | undefined;
  readonly secret?: string | undefined;
} {
  try {
    const value: unknown = JSON.parse(output);
    if (typeof value !== 'object' || value === null) return {};
    const { Username, Secret } = { Username: undefined, Secret: undefined, ...value };
    return { username: text(Username), secret: text(Secret) };
  } catch {
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function failed({ helper, source }: HelperQuestion, why: string, missing = false): BundlesError {
  const name = JSON.stringify(`docker-credential-${safeText(helper, { max: 60 })}`);
  return new BundlesError('CREDENTIALS_INVALID', `No credential from helper ${name} of ${source}: ${why}`, {
    hint: missing
      ? 'Install the helper, or take it out of the file'
      : 'Run the helper by hand to see what it wants',
    details: { source, missing },
  });
}
