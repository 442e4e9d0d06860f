import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { errnoOf } from '../fs/machine-error.js';
import type { RegistryLimits } from './limits.js';
import { WireError } from './wire-error.js';

/** The bytes a client has sent so far for a blob it has not finished. */
export interface UploadSession {
  readonly id: string;
  readonly path: string;
  readonly size: number;
}

/**
 * Upload sessions are files in `<root>/.uploads` and nothing else: any process that serves the directory can go on
 * with one, also after the process that began it was killed. The file's name binds it to its repository.
 */
export interface UploadSessions {
  /** @throws WireError 429 when too many are open */
  start(repository: string): Promise<UploadSession>;
  /** @throws WireError 404 */
  find(repository: string, id: string): Promise<UploadSession>;
  /** A path beside the sessions, for bytes that arrive in a single request. */
  temporaryPath(): Promise<string>;
}

const sweepEveryMs = 60_000;
const idPattern = /^[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}$/;

export function createUploadSessions(options: {
  readonly root: string;
  readonly clock: Clock;
  readonly limits: RegistryLimits;
}): UploadSessions {
  const { clock, limits } = options;
  const directory = join(options.root, '.uploads');
  let sweepAt = 0;
  // How many files there were at the last look, and how many were added since: never fewer than there are.
  let atMost = Number.POSITIVE_INFINITY;

  async function makeRoom(): Promise<void> {
    await mkdir(directory, { recursive: true });
    const due = clock.now() >= sweepAt;
    if (due || atMost >= limits.uploads) {
      atMost = await countFresh(directory, clock.now() - limits.uploadIdleMs);
      sweepAt = clock.now() + sweepEveryMs;
    }
    if (atMost >= limits.uploads) {
      throw new WireError(429, 'TOOMANYREQUESTS', `${limits.uploads} uploads are open already`, {
        headers: { 'retry-after': '5' },
      });
    }
    atMost++;
  }

  return {
    async start(repository) {
      await makeRoom();
      const id = randomUUID();
      const path = join(directory, fileName(repository, id));
      await (await open(path, 'wx')).close();
      return { id, path, size: 0 };
    },
    async find(repository, id) {
      if (!idPattern.test(id)) throw unknownUpload(id);
      const path = join(directory, fileName(repository, id));
      try {
        const { size } = await stat(path);
        return { id, path, size };
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') throw unknownUpload(id);
        throw error;
      }
    },
    async temporaryPath() {
      await makeRoom();
      return join(directory, randomUUID());
    },
  };
}

export function unknownUpload(id: string): WireError {
  return new WireError(404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload in this repository', {
    detail: { id: id.slice(0, 64) },
  });
}

function fileName(repository: string, id: string): string {
  return `${id}.${createHash('sha256').update(repository).digest('hex').slice(0, 16)}`;
}

/** Removes what nobody has written to since `oldest` and counts the rest. */
async function countFresh(directory: string, oldest: number): Promise<number> {
  let fresh = 0;
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const mtime = await stat(path).then(
      (stats) => stats.mtimeMs,
      () => undefined,
    );
    if (mtime === undefined) continue;
    if (mtime >= oldest) fresh++;
    else await rm(path, { recursive: true, force: true });
  }
  return fresh;
}
