import type { Content } from '../oci/image.js';
import { mediaTypes } from '../oci/media-types.js';
import type { Answer } from './answer.js';
import { answerError } from './answer-error.js';
import { backoffMs } from './backoff.js';
import { hasBlob } from './blobs.js';
import { exchange } from './exchange.js';
import type { ExchangeRequest } from './exchange-request.js';
import { followLocation, withQuery } from './location.js';
import { subjectOf } from './manifests.js';
import { isRegistryError, RegistryError } from './registry-error.js';
import type { Wire } from './wire.js';

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Bytes up to which sending is cheaper than to ask first. */
const smallBlob = 128 * 1024;
const rounds = 4;
const sendMs = 120_000;

/**
 * Makes sure that the repository holds the blob. A session that failed is never used again: a lost reply is found by
 * a HEAD, everything else starts from a new POST.
 *
 * @throws RegistryError
 */
export async function uploadBlob(
  wire: Wire,
  content: Content,
  { signal }: UploadOptions = {},
): Promise<'uploaded' | 'existing'> {
  const upload: Upload = {
    wire,
    content,
    doing: `Cannot upload the blob ${subjectOf(wire, content.descriptor.digest)}`,
    digest: `digest=${encodeURIComponent(content.descriptor.digest)}`,
    signal,
  };
  try {
    return await send(upload);
  } catch (error) {
    throw explain(error);
  }
}

async function send(upload: Upload): Promise<'uploaded' | 'existing'> {
  const { wire, content, signal } = upload;
  let location = await postWhole(upload);
  if (location === 'done') return 'uploaded';
  // To send a small one again is cheaper than to ask.
  const small = content.bytes.byteLength <= smallBlob;
  if (location === undefined && !small && (await isThere(upload))) return 'existing';
  for (let round = 1; ; round++) {
    location ??= await openSession(upload);
    const failure = await putBytes(upload, location);
    if (failure === undefined) return 'uploaded';
    if (await isThere(upload)) return 'uploaded';
    if (round >= rounds) throw failure;
    wire.countRetry();
    await wire.clock.sleep(backoffMs(round, { rateLimited: false, random: wire.random }), signal);
    location = undefined;
  }
}

interface Upload {
  readonly wire: Wire;
  readonly content: Content;
  readonly doing: string;
  /** The query parameter that names the blob. */
  readonly digest: string;
  readonly signal: AbortSignal | undefined;
}

/** One POST with everything. Where the host does not know that form, it is not tried on it again. */
async function postWhole(upload: Upload): Promise<'done' | URL | undefined> {
  const { wire, content } = upload;
  if (content.bytes.byteLength > smallBlob || !wire.host.singlePost) return undefined;
  const request = requestOf(upload, { method: 'POST', to: `blobs/uploads/?${upload.digest}`, bytes: true });
  return exchange(wire, request, async (answer) => {
    if (answer.status === 201) return accepted(upload, answer);
    if (answer.status === 202) {
      wire.host.singlePost = false;
      return sessionOf(answer);
    }
    const error = await answerError(answer, refusalOf(upload));
    if (!notUnderstood.has(answer.status) || error.reason === 'repository-missing') throw error;
    if (!error.diagnostics.some(({ code }) => code === 'BLOB_UPLOAD_INVALID')) wire.host.singlePost = false;
    return undefined;
  });
}

const notUnderstood: ReadonlySet<number> = new Set([400, 404, 405, 415, 416]);

/** A repository that is not there is a refusal to push; ECR may also just close the connection. */
function explain(error: unknown): unknown {
  if (!isRegistryError(error)) return error;
  const { code, message, reason, method, url, status, diagnostics, retryable } = error;
  const facts = { method, url, status, diagnostics, retryable, cause: error };
  if (code === 'NOT_FOUND') {
    return new RegistryError('REGISTRY_DENIED', message, { ...facts, reason: 'repository-missing' });
  }
  if (reason !== 'reset') return error;
  const hint =
    'The connection broke: try again; if it stays, create the repository (some registries answer so where it is missing), then look for a proxy or firewall in between';
  return new RegistryError(code, message, { ...facts, reason, hint });
}

/** A refusal to say is no answer: the POST decides. */
async function isThere({ wire, content, signal }: Upload): Promise<boolean> {
  try {
    return await hasBlob(wire, content.descriptor, { signal });
  } catch (error) {
    if (isRegistryError(error, 'REGISTRY_DENIED')) return false;
    throw error;
  }
}

async function openSession(upload: Upload): Promise<URL> {
  const request = requestOf(upload, { method: 'POST', to: 'blobs/uploads/', bytes: false });
  return exchange(upload.wire, request, async (answer) => {
    if (answer.status === 202) return sessionOf(answer);
    throw await answerError(answer, refusalOf(upload));
  });
}

/** Undefined when the registry took the bytes; otherwise why another session may do better. */
async function putBytes(upload: Upload, location: URL): Promise<RegistryError | undefined> {
  const { wire, signal } = upload;
  const to = withQuery(location, upload.digest);
  const request = requestOf(upload, { method: 'PUT', to, bytes: true });
  try {
    return await exchange(wire, request, async (answer) => {
      if (answer.status === 201 || answer.status === 204 || answer.status === 200) {
        await accepted(upload, answer);
        return undefined;
      }
      const error = await answerError(answer, refusalOf(upload));
      if (worthAnotherSession(error)) return error;
      throw error;
    });
  } catch (error) {
    if (signal?.aborted) cancelSession(upload, location);
    signal?.throwIfAborted();
    if (isRegistryError(error) && error.status === undefined && error.retryable) return error;
    throw error;
  }
}

function worthAnotherSession({ status = 0, diagnostics }: RegistryError): boolean {
  if (status >= 500 || status === 404 || status === 408 || status === 416 || status === 429) return true;
  const codes = new Set(diagnostics.map(({ code }) => code));
  return codes.has('BLOB_UPLOAD_INVALID') || codes.has('BLOB_UPLOAD_UNKNOWN') || codes.has('BLOB_UNKNOWN');
}

/** Nobody waits for it: the registry collects what is left anyway. */
function cancelSession({ wire, doing }: Upload, to: URL): void {
  const request: ExchangeRequest = { method: 'DELETE', to, doing, repeat: false, timeoutMs: 2_000 };
  exchange(wire, request, (answer) => answer.discard()).catch(() => undefined);
}

async function accepted({ content, doing }: Upload, answer: Answer): Promise<'done'> {
  await answer.discard();
  const { digest } = content.descriptor;
  const told = answer.headers.get('docker-content-digest');
  if (told === null || told === '' || told === digest || !told.startsWith('sha256:')) return 'done';
  throw new RegistryError(
    'REGISTRY_UNREACHABLE',
    `${doing}: the registry stored another digest, wanted ${digest}`,
    {
      reason: 'digest-contradiction',
      method: answer.method,
      status: answer.status,
    },
  );
}

async function sessionOf(answer: Answer): Promise<URL> {
  await answer.discard();
  const { url } = answer;
  return followLocation(answer.headers.get('location'), { url, use: 'upload' });
}

function requestOf(
  { content, doing, signal }: Upload,
  { method, to, bytes }: { method: 'POST' | 'PUT'; to: string | URL; bytes: boolean },
): ExchangeRequest {
  const request = { method, to, doing, signal, repeat: method === 'POST' };
  if (!bytes) return request;
  const headers = { 'content-type': mediaTypes.octets };
  return { ...request, headers, body: content.bytes, timeoutMs: sendMs };
}

function refusalOf({ doing, wire }: Upload): { doing: string; now: number } {
  return { doing, now: wire.clock.now() };
}
