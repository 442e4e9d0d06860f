import { createHash, randomUUID } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { errnoOf } from '../fs/machine-error.js';
import { makeDirectory } from '../fs/make-directory.js';
import type { RegistryLimits } from './limits.js';
import { sweepUploads, uploadsDirectory } from './sweep-uploads.js';
import { createUpperBound } from './upper-bound.js';
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
  /** Gives a task a path beside the sessions, for bytes that arrive in a single request. @throws WireError 429 */
  withTemporaryPath<T>(task: (path: string) => Promise<T>): Promise<T>;
}

const sweepEveryMs = 60_000;
const idPattern = /^[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}$/;

export function createUploadSessions(options: {
  readonly root: string;
  readonly clock: Clock;
  readonly limits: RegistryLimits;
}): UploadSessions {
  const { clock, limits } = options;
  const directory = uploadsDirectory(options.root);
  const openNow = createUpperBound({
    limit: limits.uploads,
    measure: async () =>
      (await sweepUploads(options.root, { before: clock.now() - limits.uploadIdleMs })).left,
    clock,
    freshMs: sweepEveryMs,
    pauseMs: 0,
  });

  async function counted<T>(task: () => Promise<T>): Promise<T> {
    const done = await openNow.adding(1, async () => {
      await makeDirectory(directory);
      return task();
    });
    if (done) return done.result;
    throw new WireError(429, 'TOOMANYREQUESTS', `${limits.uploads} uploads are open already`, {
      headers: { 'retry-after': '5' },
    });
  }

  return {
    start: (repository) =>
      counted(async () => {
        const id = randomUUID();
        const path = join(directory, fileName(repository, id));
        await (await open(path, 'wx')).close();
        return { id, path, size: 0 };
      }),
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
    withTemporaryPath: (task) => counted(() => task(join(directory, randomUUID()))),
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
