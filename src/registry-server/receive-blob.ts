import { createReadStream } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { createDigester, type Digest } from '../oci/digest.js';
import { adoptBlob, isAbsent } from './blob-files.js';
import type { DiskUse } from './disk-use.js';
import type { RegistryLimits } from './limits.js';
import { receiveBody } from './receive-body.js';
import type { Repository } from './repositories.js';
import type { UploadSession, UploadSessions } from './upload-sessions.js';
import { WireError } from './wire-error.js';

export interface ReceiveContext {
  readonly sessions: UploadSessions;
  readonly limits: RegistryLimits;
  readonly disk: DiskUse;
}

/** Takes a blob that comes in one request, checks it and puts it into the layout. */
export async function receiveBlob(
  request: Request,
  { sessions, limits, disk }: ReceiveContext,
  { repository, wanted }: { readonly repository: Repository; readonly wanted: Digest },
): Promise<void> {
  await sessions.withTemporaryPath(async (path) => {
    const digester = createDigester(wanted);
    try {
      await withFile(path, 'wx', async (file) => {
        await receiveBody(request, file, {
          position: 0,
          limit: limits.blobBytes,
          disk,
          onBytes: (bytes) => digester.update(bytes),
        });
        checkDigest(digester.digest(), wanted);
        await file.sync();
      });
      await adopt(path, { repository, wanted });
    } catch (error) {
      await unlink(path).catch(() => undefined);
      throw error;
    }
  });
}

/** Adds a request's body to a session; resolves with the bytes added. */
export async function appendToSession(
  request: Request,
  session: UploadSession,
  { limits, disk }: Pick<ReceiveContext, 'limits' | 'disk'>,
): Promise<number> {
  return await withFile(session.path, 'r+', async (file) =>
    receiveBody(request, file, { position: session.size, limit: limits.blobBytes, disk }),
  );
}

/** Checks what a session has gathered and moves it into the layout; either way the session is over. */
export async function adoptSession(
  { path }: UploadSession,
  { repository, wanted }: { readonly repository: Repository; readonly wanted: Digest },
): Promise<void> {
  const digester = createDigester(wanted);
  for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 })) digester.update(bytes);
  try {
    checkDigest(digester.digest(), wanted);
    await withFile(path, 'r+', (file) => file.sync());
    await adopt(path, { repository, wanted });
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error;
  }
}

async function adopt(
  path: string,
  { repository, wanted }: { readonly repository: Repository; readonly wanted: Digest },
): Promise<void> {
  await repository.prepare();
  try {
    await adoptBlob(repository.directory, wanted, path);
  } catch (cause) {
    if (!isAbsent(cause)) throw cause;
    throw new WireError(404, 'BLOB_UPLOAD_UNKNOWN', 'the upload was taken for one given up', { cause });
  }
}

function checkDigest(found: Digest, wanted: Digest): void {
  if (found === wanted) return;
  throw new WireError(400, 'DIGEST_INVALID', 'content does not match its digest', {
    detail: { found, wanted },
  });
}

async function withFile<T>(path: string, flags: string, task: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await task(file);
  } finally {
    await file.close();
  }
}
