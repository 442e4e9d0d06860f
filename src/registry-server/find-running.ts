import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { livenessOf, ownIdentity, parseIdentity } from '../fs/process-identity.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import type { Fetch } from '../http/fetch.js';
import { instanceHeader, instancePattern, notesDirectory, type RunningRegistry } from './running-registry.js';

export interface FindRunningOptions {
  /** Default: Node's own, which knows no proxy. */
  readonly fetch?: Fetch;
  readonly signal?: AbortSignal;
  /** How long one may take to answer. Default 1000. */
  readonly timeoutMs?: number;
}

/**
 * The embedded registry that answers for this state directory, or undefined. Asks each announced one for `/v2/`,
 * all at once, and removes the notes of processes known to be dead.
 */
export async function findRunningRegistry(
  root: string,
  options: FindRunningOptions = {},
): Promise<RunningRegistry | undefined> {
  options.signal?.throwIfAborted();
  const directory = notesDirectory(root);
  const names = await readdir(directory).catch(() => []);
  const notes = await Promise.all(
    names
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .map((name) => readNote(join(directory, name))),
  );
  const running = await Promise.all(
    notes.map(async (note) => (note && (await isAnswering(note, options)) ? note : undefined)),
  );
  options.signal?.throwIfAborted();
  return running.find((note) => note !== undefined);
}

async function isAnswering(
  { url, instance }: RunningRegistry,
  { fetch = globalThis.fetch, signal, timeoutMs = 1000 }: FindRunningOptions,
): Promise<boolean> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(
      new Request(new URL('/v2/', url), {
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      }),
    );
    await response.body?.cancel();
    // 401: it asks for a password, which its users have.
    const answers = response.status === 200 || response.status === 401;
    return answers && response.headers.get(instanceHeader) === instance;
  } catch {
    // Whatever went wrong, nobody answers there.
    return false;
  }
}

async function readNote(path: string): Promise<RunningRegistry | undefined> {
  let note: unknown;
  try {
    const bytes = await readFileCapped(path, { limit: 4096, missing: 'NOT_FOUND' });
    note = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof note !== 'object' || note === null) return undefined;
  const { url, instance, process } = note as Record<string, unknown>;
  const host = typeof url === 'string' ? /^https?:\/\/([^/@\s?#]+)\/?$/.exec(url)?.[1] : undefined;
  if (host === undefined || typeof instance !== 'string' || !instancePattern.test(instance)) return undefined;
  const owner = typeof process === 'string' ? parseIdentity(process) : undefined;
  if (owner && (await livenessOf(owner, await ownIdentity())) === 'dead') {
    await unlink(path).catch(() => undefined);
    return undefined;
  }
  return { url: String(url).replace(/\/$/, ''), host, instance };
}
