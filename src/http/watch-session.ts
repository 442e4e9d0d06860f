import type { ClientHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';

export interface Watch {
  /** For how long somebody has waited while nothing came, to the second. */
  quietMs(): number;
}

export interface WatchOptions {
  /** Somebody waits for an answer. */
  readonly waiting: () => boolean;
  /** A body that is not answered yet may still be on its way, and a sign of life would wait behind it. */
  readonly uploading: () => boolean;
}

/**
 * Ends a session on which nothing comes though somebody waits. A peer that is gone answers no PING. After a peer has
 * broken the rules, Node 20 itself neither reads nor writes any more and tells nobody: not even the PING leaves.
 */
export function watchSession(
  client: ClientHttp2Session,
  socket: TLSSocket,
  { waiting, uploading }: WatchOptions,
): Watch {
  let heard = -1;
  let heardAt = Number.POSITIVE_INFINITY;
  let probe: { looks: number; readonly written: number } | undefined;
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
      probe = { looks: 0, written: socket.bytesWritten };
      client.ping(() => undefined);
    } else if (socket.bytesWritten === probe.written) {
      client.destroy(silent('HTTP2_PROTOCOL_ERROR'));
    } else if (++probe.looks >= mostLooks) {
      client.destroy(silent('ETIMEDOUT'));
    }
  };
  const timer = setInterval(() => client.destroyed || look(), lookMs).unref();
  socket.once('close', () => clearInterval(timer));
  return { quietMs: () => (socket.bytesRead === heard ? performance.now() - heardAt : 0) };
}

const lookMs = 1_000;
/** Looks, not time: a process that was busy for long has not heard what came in the meantime. */
const mostLooks = 5;
/** Some servers count PINGs. */
const betweenProbesMs = 5_000;

function silent(code: string): Error {
  return Object.assign(new Error('the connection has gone silent'), { code });
}
