import type { OutgoingHttpHeaders } from 'node:http2';
import { type SentStream, streamWindow } from './http2-session.js';
import { NetworkError } from './network-error.js';
import type { OutgoingBody } from './outgoing-body.js';
import { type RawHeaders, rawValue, responseWith } from './raw-headers.js';
import { responseBody } from './response-body.js';
import type { SendOptions } from './send-request.js';
import {
  type StreamExchange,
  type StreamOptions,
  startStreamExchange,
  Unprocessed,
} from './stream-exchange.js';

export interface SessionRequestOptions extends StreamOptions {
  readonly body: OutgoingBody;
  /** Called when the request's place is free again. */
  readonly release: () => void;
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
    const exchange = startStreamExchange(request, options, { sent, resolve, reject });
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

/** Writes the body; the server must make room for it again and again. */
function upload(
  body: OutgoingBody,
  {
    stream,
    exchange,
    idleBodyMs,
  }: Pick<SentStream, 'stream'> & { readonly exchange: StreamExchange; readonly idleBodyMs: number },
): void {
  let answered = false;
  stream.once('response', () => {
    answered = true;
  });
  const idle = setTimeout(() => {
    if (answered) return;
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
  { sent, flags, raw }: { readonly sent: SentStream; readonly flags: number; readonly raw: RawHeaders },
  { exchange, limits }: { readonly exchange: StreamExchange } & Pick<SendOptions, 'limits'>,
): Response {
  const { stream } = sent;
  const status = Number(rawValue(raw, ':status'));
  const declared = rawValue(raw, 'content-length');
  const empty = method === 'HEAD' || (flags & endStreamFlag) !== 0 || declared === '0';
  if (empty) {
    const response = responseWith(raw, null, { status });
    exchange.done();
    stream.resume();
    return response;
  }
  const length = declared === null ? undefined : Number(declared);
  const body = responseBody(stream, {
    exchange,
    idleBodyMs: limits.idleBodyMs,
    whole: (received) => exchange.ended && (length === undefined || length === received),
    // Node drops what it holds when the connection closes; so what the server may have sent already is taken over.
    readAhead: (received) => length !== undefined && length - received <= streamWindow,
  });
  return responseWith(raw, body, { status });
}
