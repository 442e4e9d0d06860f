import { followLocation, withQuery } from '../http/location.js';
import { backoffMs } from '../http/send/retry.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Content } from '../oci/image.js';
import { mediaTypes } from '../oci/media-types.js';
import { hasBlob } from './blobs.js';
import { answerError } from './connection/answer-error.js';
import {
  type RegistryAnswer,
  type RegistryConnection,
  type RegistryRequest,
  sendRequest,
  toRegistryError,
} from './connection/connection.js';
import { subjectOf } from './manifests.js';
import { isRegistryError, RegistryError } from './registry-error.js';

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Bytes up to which sending is cheaper than a request whether the blob exists. */
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
  connection: RegistryConnection,
  content: Content,
  { signal }: UploadOptions = {},
): Promise<'uploaded' | 'existing'> {
  const upload: Upload = {
    connection,
    content,
    doing: `Cannot upload the blob ${subjectOf(connection, content.descriptor.digest)}`,
    digest: `digest=${encodeURIComponent(content.descriptor.digest)}`,
    signal,
  };
  try {
    return await send(upload);
  } catch (error) {
    throw explain(error);
  }
}

/**
 * Takes a blob over from another repository of the same registry: one request, nothing is sent. False if the
 * registry wants it uploaded, for whatever reason; then no mount from that repository is tried again.
 */
