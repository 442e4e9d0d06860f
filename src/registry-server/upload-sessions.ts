import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { errnoOf, readError } from '../fs/machine-error.js';
import { makeDirectory } from '../fs/make-directory.js';
import { formatIdentity, livenessOf, ownIdentity, parseIdentity } from '../fs/process-identity.js';
import type { RegistryLimits } from './limits.js';
import { WireError } from './wire-error.js';

/** The bytes a client has sent so far for a blob it has not finished. */
export interface UploadSession {
  readonly id: string;
  readonly path: string;
  readonly size: number;
}

/**
 * Upload sessions are files in `<root>/.uploads` and nothing else: any process that serves the directory can go on with
 * one while the process that began it lives. The file's name binds it to its repository, its client and its process.
 */
export interface UploadSessions {
  /** @throws WireError 429 when too many are open */
  start(repository: string, client: string | undefined): Promise<UploadSession>;
  /** @throws WireError 404 */
  find(repository: string, id: string): Promise<UploadSession>;
  /** Runs an upload that comes in a single request. @throws WireError 429 */
  running<T>(client: string | undefined, task: () => Promise<T>): Promise<T>;
}

const sweepEveryMs = 60_000;
const idPattern = /^[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}$/;
const namePattern = /^([a-f0-9-]{36})\.[a-f0-9]{16}\.([0-9a-f-]+)$/;

export function createUploadSessions(options: {
  readonly root: string;
  readonly clock: Clock;
  readonly limits: RegistryLimits;
}): UploadSessions {
  const { root, clock, limits } = options;
  const directory = uploadsDirectory(root);
  /** The ends of the ids of uploads that have no file, or none yet. */
  const underWay: string[] = [];
  let sweptAt = Number.NEGATIVE_INFINITY;

  const sweep = async () => {
    if (clock.now() - sweptAt < sweepEveryMs) return;
    sweptAt = clock.now();
    await sweepUploads(root, { before: clock.now() - limits.uploadIdleMs });
  };
  /** Requires room for one more upload; at the limit, abandoned uploads of all clients are removed first. */
  const requireRoom = async (client: string, isLast: boolean): Promise<void> => {
    const all = [...(await openUploads(directory)), ...underWay];
    const own = client === anonymous ? [] : all.filter((end) => end === client);
    const isFull = all.length > limits.uploads || own.length > limits.uploadsOfClient;
    if (!isFull) return;
    if (!isLast) {
      await sweepUploads(root, { before: clock.now() - limits.uploadIdleMs });
      return requireRoom(client, true);
    }
    const [most, whose] =
      all.length > limits.uploads ? [limits.uploads, ''] : [limits.uploadsOfClient, ' of this client'];
    throw new WireError(429, 'TOOMANYREQUESTS', `${most} uploads${whose} are open already`, {
      headers: { 'retry-after': '5' },
    });
  };
  const counted = async <T>(client: string, task: () => Promise<T>): Promise<T> => {
    underWay.push(client);
    try {
      await sweep();
      await requireRoom(client, false);
      return await task();
    } finally {
      underWay.splice(underWay.indexOf(client), 1);
    }
  };

  return {
    start: (repository, address) => {
      const client = endOf(address);
      return counted(client, async () => {
        const id = newId(client);
        const path = join(directory, await fileName(repository, id));
        await makeFile(path, directory);
        return { id, path, size: 0 };
      });
    },
    async find(repository, id) {
      if (!idPattern.test(id)) throw unknownUpload(id);
      const own = join(directory, await fileName(repository, id));
      const path = (await sizeOf(own)) === undefined ? await findForeign(directory, repository, id) : own;
      const size = path === undefined ? undefined : await sizeOf(path);
      if (path === undefined || size === undefined) throw unknownUpload(id);
      return { id, path, size };
    },
    running: (address, task) => counted(endOf(address), task),
  };
}

export function unknownUpload(id: string): WireError {
  return new WireError(404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload in this repository', {
    detail: { id: id.slice(0, 64) },
  });
}

/** Where a registry keeps what has not arrived whole. */
export function uploadsDirectory(root: string): string {
  return join(root, '.uploads');
}

export interface SweptUploads {
  readonly removed: number;
  readonly bytes: number;
}

/**
 * Removes the uploads of dead processes, including complete blobs that were not stored yet, and uploads without a write
 * since `before`, in milliseconds since 1970.
 */
export async function sweepUploads(
  root: string,
  { before, dryRun = false }: { readonly before: number; readonly dryRun?: boolean },
): Promise<SweptUploads> {
  const directory = uploadsDirectory(root);
  const isDead = createDeathCheck();
  const swept = { removed: 0, bytes: 0 };
  for (const name of await namesIn(directory)) {
    const path = join(directory, name);
    const stats = await stat(path).catch(() => undefined);
    if (!stats || (stats.mtimeMs >= before && !(await isDead(name)))) continue;
    if (!dryRun) await rm(path, { recursive: true, force: true });
    if (!stats.isFile()) continue;
    swept.removed++;
    swept.bytes += stats.size;
  }
  return swept;
}

/** The ends of the ids of the uploads of living processes. */
async function openUploads(directory: string): Promise<string[]> {
  const isDead = createDeathCheck();
  const found: string[] = [];
  for (const name of await namesIn(directory)) {
    const id = namePattern.exec(name)?.[1];
    if (id !== undefined && !(await isDead(name))) found.push(id.slice(-12));
  }
  return found;
}

/** Checks each process once. A name without a process, as earlier versions wrote it, does not count as dead. */
function createDeathCheck(): (name: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>();
  return async (name) => {
    const text = name.split('.').find((part) => parseIdentity(part) !== undefined);
    const owner = text === undefined ? undefined : parseIdentity(text);
    if (text === undefined || owner === undefined) return false;
    const dead =
      known.get(text) ?? ownIdentity().then(async (self) => (await livenessOf(owner, self)) === 'dead');
    known.set(text, dead);
    return dead;
  };
}

const anonymous = '0'.repeat(12);

/** What the ids of a client's uploads end with: they are counted by the names of their files. */
function endOf(address: string | undefined): string {
  return address === undefined ? anonymous : createHash('sha256').update(address).digest('hex').slice(0, 12);
}

function newId(end: string): string {
  const text = randomBytes(12).toString('hex');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), end].join('-');
}

async function fileName(repository: string, id: string): Promise<string> {
  return `${prefixOf(repository, id)}${formatIdentity(await ownIdentity())}`;
}

function prefixOf(repository: string, id: string): string {
  return `${id}.${createHash('sha256').update(repository).digest('hex').slice(0, 16)}.`;
}

/** The session of another process that serves the directory too. */
async function findForeign(directory: string, repository: string, id: string): Promise<string | undefined> {
  const prefix = prefixOf(repository, id);
  const name = (await namesIn(directory)).find((one) => one.startsWith(prefix) && namePattern.test(one));
  return name && join(directory, name);
}

async function makeFile(path: string, directory: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await (await open(path, 'wx')).close();
      return;
    } catch (error) {
      // Anyone who tidies takes an empty directory away, perhaps just after it was made.
      if (errnoOf(error) !== 'ENOENT' || attempt > 50) throw error;
    }
    await makeDirectory(directory);
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw readError(error, `read ${JSON.stringify(directory)}`, { path: directory });
  }
}
