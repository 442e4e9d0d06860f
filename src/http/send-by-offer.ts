import { NetworkError, toNetworkError } from './network-error.js';
import type { Origin } from './origin.js';
import { type OutgoingBody, outgoingBody } from './outgoing-body.js';
import { sendOnSession } from './send-on-session.js';
import { type SendOptions, sendRequest } from './send-request.js';
import { Unprocessed } from './stream-exchange.js';

export interface OfferOptions extends SendOptions {
  readonly origin: Origin;
}

/**
 * Sends one request by HTTP/2 where the server takes it, else by HTTP/1.1. So goes a body for which the server's window is
 * small: by HTTP/2 it would wait for one round trip after another. What a server that goes away did not look at
 * is sent once more.
 */
export async function sendByOffer(request: Request, options: OfferOptions): Promise<Response> {
  const { origin, url, limits, running } = options;
  const { method, signal } = request;
  let body: OutgoingBody | undefined;
  for (let round = 1; ; round++) {
    const way = await findWay(request, options);
    if (way === undefined) return sendRequest(request, body === undefined ? options : { ...options, body });
    const { session, release } = way;
    try {
      body ??= await outgoingBody(request);
      signal.throwIfAborted();
    } catch (error) {
      release();
      throw error;
    }
    if ((body.length ?? 0) > mostWindows * session.uploadWindow) {
      release();
      return sendRequest(request, { ...options, body });
    }
    const outcome = await sendOnSession(request, { url, limits, running, session, body, release });
    if (!(outcome instanceof Unprocessed)) return outcome;
    if (outcome.wantsHttp1) origin.leaveHttp2();
    if (round === mostRounds || !body.repeatable) throw toNetworkError(outcome.error, { method, url });
  }
}

/** A session and a place on it; none where the server speaks HTTP/1.1. */
async function findWay({ method, signal }: Request, { origin, url }: OfferOptions) {
  let release: (() => void) | undefined;
  try {
    // Nobody waits for a place where there are no places.
    if ((await origin.session(signal)) === undefined) return undefined;
    release = await origin.place(signal);
    const session = await origin.session(signal);
    if (session) return { session, release };
    release();
    return undefined;
  } catch (error) {
    release?.();
    signal.throwIfAborted();
    throw origin.closed
      ? new NetworkError('closed', { method, url })
      : toNetworkError(error, { method, url });
  }
}

const mostRounds = 5;
/** About what a new connection with TLS takes, in round trips. */
const mostWindows = 4;
