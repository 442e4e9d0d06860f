import type { ClientHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';

export interface Watch {
  /** For how long somebody has waited while nothing came, to the second. */
  quietMs(): number;
}

export interface WatchOptions {
  /** Somebody waits for an answer. */
  readonly waiting: () => boolean;
  /** What is sent takes its time, and a sign of life would wait behind it. */
  readonly uploading: () => boolean;
}

/**
 * Ends a session on which nothing comes though somebody waits. A peer that is gone answers no PING. After a peer has
 * broken the rules, Node's own side neither reads nor writes any more and tells nobody: not even the PING leaves.
 */
export function watchSession(
  client: ClientHttp2Session,
  socket: TLSSocket,
  { waiting, uploading }: WatchOptions,
): Watch {
  let heard = -1;
  let heardAt = Number.POSITIVE_INFINITY;
  let probe: { readonly at: number; readonly written: number } | undefined;
  let nextProbeAt = 0;
  const look = () => {
    const now = performance.now();
    if (!waiting() || uploading() || socket.bytesRead !== heard) {
      heard = socket.bytesRead;
      heardAt = waiting() ? now : Number.POSITIVE_INFINITY;
      probe = undefined;
    } else if (probe === undefined) {
      if (now < nextProbeAt) return;
      nextProbeAt = now + betweenProbesMs;
      probe = { at: now, written: socket.bytesWritten };
      client.ping(() => undefined);
    } else if (socket.bytesWritten === probe.written) {
      client.destroy(silent('HTTP2_PROTOCOL_ERROR'));
    } else if (now - probe.at >= longestProbeMs) {
      client.destroy(silent('ETIMEDOUT'));
    }
  };
  const timer = setInterval(() => client.destroyed || look(), lookMs).unref();
  socket.once('close', () => clearInterval(timer));
  return { quietMs: () => (socket.bytesRead === heard ? performance.now() - heardAt : 0) };
}

const lookMs = 1_000;
const longestProbeMs = 5_000;
/** Some servers count PINGs. */
const betweenProbesMs = 5_000;

function silent(code: string): Error {
  return Object.assign(new Error('the connection has gone silent'), { code });
}
