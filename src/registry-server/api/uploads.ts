import { open, unlink } from 'node:fs/promises';
import type { Clock } from '../../async/clock.js';
import { isBundlesError } from '../../errors.js';
import { withFileLock } from '../../fs/file-lock.js';
import type { Digest } from '../../oci/digest.js';
import { isRepository } from '../../oci/repository-name.js';
import type { DiskUse } from '../disk-use.js';
import type { RegistryLimits } from '../limits.js';
import type { Repositories, Repository } from '../repositories.js';
import { type UploadSession, type UploadSessions, unknownUpload } from '../upload-sessions.js';
import { requireDigest, WireError } from '../wire-error.js';
import { parseContentRange } from './byte-range.js';
import { type Incoming, receiveBody } from './receive-body.js';

export interface UploadContext {
  readonly repositories: Repositories;
  readonly sessions: UploadSessions;
  readonly limits: RegistryLimits;
  readonly disk: DiskUse;
  readonly clock: Clock;
}

/** POST: a mount, a whole blob in one request, or a new session. */
export async function startUpload(
  incoming: Incoming,
  context: UploadContext,
  { repository: name, query }: { readonly repository: string; readonly query: URLSearchParams },
): Promise<Response> {
  const repository = context.repositories.open(name);
  const mount = query.get('mount');
  if (mount !== null && (await mountBlob(context, repository, { mount, from: query.get('from') }))) {
    return created(repository, mount);
  }
  const digest = mount === null ? query.get('digest') : null;
  if (digest === null) {
    return accepted(202, name, await context.sessions.start(name, incoming.connection?.address));
  }
  const wanted = requireDigest(digest);
  await context.sessions.running(incoming.connection?.address, () =>
    receiveBlob(incoming, context, { repository, wanted }),
  );
  return created(repository, wanted);
}

/** PATCH: the next chunk. */
export async function continueUpload(
  incoming: Incoming,
  context: UploadContext,
  { repository: name, id }: { readonly repository: string; readonly id: string },
): Promise<Response> {
  return await exclusively(context, { name, id }, async (session) => {
    checkChunk(incoming.request, name, session);
    const size = session.size + (await appendToSession(incoming, session, context));
    return accepted(202, name, { id, size });
  });
}

/** PUT: the last chunk, which may be empty or the only one, and the digest of the whole. */
export async function finishUpload(
  incoming: Incoming,
  context: UploadContext,
  target: { readonly repository: string; readonly id: string; readonly query: URLSearchParams },
): Promise<Response> {
  const { repository: name, id } = target;
  const wanted = requireDigest(target.query.get('digest'));
  const repository = context.repositories.open(name);
  const { size, path } = await context.sessions.find(name, id);
  if (size === 0 && !incoming.request.headers.has('content-range')) {
    // A new file needs no lock: no other request can be writing to it.
    try {
      await receiveBlob(incoming, context, { repository, wanted });
    } finally {
      await unlink(path).catch(() => undefined);
    }
  } else {
    await exclusively(context, { name, id }, async (session) => {
      checkChunk(incoming.request, name, session);
      await appendToSession(incoming, session, context);
      await storing(repository, () => repository.store.adopt(wanted, session.path));
    });
  }
  return created(repository, wanted);
}

/** GET: how much has arrived. */
export async function describeUpload(
  context: UploadContext,
  { repository, id }: { readonly repository: string; readonly id: string },
): Promise<Response> {
  return accepted(204, repository, await context.sessions.find(repository, id));
}

/** DELETE: forget it. */
export async function cancelUpload(
  context: UploadContext,
  { repository, id }: { readonly repository: string; readonly id: string },
): Promise<Response> {
  const { path } = await context.sessions.find(repository, id);
  await unlink(path).catch(() => {
    throw unknownUpload(id);
  });
  return new Response(null, { status: 204 });
}

