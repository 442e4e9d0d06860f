import { createLimiter, type Limiter } from '../async/limiter.js';
import { type SharedTask, shareTask } from '../async/shared-task.js';
import { createSession, type Session } from './http2-session.js';
import type { TlsPlace, TlsPool } from './tls-pool.js';

/** A TLS server as one pool reaches it; its first connection tells which HTTP it speaks. */
export interface Origin {
  /**
   * What requests are to be sent on, opened where there is none; undefined: the server speaks HTTP/1.1, and the pool's
   * agent is the way.
   */
  session(signal: AbortSignal): Promise<Session | undefined>;
  /** From now on HTTP/1.1. */
  leaveHttp2(): void;
  /** The right to send one request on a session, given back by the function it gives. */
  place(signal: AbortSignal): Promise<() => void>;
  readonly closed: boolean;
  destroy(): void;
}

export interface OriginOptions {
  readonly url: URL;
  readonly place: TlsPlace;
  readonly pool: TlsPool;
  /** Requests on one session at once, where the server allows as many. */
  readonly maxStreams: number;
}

export function createOrigin({ url, place, pool, maxStreams }: OriginOptions): Origin {
  const limiter = createLimiter(maxStreams);
  const sessions = new Set<Session>();
  let current: Session | undefined;
  let opening: SharedTask<Session | undefined> | undefined;
  let http1 = false;
  let cutShort = 0;
  let closed = false;

  const open = async (signal: AbortSignal) => {
    const socket = await pool.open(place, { protocols: ['h2', 'http/1.1'], signal });
    if (closed) socket.destroy();
    if (socket.alpnProtocol !== 'h2') {
      http1 = true;
      pool.give(place, socket);
      return undefined;
    }
    const session = await createSession(socket, {
      origin: url.origin,
      onLimit(streams) {
        limiter.limit = Math.min(maxStreams, Math.max(1, streams));
      },
      onGoaway(requests) {
        cutShort = requests < worthwhile ? cutShort + 1 : 0;
        if (cutShort === mostCutShort) http1 = true;
      },
      onEnd: () => void sessions.delete(session),
    });
    if (closed) session.destroy();
    sessions.add(session);
    current = session;
    return session;
  };

  return {
    async session(signal) {
      if (closed) throw new Error('closed');
      if (http1) return undefined;
      if (current?.usable) return current;
      if (opening === undefined || opening.abandoned) {
        const mine = shareTask((alive) =>
          open(alive).finally(() => {
            if (opening === mine) opening = undefined;
          }),
        );
        opening = mine;
      }
      return opening.join(signal);
    },
    leaveHttp2() {
      http1 = true;
    },
    place: (signal) => placeOf(limiter, signal),
    get closed() {
      return closed;
    },
    destroy() {
      closed = true;
      for (const session of sessions) session.destroy();
    },
  };
}

/**
 * Requests on one connection. nginx that keeps none says GOAWAY to the first of them, and all that were sent with it have
 * to be sent again; by HTTP/1.1 each has a connection of its own.
 */
const worthwhile = 16;
/** One may be a server that is started anew. */
const mostCutShort = 2;

function placeOf(limiter: Limiter, signal: AbortSignal): Promise<() => void> {
  return new Promise((resolve, reject) => {
    limiter.run(() => new Promise<void>((release) => resolve(release)), signal).catch(reject);
  });
}
