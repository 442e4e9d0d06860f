import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '../fs/make-directory.js';
import { formatIdentity, livenessOf, ownIdentity, parseIdentity } from '../fs/process-identity.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { writeFileAtomic } from '../fs/write-file-atomic.js';
import type { Send } from './message.js';
import { createNodeTransport } from './node-transport.js';

/** A server of this program that serves a directory now. */
export interface AnnouncedServer {
  /** Where it listens, e.g. `http://127.0.0.1:5055`. */
  readonly url: string;
  /** Host and port of the URL. */
  readonly host: string;
  /** The text its handler was given: unique to this one. */
  readonly instance: string;
}

/** How a server is asked whether it is the announced one. */
export interface ServerQuestion {
  readonly path: string;
  /** The response header that carries its instance. */
  readonly header: string;
  /** The statuses that such a server may answer with. */
  readonly statuses: readonly number[];
}

export interface FindServerOptions {
  /** Default: a transport of its own, without a proxy. */
  readonly send?: Send | undefined;
  readonly signal?: AbortSignal;
  /** How long one may take to answer. Default 1000. */
  readonly timeoutMs?: number;
  /** Removes nothing. Default false. */
  readonly readOnly?: boolean;
}

/** A file name and a header value, whatever it is. */
const instancePattern = /^[A-Za-z0-9-]{8,64}$/;

/**
 * Leaves a note in `directory` that a server answers at `url`; `instance` is what its handler was given. Each server has
 * its own note. A killed process leaves its note behind: findAnnounced asks before it believes one.
 * @throws NOT_WRITABLE, DISK_FULL
 */
export async function announceServer(
  directory: string,
  { url, instance }: { readonly url: string; readonly instance: string },
): Promise<{ withdraw(): Promise<void> }> {
  if (!instancePattern.test(instance)) throw new TypeError('instance must be 8 to 64 letters, digits and -');
  const path = join(directory, `${instance}.json`);
  await makeDirectory(directory);
  const process = formatIdentity(await ownIdentity());
  await writeFileAtomic(path, `${JSON.stringify({ url, instance, process })}\n`, { durable: false });
  return { withdraw: () => unlink(path).catch(() => undefined) };
}

/**
 * The server that answers for a directory of notes, or undefined. Asks each announced one, all at once, and removes the
 * notes of processes known to be dead, unless it is to remove nothing.
 */
export async function findAnnounced(
  directory: string,
  question: ServerQuestion,
  options: FindServerOptions = {},
): Promise<AnnouncedServer | undefined> {
  options.signal?.throwIfAborted();
  const names = await readdir(directory).catch(() => []);
  const notes = await Promise.all(
    names
      .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
      .map((name) => readNote(join(directory, name), options)),
  );
  const found = notes.filter((note) => note !== undefined);
  if (found.length === 0) return undefined;
  const transport = createNodeTransport();
  const asking = { ...options, send: options.send ?? transport };
  const running = await Promise.all(
    found.map(async (note) => ((await isAnswering(note, question, asking)) ? note : undefined)),
  ).finally(() => transport.close());
  options.signal?.throwIfAborted();
  return running.find((note) => note !== undefined);
}

async function isAnswering(
  { url, instance }: AnnouncedServer,
  { path, header, statuses }: ServerQuestion,
  { send, signal, timeoutMs = 1000 }: FindServerOptions & { readonly send: Send },
): Promise<boolean> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const response = await send({ method: 'GET', url: new URL(path, url), headers: {}, signal: either });
    await response.body?.close();
    return statuses.includes(response.status) && response.headers[header.toLowerCase()] === instance;
  } catch {
    // Whatever went wrong, nobody answers there.
    return false;
  }
}

async function readNote(
  path: string,
  { readOnly = false }: FindServerOptions,
): Promise<AnnouncedServer | undefined> {
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
    if (!readOnly) await unlink(path).catch(() => undefined);
    return undefined;
  }
  return { url: String(url).replace(/\/$/, ''), host, instance };
}
