import { unlink } from 'node:fs/promises';
import type { Clock } from '../async/clock.js';
import { withFileLock } from '../fs/file-lock.js';
import { isRepository } from '../oci/repository-name.js';
import { blobSize, isAbsent, shareBlob } from './blob-files.js';
import { parseContentRange } from './byte-range.js';
import { adoptSession, appendToSession, type ReceiveContext, receiveBlob } from './receive-blob.js';
import type { Repositories, Repository } from './repositories.js';
import { type UploadSession, unknownUpload } from './upload-sessions.js';
import { requireDigest, WireError } from './wire-error.js';

export interface UploadContext extends ReceiveContext {
  readonly repositories: Repositories;
  readonly clock: Clock;
}

/** POST: a mount, a whole blob in one request, or a new session. */
export async function startUpload(
  request: Request,
  context: UploadContext,
  { repository: name, query }: { readonly repository: string; readonly query: URLSearchParams },
): Promise<Response> {
  const repository = await context.repositories.open(name);
  const mount = query.get('mount');
  if (mount !== null && (await mountBlob(context, repository, { mount, from: query.get('from') }))) {
    return created(repository, mount);
  }
  const digest = mount === null ? query.get('digest') : null;
  if (digest === null) return accepted(202, name, await context.sessions.start(name));
  const wanted = requireDigest(digest);
  await receiveBlob(request, context, { repository, wanted });
  return created(repository, wanted);
}

/** PATCH: the next chunk. */
export async function continueUpload(
  request: Request,
  context: UploadContext,
  { repository: name, id }: { readonly repository: string; readonly id: string },
): Promise<Response> {
  return await exclusively(context, { name, id }, async (session) => {
    checkChunk(request, name, session);
    const size = session.size + (await appendToSession(request, session, context));
    return accepted(202, name, { id, size });
  });
}

/** PUT: the last chunk, which may be empty or the only one, and the digest of the whole. */
export async function finishUpload(
  request: Request,
  context: UploadContext,
  target: { readonly repository: string; readonly id: string; readonly query: URLSearchParams },
): Promise<Response> {
  const { repository: name, id } = target;
  const wanted = requireDigest(target.query.get('digest'));
  const repository = await context.repositories.open(name);
  const { size, path } = await context.sessions.find(name, id);
  if (size === 0 && !request.headers.has('content-range')) {
    // A file of its own needs no lock: nobody else can be writing to it.
    try {
      await receiveBlob(request, context, { repository, wanted });
    } finally {
      await unlink(path).catch(() => undefined);
    }
  } else {
    await exclusively(context, { name, id }, async (session) => {
      checkChunk(request, name, session);
      await appendToSession(request, session, context);
      await adoptSession(session, { repository, wanted });
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
  { repositories, sessions: { withTemporaryPath }, clock }: UploadContext,
  target: Repository,
  { mount, from }: { readonly mount: string; readonly from: string | null },
): Promise<boolean> {
  const digest = requireDigest(mount);
  if (from === null || !isRepository(from)) return false;
  const source = repositories.directory(from);
  if ((await blobSize(source, digest)) === undefined) return false;
  await target.prepare();
  try {
    await shareBlob(target.directory, digest, { from: source, now: clock.now(), withTemporaryPath });
    return true;
  } catch (error) {
    // Deleted meanwhile: the client uploads it.
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** Nobody else writes to the session meanwhile, in this process or another one. */
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

/** Nothing and one byte are both `0-0`: the header cannot say it, and distribution answers so. */
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
