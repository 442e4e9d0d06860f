import { createHash, randomBytes } from 'node:crypto';
import { readdir, unlink, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { makeDirectory } from '../../fs/make-directory.js';
import { formatIdentity, livenessOf, ownIdentity, parseIdentity } from '../../fs/process-identity.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import { createNodeTransport } from '../connect/node-transport.js';
import { locationOfHost } from '../host-location.js';
import type { Send } from '../message.js';

/** A server of this program that serves a directory now. */
export interface AnnouncedServer {
  /** Where it listens, e.g. `http://127.0.0.1:5055`. */
  readonly url: string;
  /** Host and port of the URL. */
  readonly host: string;
  /** The text its handler was given: unique to this one. */
  readonly instance: string;
}

/** What a server needs to prove that it is the announced one. */
export interface Announcement {
  /** Where its announcement lies. */
  readonly directory: string;
  readonly instance: string;
}

/** How a running server is looked for. */
export interface FindServerOptions {
  /** Default: a new transport without a proxy. */
  readonly send?: Send | undefined;
  readonly signal?: AbortSignal;
  /** How long one may take to answer. Default 1000. */
  readonly timeoutMs?: number;
  /** Removes nothing. Default false. */
  readonly readOnly?: boolean;
}

/** A file name, whatever it is. */
const instancePattern = /^[A-Za-z0-9-]{8,64}$/;

const challengeHeader = 'bundles-serving-challenge';
const proofHeader = 'bundles-serving-proof';
const challengePattern = /^[0-9a-f]{32}$/;

/**
 * Writes a file in `directory` that announces a server at `url`; `instance` is what its handler was given. Each server
 * has a separate file. An announcement proves nothing, since any program may have written it: findAnnounced requires a
 * proof. Announcements of killed processes are removed.
 * @throws NOT_WRITABLE, DISK_FULL
 */
export async function announceServer(
  directory: string,
  { url, instance }: { readonly url: string; readonly instance: string },
): Promise<{ withdraw(): Promise<void> }> {
  if (!instancePattern.test(instance)) throw new TypeError('instance must be 8 to 64 letters, digits and -');
  const path = join(directory, `${instance}.json`);
  await makeDirectory(directory);
  await readAnnouncements(directory, {});
  const process = formatIdentity(await ownIdentity());
  await writeFileAtomic(path, `${JSON.stringify({ url, instance, process })}\n`, { durable: false });
  return { withdraw: () => unlink(path).catch(() => undefined) };
}

/**
 * The response of a server of this program to a challenge: a header that proves that the server can read the files of
 * the directory. Undefined for all other requests.
 */
export async function answerChallenge(
  request: Request,
  { directory, instance }: Announcement,
): Promise<readonly [name: string, value: string] | undefined> {
  const challenge = request.headers.get(challengeHeader);
  if (challenge === null || !challengePattern.test(challenge)) return undefined;
  try {
    const secret = await readFileCapped(challengeFile(directory, challenge), {
      limit: 64,
      missing: 'NOT_FOUND',
    });
    return [proofHeader, proofOf(secret, instance)];
  } catch {
    // The client then treats it as a foreign server.
    return undefined;
  }
}

/**
 * The server of this machine that is announced in a directory, or undefined. All announced ones are asked at once to
 * prove that they can read a file which only its owner can read, so an announcement from a checkout or from another
 * user is never enough. Removes the announcements of processes that are known to be dead, unless `readOnly` is set.
 */
export async function findAnnounced(
  directory: string,
  path: string,
  options: FindServerOptions = {},
): Promise<AnnouncedServer | undefined> {
  options.signal?.throwIfAborted();
  const announcements = await readAnnouncements(directory, options);
  const found = announcements.filter((announced) => announced !== undefined);
  if (found.length === 0) return undefined;
  const challenge = randomBytes(16).toString('hex');
  const secret = randomBytes(32);
  const file = challengeFile(directory, challenge);
  try {
    await writeFile(file, secret, { mode: 0o600, flag: 'wx' });
  } catch {
    // Where nothing can be written, nothing can be proven.
    return undefined;
  }
  const transport = createNodeTransport();
  const asking = { ...options, send: options.send ?? transport };
  const proves = async (announced: AnnouncedServer): Promise<boolean> =>
    (await askFor(new URL(path, announced.url), challenge, asking)) === proofOf(secret, announced.instance);
  try {
    const proven = await Promise.all(
      found.map(async (announced) => ((await proves(announced)) ? announced : undefined)),
    );
    options.signal?.throwIfAborted();
    return proven.find((announced) => announced !== undefined);
  } finally {
    await unlink(file).catch(() => undefined);
    await transport.close();
  }
}

/** The proof that is in an answer. */
async function askFor(
  url: URL,
  challenge: string,
  { send, signal, timeoutMs = 1000 }: FindServerOptions & { readonly send: Send },
): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const response = await send({
      method: 'GET',
      url,
      headers: { [challengeHeader]: challenge },
      signal: either,
    });
    await response.body?.close();
    return response.headers[proofHeader];
  } catch {
    // After any failure, the server counts as gone.
    return undefined;
  }
}

function challengeFile(directory: string, challenge: string): string {
  return join(directory, `${challenge}.challenge`);
}

function proofOf(secret: Uint8Array, instance: string): string {
  return createHash('sha256').update(secret).update(instance).digest('hex');
}

/** Whether a host, with its port, is this machine, by an address, not by a name that DNS may point elsewhere. */
function isThisMachine(host: string): boolean {
  const { hostname } = new URL(`http://${host}`);
  if (locationOfHost(hostname) === 'loopback') return true;
  const address = hostname.replace(/^\[|\]$/g, '');
  return Object.values(networkInterfaces()).some((list = []) => list.some((own) => own.address === address));
}

async function readAnnouncements(
  directory: string,
  options: FindServerOptions,
): Promise<readonly (AnnouncedServer | undefined)[]> {
  const names = await readdir(directory).catch(() => []);
  const announcements = names.filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  return Promise.all(announcements.map((name) => readAnnouncement(join(directory, name), options)));
}

async function readAnnouncement(
  path: string,
  { readOnly = false }: FindServerOptions,
): Promise<AnnouncedServer | undefined> {
  let announced: unknown;
  try {
    const bytes = await readFileCapped(path, { limit: 4096, missing: 'NOT_FOUND' });
    announced = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof announced !== 'object' || announced === null) return undefined;
  const { url, instance, process } = announced as Record<string, unknown>;
  const host = typeof url === 'string' ? /^http:\/\/([^/@\s?#]+)\/?$/.exec(url)?.[1] : undefined;
  if (host === undefined || !URL.canParse(`http://${host}`) || !isThisMachine(host)) return undefined;
  if (typeof instance !== 'string' || !instancePattern.test(instance)) return undefined;
  const owner = typeof process === 'string' ? parseIdentity(process) : undefined;
  if (owner && (await livenessOf(owner, await ownIdentity())) === 'dead') {
    if (!readOnly) await unlink(path).catch(() => undefined);
    return undefined;
  }
  return { url: String(url).replace(/\/$/, ''), host, instance };
}
