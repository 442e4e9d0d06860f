import { checkContent, verifiedStream } from '../content/verified-stream.js';
import { redactUrl } from '../http/redact.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Answer } from './answer.js';
import { answerError } from './answer-error.js';
import { exchange } from './exchange.js';
import { subjectOf } from './manifests.js';
import { RegistryError } from './registry-error.js';
import { streamOf } from './stream-of.js';
import type { Wire } from './wire.js';

/** Up to this size a blob is read whole, so that a broken connection is only another attempt. */
export const wholeLimit = 8 * 1024 * 1024;

export interface BlobOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Whether the repository holds this blob. */
export async function hasBlob(
  wire: Wire,
  { digest }: Descriptor,
  { signal }: BlobOptions = {},
): Promise<boolean> {
  const doing = `Cannot look for the blob ${subjectOf(wire, digest)}`;
  const request = { method: 'HEAD' as const, to: `blobs/${digest}`, doing, headers: octets, signal };
  return exchange(wire, request, async (answer) => {
    if (answer.status === 404) return false;
    if (answer.status === 200 && !isPage(answer)) return true;
    throw await answerError(answer, { doing, now: wire.clock.now() });
  });
}

/** The blob's bytes, proven; the stream of a large one fails at its end. @throws RegistryError NOT_FOUND, DIGEST_MISMATCH */
export async function readBlob(
  wire: Wire,
  descriptor: Descriptor,
  { signal }: BlobOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  const doing = `Cannot read the blob ${subjectOf(wire, descriptor.digest)}`;
  const request = {
    method: 'GET' as const,
    to: `blobs/${descriptor.digest}`,
    doing,
    headers: octets,
    signal,
  };
  return exchange(wire, request, async (answer) => {
    if (answer.status !== 200 || isPage(answer)) {
      throw await answerError(answer, { doing, now: wire.clock.now() });
    }
    if (descriptor.size > wholeLimit) return verifiedStream(answer.source(), descriptor, signal);
    const bytes = await readWhole(answer, descriptor);
    return streamOf(bytes);
  });
}

const octets = { accept: '*/*' };

async function readWhole(answer: Answer, descriptor: Descriptor): Promise<Uint8Array> {
  const { size } = descriptor;
  const bytes = await answer.readStart(size + 1);
  const length = bytes.byteLength;
  if (length < size && answer.headers.get('content-length') !== String(length)) {
    const place = { method: answer.method, url: redactUrl(answer.url) };
    throw new RegistryError(
      'REGISTRY_UNREACHABLE',
      `Reading ${JSON.stringify(place.url)}: ${length} bytes came, wanted ${size}`,
      { ...place, reason: 'reset', retryable: true },
    );
  }
  checkContent(descriptor, bytes);
  return bytes;
}

function isPage({ headers }: Answer): boolean {
  return /^text\/html/i.test(headers.get('content-type') ?? '');
}
