import { checkContent, verifiedStream } from '../content/verified-stream.js';
import { mediaTypeOf } from '../http/message.js';
import { redactUrl } from '../http/redact.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { answerError } from './connection/answer-error.js';
import { type RegistryAnswer, type RegistryConnection, sendRequest } from './connection/connection.js';
import { subjectOf } from './manifests.js';
import { RegistryError } from './registry-error.js';

/** Up to this size a blob is read whole, so that a broken connection is only another attempt. */
export const wholeLimit = 8 * 1024 * 1024;

export interface BlobOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Whether the repository holds this blob. */
export async function hasBlob(
  connection: RegistryConnection,
  digest: Digest,
  { signal }: BlobOptions = {},
): Promise<boolean> {
  const doing = `Cannot look for the blob ${subjectOf(connection, digest)}`;
  const to = `blobs/${digest}`;
  const answer = await sendRequest(connection, { method: 'HEAD', to, doing, headers: anyType, signal });
  if (answer.status === 404) return false;
  if (answer.status === 200 && !isPage(answer)) return true;
  throw answerError(connection, answer, { doing });
}

/** The blob's bytes, proven; the stream of a large one fails at its end. @throws RegistryError NOT_FOUND, DIGEST_MISMATCH */
export async function readBlob(
  connection: RegistryConnection,
  descriptor: Descriptor,
  { signal }: BlobOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  const { digest, size } = descriptor;
  const doing = `Cannot read the blob ${subjectOf(connection, digest)}`;
  const request = { method: 'GET', to: `blobs/${digest}`, doing, headers: anyType, signal } as const;
  const stream = size > wholeLimit;
  const answer = await sendRequest(connection, { ...request, size, limit: size + 1, stream });
  const { status, source, body, method, url } = answer;
  if (status !== 200 || isPage(answer)) {
    await source?.close();
    throw answerError(connection, answer, { doing });
  }
  if (source) return verifiedStream(source, descriptor, signal);
  if (stream && body.byteLength < size) {
    const place = { method, url: redactUrl(url) };
    const message = `${doing}: the answer of ${JSON.stringify(place.url)} has no body, wanted ${size} bytes`;
    throw new RegistryError('REGISTRY_UNREACHABLE', message, { ...place, reason: 'reset', retryable: true });
  }
  checkContent(descriptor, body);
  return streamOf(body);
}

/** Bytes that were proven already, as a stream. */
export function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

const anyType = { accept: '*/*' };

function isPage({ headers }: RegistryAnswer): boolean {
  return mediaTypeOf(headers) === 'text/html';
}