export async function mountBlob(
  connection: RegistryConnection,
  { digest }: Descriptor,
  { from, signal }: { readonly from: string; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const { refusedMounts } = connection.host;
  if (from === connection.repository || refusedMounts.has(from)) return false;
  const query = new URLSearchParams({ mount: digest, from });
  const doing = `Cannot mount the blob ${subjectOf(connection, digest)} from ${JSON.stringify(from)}`;
  try {
    const to = `blobs/uploads/?${query}`;
    const answer = await sendRequest(connection, { method: 'POST', to, doing, alsoPull: [from], signal });
    if (answer.status === 201) return true;
    if (answer.status === 202) await cancelSession(connection, doing, sessionOf(answer, doing));
  } catch (error) {
    signal?.throwIfAborted();
    // Some registries refuse the whole request if only the mount is refused; the upload decides.
    if (!isRegistryError(error)) throw error;
  }
  refusedMounts.add(from);
  return false;
}

async function send(upload: Upload): Promise<'uploaded' | 'existing'> {
  const { connection, content, signal } = upload;
  await connection.introduce(signal);
  let location = await postWhole(upload);
  if (location === 'done') return 'uploaded';
  // Sending a small one again is cheaper than a request whether it exists.
  const small = content.bytes.byteLength <= smallBlob;
  if (location === undefined && !small && (await isThere(upload))) return 'existing';
  for (let round = 1; ; round++) {
    location ??= await openSession(upload);
    const failure = await putBytes(upload, location);
    if (failure === undefined) return 'uploaded';
    if (await isThere(upload)) return 'uploaded';
    if (round >= rounds) throw failure;
    connection.onRetry();
    const { clock, random } = connection;
    await clock.sleep(backoffMs(round, { rateLimited: false, random }), signal);
    location = undefined;
  }
}

interface Upload {
  readonly connection: RegistryConnection;
  readonly content: Content;
  readonly doing: string;
  /** The query parameter that names the blob. */
  readonly digest: string;
  readonly signal: AbortSignal | undefined;
}

/** One POST with everything. If the host does not support that form, it is not tried there again. */
async function postWhole(upload: Upload): Promise<'done' | URL | undefined> {
  const { connection, content, doing } = upload;
  const { host } = connection;
  if (content.bytes.byteLength > smallBlob || !host.singlePost) return undefined;
  const answer = await sendRequest(connection, {
    ...carrying(upload),
    method: 'POST',
    to: `blobs/uploads/?${upload.digest}`,
  });
  if (answer.status === 201) return accepted(upload, answer);
  if (answer.status === 202) {
    host.singlePost = false;
    return sessionOf(answer, doing);
  }
  const error = answerError(connection, answer, { doing });
  if (!notUnderstood.has(answer.status) || error.reason === 'repository-missing') throw error;
  if (!error.diagnostics.some(({ code }) => code === 'BLOB_UPLOAD_INVALID')) host.singlePost = false;
  return undefined;
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
    'The connection broke: try again; if it persists, create the repository (some registries answer so where it is missing), then check proxies and firewalls';
  return new RegistryError(code, message, { ...facts, reason, hint });
}

/** A refused HEAD does not count: the POST decides. */
async function isThere({ connection, content, signal }: Upload): Promise<boolean> {
  try {
    return await hasBlob(connection, content.descriptor.digest, { signal });
  } catch (error) {
    if (isRegistryError(error, 'REGISTRY_DENIED')) return false;
    throw error;
  }
}

async function openSession({ connection, doing, signal }: Upload): Promise<URL> {
  const answer = await sendRequest(connection, { method: 'POST', to: 'blobs/uploads/', doing, signal });
  if (answer.status === 202) return sessionOf(answer, doing);
  throw answerError(connection, answer, { doing });
}

/** Undefined when the registry took the bytes; otherwise why another session may do better. */
async function putBytes(upload: Upload, location: URL): Promise<RegistryError | undefined> {
  const { connection, doing, signal } = upload;
  const to = withQuery(location, upload.digest);
  let answer: RegistryAnswer;
  try {
    answer = await sendRequest(connection, { ...carrying(upload), method: 'PUT', to, repeat: false });
  } catch (error) {
    if (signal?.aborted) await cancelSession(connection, doing, location);
    signal?.throwIfAborted();
    if (isRegistryError(error) && error.status === undefined && error.retryable) return error;
    throw error;
  }
  if ([200, 201, 204].includes(answer.status)) {
    accepted(upload, answer);
    return undefined;
  }
  const error = answerError(connection, answer, { doing });
  if (worthAnotherSession(error)) return error;
  throw error;
}

function worthAnotherSession({ status = 0, diagnostics }: RegistryError): boolean {
  if (status >= 500 || status === 404 || status === 408 || status === 416 || status === 429) return true;
  const codes = new Set(diagnostics.map(({ code }) => code));
  return codes.has('BLOB_UPLOAD_INVALID') || codes.has('BLOB_UPLOAD_UNKNOWN') || codes.has('BLOB_UNKNOWN');
}

/**
 * Waits briefly until it is sent, so that it is counted; not for the response, since the registry collects abandoned
 * sessions anyway.
 */
function cancelSession(connection: RegistryConnection, doing: string, to: URL): Promise<void> {
  const request = { method: 'DELETE', to, doing, repeat: false, headMs: 2_000 } as const;
  return new Promise((resolve) => {
    const sent = () => {
      stop();
      resolve();
    };
    const stop = connection.clock.alarm(cancelMs, resolve);
    const onSent = () => {
      connection.onSent();
      sent();
    };
    sendRequest({ ...connection, onSent }, request).then(sent, sent);
  });
}

const cancelMs = 200;

function accepted({ content, doing }: Upload, { headers, method, status }: RegistryAnswer): 'done' {
  const { digest } = content.descriptor;
  const stored = headers['docker-content-digest'];
  if (stored === undefined || stored === '' || stored === digest || !stored.startsWith('sha256:'))
    return 'done';
  const message = `${doing}: the registry stored another digest, wanted ${digest}`;
  throw new RegistryError('REGISTRY_UNREACHABLE', message, {
    reason: 'digest-contradiction',
    method,
    status,
  });
}

/** @throws RegistryError redirect-refused */
function sessionOf({ headers, url, method }: RegistryAnswer, doing: string): URL {
  try {
    return followLocation(headers.location, { url, use: 'upload' });
  } catch (error) {
    throw toRegistryError(error, { doing, method, url });
  }
}

/** The blob's bytes with what belongs to them. */
function carrying({ content, doing, signal }: Upload): Omit<RegistryRequest, 'method' | 'to'> {
  const headers = { 'content-type': mediaTypes.octets };
  return { doing, headers, body: content.bytes, headMs: sendMs, signal };
}
