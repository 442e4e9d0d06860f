import type { OutgoingHttpHeaders } from 'node:http2';
import { http2Failure } from './http2-failure.js';
import { type SentStream, type Session, streamWindow } from './http2-session.js';
import { NetworkError, type NetworkReason, toNetworkError } from './network-error.js';
import type { OutgoingBody } from './outgoing-body.js';
import { responseBody } from './response-body.js';
import type { SendOptions } from './send-request.js';

export interface SessionRequestOptions extends Pick<SendOptions, 'url' | 'limits' | 'running'> {
  readonly session: Session;
  readonly body: OutgoingBody;
  /** Called when the request's place is free again. */
  readonly release: () => void;
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

/** Sends one request as a stream of a session. */
export function sendOnSession(
  request: Request,
  options: SessionRequestOptions,
): Promise<Response | Unprocessed> {
  const { session, body, url, release } = options;
  const headers = headersOf(request, { url, body });
  const endStream = body.length === undefined ? !body.chunked : body.length === 0;
  let sent: SentStream;
  try {
    sent = session.send(headers, { endStream });
  } catch (error) {
    release();
    return Promise.resolve(new Unprocessed(error));
  }
  const { stream } = sent;
  stream.once('close', release);
  return new Promise((resolve, reject) => {
    const exchange = startExchange(request, options, { sent, resolve, reject });
    stream.once('response', (_headers: unknown, flags: number, raw: string[]) => {
      exchange.answered();
      try {
        resolve(toResponse(request, { sent, flags, raw }, { exchange, limits: options.limits }));
      } catch (cause) {
        // A status or a header that no Response can hold.
        exchange.stop(new NetworkError('protocol', { method: request.method, url, cause }));
      }
    });
    if (!endStream) upload(body, { stream, exchange, idleBodyMs: options.limits.idleBodyMs });
  });
}

interface Exchange {
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

function startExchange(
  { method, signal }: Request,
  { url, session, limits, running }: SessionRequestOptions,
  {
    sent,
    resolve,
    reject,
  }: {
    readonly sent: SentStream;
    readonly resolve: (outcome: Unprocessed) => void;
    readonly reject: (reason: unknown) => void;
  },
): Exchange {
  const { stream } = sent;
  const reusedSocket = session.served > 1;
  let stopped: { readonly reason: unknown } | undefined;
  let failure: unknown;
  let answered = false;
  let ended = false;
  const explain = (error: unknown) => {
    if (stopped) return stopped.reason;
    const known = failure || (stream.closed && session.connected) ? http2Failure(stream, failure) : undefined;
    if (known) return new NetworkError(known.reason, { method, url, reusedSocket, ...known, cause: failure });
    return toNetworkError(failure ?? error ?? brokenOff(), { method, url, reusedSocket });
  };
  const stop = (reason: unknown) => {
    stopped ??= { reason };
    sent.cancel();
    reject(stopped.reason);
    letGo();
  };
  const stopAs = (reason: NetworkReason, errno?: string) => {
    const cause = errno === undefined ? undefined : Object.assign(new Error(reason), { code: errno });
    stop(new NetworkError(reason, { method, url, errno, cause }));
  };
  const aborted = () => stop(signal.reason);
  const closed = () => stopAs('closed');
  signal.addEventListener('abort', aborted, { once: true });
  running.add(closed);
  const late = setTimeout(() => stopAs('timeout', 'ETIMEDOUT'), limits.headersTimeoutMs);
  const letGo = () => {
    clearTimeout(late);
    signal.removeEventListener('abort', aborted);
    running.delete(closed);
  };
  let hints = 0;
  stream.on('headers', () => ++hints > mostHints && stopAs('protocol', 'HTTP2_TOO_MANY_HINTS'));
  stream.once('end', () => {
    // Also a stream that was reset ends here.
    ended = !stream.destroyed && stream.rstCode === 0;
  });
  stream.on('error', (error) => {
    failure ??= error.cause ?? error;
  });
  stream.once('close', () => {
    if (answered) return;
    letGo();
    const error = explain(undefined);
    const wantsHttp1 = stream.rstCode === http1Required;
    if (!stopped && (wantsHttp1 || sent.unprocessed())) resolve(new Unprocessed(error, wantsHttp1));
    else reject(error);
  });
  return {
    stop,
    stopAs,
    explain,
    done() {
      letGo();
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

/** Writes the body; the server must make room for it again and again. */
function upload(
  body: OutgoingBody,
  {
    stream,
    exchange,
    idleBodyMs,
  }: Pick<SentStream, 'stream'> & { readonly exchange: Exchange; readonly idleBodyMs: number },
): void {
  const idle = setTimeout(() => {
    // Whoever fills a stream may take his time.
    if (stream.writableLength > 0) exchange.stopAs('timeout', 'ETIMEDOUT');
    else idle.refresh();
  }, idleBodyMs);
  stream.on('drain', () => idle.refresh());
  stream.once('finish', () => clearTimeout(idle));
  stream.once('close', () => clearTimeout(idle));
  body.write(stream).catch((error: unknown) => exchange.stop(error));
}

function headersOf(
  { method, headers }: Request,
  { url, body }: { readonly url: URL; readonly body: OutgoingBody },
): OutgoingHttpHeaders {
  const list: OutgoingHttpHeaders = {
    ':method': method,
    ':scheme': 'https',
    ':authority': url.host,
    ':path': url.pathname + url.search,
  };
  for (const [name, value] of headers) if (!ofConnection.has(name)) list[name] = value;
  if (body.length !== undefined) list['content-length'] = String(body.length);
  return list;
}

function brokenOff(): Error {
  return Object.assign(new Error('closed without an answer'), { code: 'ECONNRESET' });
}

/** Frames say it in HTTP/2. */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

const endStreamFlag = 1;

function toResponse(
  { method }: Request,
  {
    sent,
    flags,
    raw,
  }: { readonly sent: SentStream; readonly flags: number; readonly raw: readonly string[] },
  { exchange, limits }: { readonly exchange: Exchange } & Pick<SendOptions, 'limits'>,
): Response {
  const { stream } = sent;
  const headers = new Headers();
  let status = 0;
  for (let index = 0; index < raw.length; index += 2) {
    const [name = '', value = ''] = [raw[index], raw[index + 1]];
    if (name === ':status') status = Number(value);
    else headers.append(name, value);
  }
  const empty = method === 'HEAD' || (flags & endStreamFlag) !== 0 || headers.get('content-length') === '0';
  if (empty) {
    const response = new Response(null, { status, headers });
    exchange.done();
    stream.resume();
    return response;
  }
  const declared = headers.get('content-length');
  const length = declared === null ? undefined : Number(declared);
  const body = responseBody(stream, {
    exchange,
    idleBodyMs: limits.idleBodyMs,
    whole: (received) => exchange.ended && (length === undefined || length === received),
    // Node drops what it holds when the connection closes; so what the server may have sent already is taken over.
    readAhead: (received) => length !== undefined && length - received <= streamWindow,
  });
  return new Response(body, { status, headers });
}
