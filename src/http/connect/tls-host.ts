import { createLimiter, type Limiter } from '../../async/limiter.js';
import { type SharedTask, shareTask } from '../../async/shared-task.js';
import type { HttpRequest, HttpResponse, Send } from '../message.js';
import { NetworkError, toNetworkError } from '../network-error.js';
import type { TransportLimits } from './http1.js';
import { sendByHttp2, Unprocessed } from './http2-request.js';
import { createSession, type Session } from './http2-session.js';
import type { TlsPeer, TlsPool } from './tls-pool.js';

/** A TLS server as one pool reaches it; its first connection decides which HTTP is spoken. */
export interface TlsHost {
  /**
   * Sends one request by HTTP/2 where the server takes it, else by HTTP/1.1. So goes a body for which the server's window
   * is small: by HTTP/2 it would wait for one round trip after another. What a server that goes away did not look at is
   * sent once more.
   */
  send(request: HttpRequest, options: TlsSendOptions): Promise<HttpResponse>;
  destroy(): void;
}

export interface TlsSendOptions {
  readonly limits: TransportLimits;
  readonly running: Set<() => void>;
  readonly byHttp1: Send;
}

export interface TlsHostOptions {
  readonly url: URL;
  readonly peer: TlsPeer;
  readonly pool: TlsPool;
  /** Requests on one session at once, where the server allows as many. */
  readonly maxStreams: number;
}

export function createTlsHost({ url, peer, pool, maxStreams }: TlsHostOptions): TlsHost {
  const limiter = createLimiter(maxStreams);
  const sessions = new Set<Session>();
  let current: Session | undefined;
  let opening: SharedTask<Session | undefined> | undefined;
  let http1 = false;
  let cutShort = 0;
  let closed = false;

  const open = async (signal: AbortSignal) => {
    const socket = await pool.open(peer, { protocols: ['h2', 'http/1.1'], signal });
    if (closed) socket.destroy();
    if (socket.alpnProtocol !== 'h2') {
      http1 = true;
      pool.give(peer, socket);
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

  /** What requests are to be sent on, opened where there is none; undefined: the server uses HTTP/1.1. */
  const sessionOf = async (signal: AbortSignal | undefined) => {
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
  };

  /** A session and a place on it; none if the server uses HTTP/1.1. */
  const findWay = async ({ method, url: address, signal }: HttpRequest) => {
    let release: (() => void) | undefined;
    try {
      // A host without sessions has no places to wait for.
      if ((await sessionOf(signal)) === undefined) return undefined;
      release = await placeOn(limiter, signal);
      const session = await sessionOf(signal);
      if (session) return { session, release };
      release();
      return undefined;
    } catch (error) {
      release?.();
      signal?.throwIfAborted();
      if (closed) throw new NetworkError('closed', { method, url: address });
      throw toNetworkError(error, { method, url: address });
    }
  };

  return {
    async send(request, { limits, running, byHttp1 }) {
      const length = request.body?.byteLength ?? 0;
      for (let round = 1; ; round++) {
        const way = await findWay(request);
        if (way === undefined) return byHttp1(request);
        const { session, release } = way;
        if (request.signal?.aborted || length > mostWindows * session.uploadWindow) {
          release();
          return byHttp1(request);
        }
        const outcome = await sendByHttp2(request, { limits, running, session, release });
        if (!(outcome instanceof Unprocessed)) return outcome;
        http1 ||= outcome.wantsHttp1;
        if (round === mostRounds) throw toNetworkError(outcome.error, request);
      }
    },
    destroy() {
      closed = true;
      for (const session of sessions) session.destroy();
    },
  };
}

/**
 * The least number of requests on one connection that makes HTTP/2 worthwhile. An nginx without keep-alive sends GOAWAY
 * after the first, and all others must be sent again; with HTTP/1.1 each has a separate connection.
 */
const worthwhile = 16;
/** One may be a server that is being restarted. */
const mostCutShort = 2;
const mostRounds = 5;
/** About what a new connection with TLS takes, in round trips. */
const mostWindows = 4;

/** The right to send one request on a session, given back by the function it gives. */
function placeOn(limiter: Limiter, signal: AbortSignal | undefined): Promise<() => void> {
  return new Promise((resolve, reject) => {
    limiter.run(() => new Promise<void>((release) => resolve(release)), signal).catch(reject);
  });
}
