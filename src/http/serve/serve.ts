import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { BundlesError } from '../../errors.js';
import { createGuard, type GuardOptions, type Refusal } from './serve-guard.js';

/** The connection of a request. */
export interface Connection {
  /** Address of the client. */
  readonly address: string | undefined;
  /**
   * The pieces of the body as they arrive, without the web stream that `request.body` would make: a Request with one is
   * not freed before the next full garbage collection. Fails when the client breaks off; who stops early leaves the rest
   * unread. For handlers that touch neither `body` nor a clone of the request.
   */
  body(): AsyncGenerator<Uint8Array>;
}

/** Answers a request. A handler also works without a socket. */
export type Handler = (request: Request, connection?: Connection) => Promise<Response>;

/** Where a server listens, and which requests it refuses. */
export interface ServeOptions extends GuardOptions {
  /** Default 127.0.0.1, which other machines cannot reach. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Its abort closes the server. */
  readonly signal?: AbortSignal;
  /** How long requests under way may go on once it closes. Default 5 s. */
  readonly closeWithinMs?: number;
  /** Gets what a handler throws; its client gets a bare 500. */
  readonly onError?: (error: unknown) => void;
  /** Gets what the guard refused. */
  readonly onRefusal?: ((refused: RefusedRequest) => void) | undefined;
  /** Answers web pages of all origins, under all names: for tests that show what the guard prevents. Default false. */
  readonly unguarded?: boolean;
}

/** A request that a loopback server refused because of where it came from. */
export interface RefusedRequest extends Refusal {
  readonly method: string;
  readonly path: string;
}

/** A server on a socket, until it is closed. */
export interface RunningServer {
  /** Without a final slash. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Takes no new connection, lets requests under way end within their time, then cuts them off. */
  close(): Promise<void>;
}

/**
 * Serves a handler over HTTP/1.1, behind the guard against web pages (see createGuard). A client that goes away aborts its request's signal. Bodies stream both ways; how
 * much of one is read is the handler's business. `Response.error()` breaks the connection without an answer.
 *
 * @throws ADDRESS_IN_USE, USAGE
 */
export async function serve(handler: Handler, options: ServeOptions = {}): Promise<RunningServer> {
  const {
    host = '127.0.0.1',
    port = 0,
    signal,
    closeWithinMs = 5_000,
    onError,
    onRefusal,
    unguarded = false,
    isPage,
  } = options;
  signal?.throwIfAborted();
  const allowHosts = [...(options.allowHosts ?? []), ...(isUnspecified(host) ? [] : [host])];
  const guard = createGuard({ allowHosts, isPage });
  const { getRequestListener } = await import('@hono/node-server');
  const answer = async (request: Request, socket: Socket): Promise<Response> => {
    const incoming = socket.incoming as IncomingMessage;
    const connection = { address: incoming.socket.remoteAddress, body: () => bodyPieces(incoming) };
    return guardBody(await handler(request, connection), socket.outgoing as ServerResponse, onError);
  };
  const errorHandler = (error: unknown): Response => {
    // The adapter's name for a request that makes no sense, e.g. by its Host header.
    if (error instanceof Error && error.name === 'RequestError') return new Response(null, { status: 400 });
    onError?.(error);
    return new Response(null, { status: 500 });
  };
  // The adapter would put its own classes in place of the global Request and Response.
  const listener = getRequestListener(answer, { hostname: host, overrideGlobalObjects: false, errorHandler });
  const server = createServer(
    { headersTimeout: 30_000, requestTimeout: 30 * 60_000, keepAliveTimeout: 15_000, noDelay: true },
    (incoming, outgoing) => {
      const { method = '', url: target = '', headers, socket } = incoming;
      const refusal = unguarded
        ? undefined
        : guard({ method, target, headers, localAddress: socket.localAddress });
      if (refusal === undefined) return listener(incoming, outgoing);
      refuse(outgoing, refusal);
      onRefusal?.({ ...refusal, method, path: target });
    },
  );
  const connections = new Set<NetSocket>();
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  await listen(server, { host, port });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeServer(server, connections, closeWithinMs).finally(() =>
      signal?.removeEventListener('abort', close),
    );
    return closing;
  };
  signal?.addEventListener('abort', close, { once: true });
  if (signal?.aborted) {
    await close();
    throw signal.reason;
  }
  const { port: found } = server.address() as AddressInfo;
  return { url: `http://${urlHost(host)}:${found}`, host, port: found, close };
}

/** Closes the connection, so that the unwanted body is not read. */
function refuse(outgoing: ServerResponse, { status, message }: Refusal): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  outgoing.writeHead(status, { ...headers, connection: 'close' }).end(message);
}

/** The adapter also supports HTTP/2, which is not served here. */
interface Socket {
  readonly incoming: unknown;
  readonly outgoing: unknown;
}

async function* bodyPieces(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  yield* incoming.iterator({ destroyOnReturn: false });
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => reject(listenError(cause, { host, port }));
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function listenError(
  cause: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): BundlesError {
  const address = JSON.stringify(`${urlHost(host)}:${port}`);
  const details = { host, port, errno: cause.code };
  if (cause.code === 'EADDRINUSE') {
    return new BundlesError('ADDRESS_IN_USE', `Cannot listen on ${address}: another program does`, {
      hint: 'Stop that program, or choose another port; port 0 takes any that is free',
      details,
      cause,
    });
  }
  return new BundlesError(
    'USAGE',
    `Cannot listen on ${address}: this machine does not allow it (${cause.code})`,
    {
      hint: 'Choose an address of this machine and a port above 1023',
      details,
      cause,
    },
  );
}

/** A body that breaks off breaks the connection, so that no client takes a part for the whole. */
function guardBody(
  response: Response,
  outgoing: ServerResponse,
  onError: ((error: unknown) => void) | undefined,
): Response {
  if (response.type === 'error') {
    outgoing.destroy();
    // The adapter leaves an answer alone that states so.
    return new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
  }
  if (response.body === null) return response;
  const reader = response.body.getReader();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          // Not passed to the adapter, which would write it to the console and into the answer.
          if (!outgoing.destroyed) onError?.(error);
          outgoing.destroy();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

function closeServer(server: Server, connections: ReadonlySet<NetSocket>, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A kept connection becomes idle when its request ends, and Node looks only once.
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    // One opened ahead of any request is never idle to Node.
    for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();
    const end = setTimeout(() => server.closeAllConnections(), withinMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(end);
      resolve();
    });
  });
}

function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
