import type { Clock } from '../../async/clock.js';
import { createDeadline, type Deadline } from '../../async/deadline.js';
import { type ByteSource, readStart } from '../../bytes/byte-source.js';
import { declaredLength } from '../message.js';
import { NetworkError } from '../network-error.js';
import type { Call, Exchange } from './call.js';
import type { Host } from './host.js';
import type { LocatedResponse } from './redirects.js';

/** Text of servers is untrusted: more than this of an error body is never read. */
const errorLimit = 64 * 1024;
const headMs = 30_000;
/** A body that stops arriving for so long is broken. */
const idleMs = 30_000;
/** What a body may take beyond its bytes at the least rate. */
const graceMs = 15_000;
/** The same of an error's body, of which what came is enough: it takes no patience from the request that follows. */
const errorGraceMs = 5_000;
const leastBytesPerMs = 10;

/**
 * Reads the answer: its head in time, its body up to the limit, at a least rate. The whole obeys the time that its host has
 * left. A body that should be whole and breaks off is a failure; of an error body, what came is enough.
 */
export function receive(send: (call: Call) => Promise<LocatedResponse>, host: Host, clock: Clock): Exchange {
  return async (call) => {
    const deadline = createDeadline(clock, call.signal);
    const startedAt = clock.now();
    let streaming = false;
    try {
      const request = { ...call, signal: deadline.signal };
      const response = await deadline.within(host.allow(call.headMs ?? headMs), send(request));
      const { status, headers, url, fromOrigin, http2, proxy } = response;
      const head = { method: call.method, url, status, headers, fromOrigin, http2, proxy };
      const source = response.body && inTime(response.body, status, { deadline, host, clock, startedAt });
      if (source && call.stream && status === 200) {
        streaming = true;
        return { ...head, body: nothing, complete: false, source: closing(source, deadline) };
      }
      return { ...head, ...(await readBody(call, response, source)) };
    } finally {
      if (!streaming) deadline.close();
    }
  };
}

const nothing = new Uint8Array(0);

interface ReadBody {
  readonly body: Uint8Array;
  readonly complete: boolean;
}

async function readBody(
  call: Call,
  { status, headers, url }: LocatedResponse,
  source: ByteSource | undefined,
): Promise<ReadBody> {
  if (!source) return { body: nothing, complete: true };
  if (status >= 300) {
    try {
      const { bytes, complete } = await readStart(source, errorLimit);
      return { body: bytes, complete };
    } catch {
      call.signal?.throwIfAborted();
      await source.close();
      return { body: nothing, complete: false };
    }
  }
  const limit = call.limit ?? errorLimit;
  const declared = declaredLength(headers);
  if (declared !== undefined && declared > limit && call.size === undefined) {
    await source.close();
    return { body: nothing, complete: false };
  }
  const { bytes, complete } = await readStart(source, limit);
  const wanted = declared ?? call.size;
  const short = complete && wanted !== undefined && bytes.byteLength < wanted;
  if (short && headers['content-encoding'] === undefined) {
    const text = `the body ended after ${bytes.byteLength} of ${wanted} bytes`;
    throw new NetworkError('reset', { method: call.method, url, text });
  }
  return { body: bytes, complete };
}

interface Timing {
  readonly deadline: Deadline;
  readonly host: Host;
  readonly clock: Clock;
  readonly startedAt: number;
}

/** The source, failing where a pause is too long, the whole too slow, or the time given to the answer is over. */
function inTime(
  source: ByteSource,
  status: number,
  { deadline, host, clock, startedAt }: Timing,
): ByteSource {
  const endsAt = clock.now() + (status < 300 ? graceMs : errorGraceMs);
  let received = 0;
  return {
    async next() {
      const now = clock.now();
      const atRate = endsAt + received / leastBytesPerMs - now;
      const left = startedAt + host.longestMs - now;
      const piece = await deadline.within(host.allow(Math.min(idleMs, atRate, left)), source.next());
      received += piece?.byteLength ?? 0;
      return piece;
    },
    close: () => source.close(),
  };
}

function closing(source: ByteSource, deadline: Deadline): ByteSource {
  return {
    next: () => source.next(),
    async close() {
      deadline.close();
      await source.close();
    },
  };
}