async function mountBlob(
  { repositories }: UploadContext,
  target: Repository,
  { mount, from }: { readonly mount: string; readonly from: string | null },
): Promise<boolean> {
  const digest = requireDigest(mount);
  if (from === null || !isRepository(from)) return false;
  if (!(await target.store.share(digest, repositories.directory(from)))) return false;
  await target.store.create();
  return true;
}

/** Takes a blob that comes in one request. */
async function receiveBlob(
  incoming: Incoming,
  { limits, disk }: UploadContext,
  { repository, wanted }: { readonly repository: Repository; readonly wanted: Digest },
): Promise<void> {
  const pieces = receiveBody(incoming, { before: 0, limit: limits.blobBytes, disk });
  await storing(repository, () => repository.store.receive(wanted, pieces));
}

/** Stores a blob, and makes it a repository that has one; what the store does not take is the client's doing. */
async function storing(repository: Repository, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (cause) {
    if (isBundlesError(cause, 'DIGEST_MISMATCH')) {
      const { found, expected: wanted } = cause.details;
      throw new WireError(400, 'DIGEST_INVALID', 'content does not match its digest', {
        detail: { found, wanted },
      });
    }
    if (!isBundlesError(cause, 'NOT_FOUND')) throw cause;
    throw new WireError(404, 'BLOB_UPLOAD_UNKNOWN', 'the upload was taken for one given up', { cause });
  }
  await repository.store.create();
}

/** Adds a request's body to a session; resolves with the bytes added. What arrives before an error stays there. */
async function appendToSession(
  incoming: Incoming,
  { path, size }: UploadSession,
  { limits, disk }: UploadContext,
): Promise<number> {
  const file = await open(path, 'r+');
  try {
    let end = size;
    for await (const bytes of receiveBody(incoming, { before: size, limit: limits.blobBytes, disk })) {
      for (let done = 0; done < bytes.length; ) {
        done += (await file.write(bytes, done, bytes.length - done, end + done)).bytesWritten;
      }
      end += bytes.length;
    }
    return end - size;
  } finally {
    await file.close();
  }
}

/** Runs a task while no other writes to the session, in this process or another one. */
async function exclusively<T>(
  { sessions, clock }: UploadContext,
  { name, id }: { readonly name: string; readonly id: string },
  task: (session: UploadSession) => Promise<T>,
): Promise<T> {
  const { path } = await sessions.find(name, id);
  return await withFileLock(`${path}.lock`, async () => task(await sessions.find(name, id)), {
    clock,
    timeoutMs: 5000,
  });
}

function checkChunk(request: Request, name: string, session: UploadSession): void {
  const header = request.headers.get('content-range');
  if (header === null) return;
  const range = parseContentRange(header);
  const length = request.headers.get('content-length');
  const consistent = range && (length === null || Number(length) === range.last - range.first + 1);
  if (consistent && range.first === session.size) return;
  throw new WireError(416, 'BLOB_UPLOAD_INVALID', 'chunk does not go on where the last one ended', {
    detail: { received: session.size, contentRange: header.slice(0, 64) },
    headers: uploadHeaders(name, session),
  });
}

function created({ name }: Repository, digest: string): Response {
  return new Response(null, {
    status: 201,
    headers: {
      location: `/v2/${name}/blobs/${digest}`,
      'docker-content-digest': digest,
      'content-length': '0',
    },
  });
}

function accepted(
  status: 202 | 204,
  name: string,
  session: { readonly id: string; readonly size: number },
): Response {
  return new Response(null, {
    status,
    headers: { ...uploadHeaders(name, session), ...(status === 202 ? { 'content-length': '0' } : {}) },
  });
}

/** No bytes and one byte are both `0-0`: the header cannot express the difference, and distribution does the same. */
function uploadHeaders(
  name: string,
  { id, size }: { readonly id: string; readonly size: number },
): Record<string, string> {
  return {
    location: `/v2/${name}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, size - 1)}`,
    'docker-upload-uuid': id,
  };
}
