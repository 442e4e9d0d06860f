import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What reached the proxy, whatever host it was meant for. */
export interface HeardRequest {
  /** Method and whole address, or CONNECT and the host. */
  readonly line: string;
  readonly authorization: string | undefined;
}

export interface ListeningProxy extends AsyncDisposable {
  /** Environment by which everything beyond this machine is sent here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly heard: readonly HeardRequest[];
}

/**
 * A proxy that takes the place of all other machines: it writes down what it gets, answers plain http by `answer`, and
 * lets nothing through.
 */
export async function startListeningProxy(
  answer: (request: IncomingMessage) => { readonly status: number; readonly body?: string } = () => ({
    status: 503,
  }),
): Promise<ListeningProxy> {
  const heard: HeardRequest[] = [];
  const hear = ({ method, url, headers }: IncomingMessage) =>
    heard.push({ line: `${method} ${url}`, authorization: headers.authorization });
  const server = createServer((request, response) => {
    hear(request);
    const { status, body = '' } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  server.on('connect', (request, socket) => {
    hear(request);
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    environment: { HTTP_PROXY: url, HTTPS_PROXY: url },
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
