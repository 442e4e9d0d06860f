import { type Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { hostnameOf } from './hostname-of.js';
import { NetworkError, toNetworkError } from './network-error.js';
import { type OutgoingBody, outgoingBody } from './outgoing-body.js';
import { proxyFailure } from './proxy-error.js';
import type { ProxyServer } from './proxy-settings.js';
import { rawValue, responseWith } from './raw-headers.js';
import { watchRequestEnd } from './request-end.js';
import { responseBody } from './response-body.js';

export interface SendOptions {
  readonly url: URL;
  /** Its `protocol` decides between http and https. */
  readonly agent: Agent;
  /** The proxy that gets the whole address instead of a path. */
  readonly via?: ProxyServer | undefined;
  readonly limits: {
    readonly connectTimeoutMs: number;
    readonly headersTimeoutMs: number;
    readonly idleBodyMs: number;
  };
  /** How to end each request under way, for when the transport is closed. */
  readonly running: Set<() => void>;
  /** That of the request, where it has been looked at before. */
  readonly body?: OutgoingBody;
}

/** Sends one request over an agent's connection and resolves with the head of the answer and its body as a stream. */
export async function sendRequest(request: Request, options: SendOptions): Promise<Response> {
  const body = options.body ?? (await outgoingBody(request));
  return new Promise<Response>((resolve, reject) => {
    const exchange = startExchange(request, options, { body, fail: reject });
    const { sent } = exchange;
    sent.once('response', (incoming) => {
      exchange.answered();
      try {
        resolve(toResponse(request, incoming, { exchange, idleBodyMs: options.limits.idleBodyMs }));
      } catch (cause) {
        // A status or a header that no Response can hold.
        exchange.stop(new NetworkError('protocol', { method: request.method, url: options.url, cause }));
      }
    });
    body.write(sent).catch((error: unknown) => exchange.stop(error));
  });
}

/** What body and head share of one request under way. */
export interface Exchange {
  readonly sent: ClientRequest;
  /** Ends it and the connection, for this reason. */
  stop(reason: unknown): void;
  /** What to tell the caller of an error that the connection met. */
  explain(error: unknown): unknown;
  /** The whole answer has arrived, or nobody wants it any more: nothing can be aborted now. */
  done(): void;
}

interface Started extends Exchange {
  answered(): void;
}

function startExchange(
  request: Request,
  { url, agent, via, limits, running }: SendOptions,
  { body, fail }: { readonly body: OutgoingBody; readonly fail: (reason: unknown) => void },
): Started {
  const { method } = request;
  const sent = requestHttp({
    agent,
    ...placeOf(url, via),
    method,
    headers: headerList(request, { url, via, body }),
  });
  // An error given to destroy would come back as an event after the answer; ours is kept aside instead.
  const cancel = () => void sent.destroy();
  const end = watchRequestEnd(request, { url, running }, { cancel, fail, clear: () => clearTimers() });
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
function watchHead(sent: ClientRequest, limits: SendOptions['limits'], late: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const wait = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(late, ms);
  };
  sent.once('socket', (socket: Socket & { readonly encrypted?: boolean }) => {
    if (!socket.connecting) return wait(limits.headersTimeoutMs);
    wait(limits.connectTimeoutMs);
    socket.once(socket.encrypted ? 'secureConnect' : 'connect', () => {
      if (timer !== undefined) wait(limits.headersTimeoutMs);
    });
  });
  return () => {
    clearTimeout(timer);
    timer = undefined;
  };
}

/** Where to connect, and what the request line names. */
function placeOf(url: URL, via: ProxyServer | undefined) {
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

function headerList(
  request: Request,
  {
    url,
    via,
    body,
  }: { readonly url: URL; readonly via: ProxyServer | undefined; readonly body: OutgoingBody },
): string[] {
  const list: string[] = [];
  if (via?.authorization !== undefined) list.push('proxy-authorization', via.authorization);
  if (!request.headers.has('host')) list.push('host', url.host);
  for (const [name, value] of request.headers) {
    if (name !== 'content-length' && name !== 'transfer-encoding') list.push(name, value);
  }
  if (body.length !== undefined) list.push('content-length', String(body.length));
  else if (body.chunked) list.push('transfer-encoding', 'chunked');
  return list;
}

const statusesWithoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

function toResponse(
  request: Request,
  incoming: IncomingMessage,
  { exchange, idleBodyMs }: { readonly exchange: Exchange; readonly idleBodyMs: number },
): Response {
  const { statusCode: status = 0, statusMessage: statusText = '', rawHeaders: raw } = incoming;
  const init = { status, statusText };
  const empty = statusesWithoutBody.has(status) || rawValue(raw, 'content-length') === '0';
  if (request.method === 'HEAD' || empty) {
    const response = responseWith(raw, null, init);
    exchange.done();
    incoming.on('error', () => undefined);
    incoming.resume();
    return response;
  }
  return responseWith(raw, responseBody(incoming, { exchange, idleBodyMs }), init);
}
