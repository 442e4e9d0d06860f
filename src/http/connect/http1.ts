import { type Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { systemClock } from '../../async/system-clock.js';
import { hostnameOf } from '../host-location.js';
import { fieldsOf, type HttpRequest, type HttpResponse } from '../message.js';
import { NetworkError, toNetworkError } from '../network-error.js';
import { outgoingLength, writeBody } from './outgoing-body.js';
import type { ProxyServer } from './proxy-settings.js';
import { watchRequestEnd } from './request-end.js';
import { responseBody } from './response-body.js';
import { proxyFailure } from './tunnel.js';

export interface TransportLimits {
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleBodyMs: number;
}

export interface Http1Options {
  /** Its `protocol` decides between http and https. */
  readonly agent: Agent;
  /** The proxy that gets the whole address instead of a path. */
  readonly via?: ProxyServer | undefined;
  readonly limits: TransportLimits;
  /** How to end each request under way, for when the transport is closed. */
  readonly running: Set<() => void>;
}

/** Sends one request over an agent's connection and resolves with the head of the answer and its body as it comes. */
export function sendByHttp1(request: HttpRequest, options: Http1Options): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const exchange = startExchange(request, options, reject);
    const { sent } = exchange;
    sent.once('response', (incoming) => {
      exchange.answered();
      const { statusCode: status = 0 } = incoming;
      if (isStatus(status)) return resolve(responseOf(request, incoming, exchange, options));
      exchange.stop(new NetworkError('protocol', request));
    });
    writeBody(sent, request).catch((error: unknown) => exchange.stop(error));
  });
}

/** What a final answer can have. */
export function isStatus(status: number): boolean {
  return status >= 200 && status <= 599;
}

/** What body and head share of one request under way. */
interface Exchange {
  readonly sent: ClientRequest;
  /** Ends it and the connection, for this reason. */
  stop(reason: unknown): void;
  /** Converts an error of the connection to the one that the caller gets. */
  explain(error: unknown): unknown;
  /** The whole response has arrived, or is no longer wanted: nothing can be aborted now. */
  done(): void;
  answered(): void;
}

function startExchange(
  request: HttpRequest,
  { agent, via, limits, running }: Http1Options,
  fail: (reason: unknown) => void,
): Exchange {
  const { method, url } = request;
  const sent = requestHttp({ agent, ...targetOf(url, via), method, headers: fieldList(request, via) });
  // An error passed to destroy would be emitted again after the response; it is kept separately instead.
  const cancel = () => void sent.destroy();
  const end = watchRequestEnd(request, running, { cancel, fail, clear: () => clearTimers() });
  const explain = (error: unknown) =>
    end.stopped
      ? end.stopped.reason
      : toNetworkError(via ? proxyFailure(via, error) : error, {
          method,
          url,
          reusedSocket: sent.reusedSocket,
        });
  const clearTimers = watchHead(sent, limits, () => end.stopAs('timeout', 'ETIMEDOUT'));
  sent.on('error', (error) => {
    end.letGo();
    fail(explain(error));
  });
  // An agent without a connection to give may drop a request without an error.
  let answered = false;
  sent.once('close', () => {
    if (!answered)
      fail(explain(Object.assign(new Error('closed without an answer'), { code: 'ECONNRESET' })));
  });
  return {
    sent,
    stop: end.stop,
    explain,
    done: end.letGo,
    answered() {
      answered = true;
      clearTimers();
    },
  };
}

/** One timer at a time: for the connection, then for the head of the answer. Waiting for a free connection is free. */
function watchHead(sent: ClientRequest, limits: TransportLimits, late: () => void): () => void {
  let callOff: (() => void) | undefined;
  const wait = (ms: number) => {
    callOff?.();
    callOff = systemClock.alarm(ms, late);
  };
  sent.once('socket', (socket: Socket & { readonly encrypted?: boolean }) => {
    if (!socket.connecting) return wait(limits.headersTimeoutMs);
    wait(limits.connectTimeoutMs);
    socket.once(socket.encrypted ? 'secureConnect' : 'connect', () => {
      if (callOff !== undefined) wait(limits.headersTimeoutMs);
    });
  });
  return () => {
    callOff?.();
    callOff = undefined;
  };
}

/** Where to connect, and what the request line names. */
function targetOf(url: URL, via: ProxyServer | undefined) {
  if (via === undefined) {
    const { protocol, port, pathname, search } = url;
    return { protocol, hostname: hostnameOf(url), port, path: pathname + search };
  }
  const { protocol, hostname, port } = via;
  const path = `${url.origin}${url.pathname}${url.search}`;
  // TLS is with the proxy; Node would take the name of the Host header for it.
  const servername = protocol === 'https:' ? { servername: isIP(hostname) === 0 ? hostname : '' } : {};
  return { protocol, hostname, port, path, ...servername };
}

function fieldList(request: HttpRequest, via: ProxyServer | undefined): string[] {
  const list: string[] = [];
  if (via?.authorization !== undefined) list.push('proxy-authorization', via.authorization);
  list.push('host', request.url.host);
  for (const [name, value] of Object.entries(request.headers)) {
    if (name !== 'content-length' && name !== 'transfer-encoding') list.push(name, value);
  }
  const length = outgoingLength(request);
  if (length !== undefined) list.push('content-length', String(length));
  return list;
}

const statusesWithoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

function responseOf(
  { method }: HttpRequest,
  incoming: IncomingMessage,
  exchange: Exchange,
  { via, limits: { idleBodyMs } }: Http1Options,
): HttpResponse {
  const { statusCode: status = 0 } = incoming;
  const headers = fieldsOf(incoming.rawHeaders);
  const head = { status, headers, http2: false, proxy: via?.shown };
  if (method === 'HEAD' || statusesWithoutBody.has(status) || headers['content-length'] === '0') {
    exchange.done();
    incoming.on('error', () => undefined);
    incoming.resume();
    return { ...head, body: undefined };
  }
  return { ...head, body: responseBody(incoming, { exchange, idleBodyMs }) };
}
