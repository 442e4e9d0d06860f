import type { Fault } from '../fault.js';
import { withHeaders } from '../profile.js';

/** The body is cut to so many bytes, and the length states so: nothing is broken but the content. */
export function shortRead({ bytes = 5 }: { readonly bytes?: number } = {}): Fault {
  return async (request, next) => {
    const answer = await next(request);
    const whole = new Uint8Array(await answer.arrayBuffer());
    return withHeaders(
      answer,
      { 'content-length': String(Math.min(bytes, whole.length)) },
      whole.slice(0, bytes),
    );
  };
}

/** The body is changed in one byte. */
export function damage(): Fault {
  return async (request, next) => {
    const answer = await next(request);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const last = bytes.length - 2;
    bytes[last] = (bytes[last] ?? 0) ^ 1;
    return withHeaders(answer, {}, bytes);
  };
}

/** Another digest than that of the content is in the header; null: none. */
export function wrongDigestHeader(digest: string | null = `sha256:${'0'.repeat(64)}`): Fault {
  return async (request, next) => {
    const answer = await next(request);
    if (answer.status >= 300) return answer;
    return withHeaders(answer, { 'docker-content-digest': digest ?? undefined }, answer.body);
  };
}

/** As some proxies do it: a HEAD states that the body would be compressed, with that length or none. */
export function gzipHead({ length }: { readonly length?: number } = {}): Fault {
  return async (request, next) => {
    const answer = await next(request);
    if (request.method !== 'HEAD') return answer;
    const contentLength = length === undefined ? undefined : String(length);
    return withHeaders(answer, { 'content-encoding': 'gzip', 'content-length': contentLength }, null);
  };
}

/** So many bytes instead of the body, all of them spaces; a HEAD announces that length. */
export function oversize({ bytes = 5 * 1024 * 1024, declared = true } = {}): Fault {
  return async (request, next) => {
    const answer = await next(request);
    await answer.body?.cancel();
    const headers = { 'content-length': declared ? String(bytes) : undefined };
    return withHeaders(answer, headers, request.method === 'HEAD' ? null : spaces(bytes));
  };
}

function spaces(bytes: number): ReadableStream<Uint8Array> {
  const piece = new Uint8Array(64 * 1024).fill(0x20);
  let left = bytes;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (left <= 0) return controller.close();
        controller.enqueue(piece.subarray(0, Math.min(left, piece.length)));
        left -= piece.length;
      },
    },
    { highWaterMark: 0 },
  );
}
