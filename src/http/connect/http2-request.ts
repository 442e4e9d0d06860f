import type { ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { systemClock } from '../../async/system-clock.js';
import type { NetworkReason } from '../failure.js';
import { declaredLength, fieldsOf, type HttpRequest, type HttpResponse } from '../message.js';
import { NetworkError, toNetworkError } from '../network-error.js';
import { isStatus, type TransportLimits } from './http1.js';
import { type SentStream, type Session, streamWindow } from './http2-session.js';
import { outgoingLength, writeBody } from './outgoing-body.js';
import { type RequestEnd, watchRequestEnd } from './request-end.js';
import { responseBody } from './response-body.js';

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

export interface Http2Options {
  readonly session: Session;
  readonly limits: TransportLimits;
  /** How to end each request under way, for when the transport is closed. */
  readonly running: Set<() => void>;
  /** Called when the request's place on the session is free again. */
  readonly release: () => void;
}

/** Sends one request as a stream of a session. */
export function sendByHttp2(
  request: HttpRequest,
  options: Http2Options,
): Promise<HttpResponse | Unprocessed> {
  const { session, release, limits } = options;
  const endStream = (request.body?.byteLength ?? 0) === 0;
  let sent: SentStream;
  try {
    sent = session.send(fieldsFor(request), { endStream });
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
      const status = Number(raw[raw.indexOf(':status') + 1]);
      if (isStatus(status)) resolve(responseOf(request, { sent, flags, raw, status }, exchange, limits));
      else exchange.stop(new NetworkError('protocol', request));
    });
    if (!endStream) upload(request, stream, exchange, limits.idleBodyMs);
  });
}

/** What body and head share of one stream under way. */
interface Exchange {
  stop: RequestEnd['stop'];
  stopAs: RequestEnd['stopAs'];
  /** Converts an error of the stream to the one that the caller gets. */
  explain(error: unknown): unknown;
  /** The whole response has arrived, or is no longer wanted. */
  done(): void;
  answered(): void;
  /** The server has ended the answer itself. */
  readonly ended: boolean;
}

/** Follows a stream that was sent until its answer begins, and reports what became of it. */
function startExchange(
  request: HttpRequest,
  { session, limits, running }: Http2Options,
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
  const { method, url } = request;
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
  const end = watchRequestEnd(request, running, {
    cancel: () => sent.cancel(),
    fail: reject,
    clear: () => callOff(),
  });
  const callOff = systemClock.alarm(limits.headersTimeoutMs, () => end.stopAs('timeout', 'ETIMEDOUT'));
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
      callOff();
    },
    get ended() {
      return ended;
    },
  };
}

const http1Required = 0xd;
/** Answers that only announce another one (1xx). */
const mostHints = 20;

function brokenOff(): Error {
  return Object.assign(new Error('closed without an answer'), { code: 'ECONNRESET' });
}

/** Writes the body; the server must make room for it again and again. */
function upload(
  request: HttpRequest,
  stream: ClientHttp2Stream,
  exchange: Exchange,
  idleBodyMs: number,
): void {
  let answered = false;
  stream.once('response', () => {
    answered = true;
  });
  const idle = setTimeout(() => {
    if (!answered) exchange.stopAs('timeout', 'ETIMEDOUT');
  }, idleBodyMs);
  stream.on('drain', () => idle.refresh());
  stream.once('finish', () => clearTimeout(idle));
  stream.once('close', () => clearTimeout(idle));
  writeBody(stream, request).catch((error: unknown) => exchange.stop(error));
}

function fieldsFor(request: HttpRequest): OutgoingHttpHeaders {
  const { method, url, headers } = request;
  const list: OutgoingHttpHeaders = {
    ':method': method,
    ':scheme': 'https',
    ':authority': url.host,
    ':path': url.pathname + url.search,
  };
  for (const [name, value] of Object.entries(headers)) if (!ofConnection.has(name)) list[name] = value;
  const length = outgoingLength(request);
  if (length !== undefined) list['content-length'] = String(length);
  return list;
}

/** Headers of HTTP/1.1 that frames replace in HTTP/2. */
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

interface Head {
  readonly sent: SentStream;
  readonly flags: number;
  readonly raw: readonly string[];
  readonly status: number;
}

function responseOf(
  { method }: HttpRequest,
  { sent, flags, raw, status }: Head,
  exchange: Exchange,
  { idleBodyMs }: TransportLimits,
): HttpResponse {
  const { stream } = sent;
  const headers = fieldsOf(raw);
  const length = declaredLength(headers);
  if (method === 'HEAD' || (flags & endStreamFlag) !== 0 || length === 0) {
    exchange.done();
    stream.resume();
    return { status, headers, body: undefined, http2: true };
  }
  const body = responseBody(stream, {
    exchange,
    idleBodyMs,
    whole: (received) => exchange.ended && (length === undefined || length === received),
    // Node drops what it holds when the connection closes; so what the server may have sent already is taken over.
    readAhead: (received) => length !== undefined && length - received <= streamWindow,
  });
  return { status, headers, body, http2: true };
}

interface Http2Failure {
  readonly reason: NetworkReason;
  readonly errno: string;
}

/**
 * What the code of a stream or of a whole session means (RFC 9113, section 7). Undefined: something else than HTTP/2
 * failed, e.g. the socket.
 */
function http2Failure(stream: Pick<ClientHttp2Stream, 'rstCode'>, error: unknown): Http2Failure | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Frames that our own side could not make sense of.
  if (code === 'ERR_HTTP2_ERROR') return { reason: 'protocol', errno: 'HTTP2_PROTOCOL_ERROR' };
  const byPeer =
    code === undefined || code === 'ERR_HTTP2_STREAM_ERROR' || code === 'ERR_HTTP2_SESSION_ERROR';
  if (!byPeer) return undefined;
  const name = names[stream.rstCode ?? 0] ?? 'UNKNOWN';
  const broken =
    brokenRules.has(name) && !(name === 'ENHANCE_YOUR_CALM' && code === 'ERR_HTTP2_SESSION_ERROR');
  return { reason: broken ? 'protocol' : 'reset', errno: `HTTP2_${name}` };
}

const names = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** Trying again changes nothing. On a stream, ENHANCE_YOUR_CALM is our own word for a head that is too large. */
const brokenRules: ReadonlySet<string> = new Set([
  'PROTOCOL_ERROR',
  'FLOW_CONTROL_ERROR',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'COMPRESSION_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
]);
