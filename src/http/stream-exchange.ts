import { http2Failure } from './http2-failure.js';
import type { SentStream, Session } from './http2-session.js';
import { NetworkError, type NetworkReason, toNetworkError } from './network-error.js';
import { watchRequestEnd } from './request-end.js';
import type { SendOptions } from './send-request.js';

export interface StreamOptions extends Pick<SendOptions, 'url' | 'limits' | 'running'> {
  readonly session: Session;
}

/** The server did nothing for a request: it can be sent elsewhere. */
export class Unprocessed {
  readonly error: unknown;
  /** By HTTP/1.1. */
  readonly wantsHttp1: boolean;
  constructor(error: unknown, wantsHttp1 = false) {
    this.error = error;
    this.wantsHttp1 = wantsHttp1;
  }
}

/** What body and head share of one stream under way. */
export interface StreamExchange {
  /** Takes the request back, for this reason. */
  stop(reason: unknown): void;
  stopAs(reason: NetworkReason, errno?: string): void;
  /** What to tell the caller of an error that the stream met. */
  explain(error: unknown): unknown;
  /** The whole answer has arrived, or nobody wants it any more. */
  done(): void;
  answered(): void;
  /** The server has ended the answer itself. */
  readonly ended: boolean;
}

/** Follows a stream that was sent until its answer begins, and says what became of it. */
export function startStreamExchange(
  request: Request,
  { url, session, limits, running }: StreamOptions,
  {
    sent,
    resolve,
    reject,
  }: {
    readonly sent: SentStream;
    readonly resolve: (outcome: Unprocessed) => void;
    readonly reject: (reason: unknown) => void;
  },
): StreamExchange {
  const { method } = request;
  const { stream } = sent;
  const reusedSocket = session.served > 1;
  let failure: unknown;
  let answered = false;
  let ended = false;
  const explain = (error: unknown) => {
    if (end.stopped) return end.stopped.reason;
    const known = failure || (stream.closed && session.connected) ? http2Failure(stream, failure) : undefined;
    if (known) return new NetworkError(known.reason, { method, url, reusedSocket, ...known, cause: failure });
    return toNetworkError(failure ?? error ?? brokenOff(), { method, url, reusedSocket });
  };
  const end = watchRequestEnd(
    request,
    { url, running },
    { cancel: () => sent.cancel(), fail: reject, clear: () => clearTimeout(late) },
  );
  const late = setTimeout(() => end.stopAs('timeout', 'ETIMEDOUT'), limits.headersTimeoutMs);
  let hints = 0;
  stream.on('headers', () => ++hints > mostHints && end.stopAs('protocol', 'HTTP2_TOO_MANY_HINTS'));
  stream.once('end', () => {
    // Also a stream that was reset ends here.
    ended = !stream.destroyed && stream.rstCode === 0;
  });
  stream.on('error', (error) => {
    failure ??= error.cause ?? error;
  });
  stream.once('close', () => {
    if (answered) return;
    end.letGo();
    const error = explain(undefined);
    const wantsHttp1 = stream.rstCode === http1Required;
    if (!end.stopped && (wantsHttp1 || sent.unprocessed())) resolve(new Unprocessed(error, wantsHttp1));
    else reject(error);
  });
  return {
    stop: end.stop,
    stopAs: end.stopAs,
    explain,
    done() {
      end.letGo();
      // An answer that came before the whole request was sent: the rest is not wanted.
      if (!stream.writableFinished) sent.cancel();
    },
    answered() {
      answered = true;
      clearTimeout(late);
    },
    get ended() {
      return ended;
    },
  };
}

const http1Required = 0xd;
/** Answers that only say that one will come (1xx). */
const mostHints = 20;

function brokenOff(): Error {
  return Object.assign(new Error('closed without an answer'), { code: 'ECONNRESET' });
}
