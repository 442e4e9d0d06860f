import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Step, stepOf } from '../random/random-answers.js';
import { createModelRegistry, type ModelOptions, type ModelRegistry } from './model-registry.js';

/** What goes over the wire instead of the registry's own answer. */
export type RawAnswer =
  /** The bytes of a whole answer, head and body; then the connection ends. */
  | Buffer
  | 'reset'
  /** What the registry answers itself. */
  | 'pass'
  /** The registry does what was asked, then these bytes are sent. */
  | { readonly done: Buffer }
  /** These bytes, and then a space every 20 ms for as long as the client listens. */
  | { readonly drip: Buffer };

export type Answerer = RawAnswer | ((context: RawContext) => RawAnswer);

export interface RawContext {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly model: ModelRegistry;
  /** How many requests of this step came before. */
  readonly nth: number;
  readonly headers: IncomingMessage['headers'];
}

export interface RawRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly url: string;
  readonly model: ModelRegistry;
  readonly steps: Step[];
}

/** A registry in memory on a socket, which sends raw bytes in place of some of its answers. */
export async function startRawRegistry(
  answers: Partial<Record<Step, Answerer>>,
  options: ModelOptions = { guarded: false, singlePost: true },
): Promise<RawRegistry> {
  const steps: Step[] = [];
  let url = '';
  let model: ModelRegistry;
  const server = createServer(async (request, response) => {
    const address = `${url}${request.url}`;
    const step = stepOf({ method: request.method ?? '', url: address });
    const nth = steps.filter((one) => one === step).length;
    steps.push(step);
    const answerer = answers[step] ?? 'pass';
    const context = { url, model, nth, headers: request.headers };
    const chosen = typeof answerer === 'function' ? answerer(context) : answerer;
    const { socket } = request;
    if (chosen === 'reset') return void socket.resetAndDestroy();
    if (Buffer.isBuffer(chosen)) {
      await consume(request);
      socket.end(chosen);
      return;
    }
    if (typeof chosen === 'object' && 'drip' in chosen) return drip(socket, chosen.drip);
    const answer = await model.handle(await toRequest(request, address));
    if (typeof chosen === 'object') return void socket.end(chosen.done);
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  url = `http://${host}`;
  model = createModelRegistry({ ...options, origin: url });
  return {
    ...{ host, url, model, steps },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A whole answer as bytes; its length is stated unless the headers do. */
export function raw(
  status: number,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
  body: string | Uint8Array = '',
): Buffer {
  const bytes = Buffer.from(body);
  const stated = Object.keys(headers).some((name) => /^(?:content-length|transfer-encoding)$/i.test(name));
  const all = { ...(stated ? {} : { 'content-length': String(bytes.byteLength) }), ...headers };
  const lines = Object.entries(all).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}\r\n`),
  );
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status} X\r\nconnection: close\r\n${lines.join('')}\r\n`, 'latin1'),
    bytes,
  ]);
}

/** A refusal in a registry's form. */
export function rawError(
  status: number,
  code: string,
  message = code,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const body = JSON.stringify({ errors: [{ code, message, detail: {} }] });
  return raw(status, { 'content-type': 'application/json', ...headers }, body);
}

function drip(socket: Socket, start: Buffer): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(' '), 20);
  socket.once('close', () => clearInterval(timer));
}

async function consume(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function toRequest(request: IncomingMessage, address: string): Promise<Request> {
  const body = await consume(request);
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
  const { method = 'GET' } = request;
  return new Request(address, { method, headers, ...(body.length > 0 ? { body } : {}) });
}
