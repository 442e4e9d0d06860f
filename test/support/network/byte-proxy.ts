import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface ByteProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Bytes that clients sent since the start or the last `reached`. */
  readonly sent: number;
  /** Counts again and resolves when clients have sent `bytes`; these and no more have gone on to the server then. */
  reached(bytes: number): Promise<void>;
}

/** Passes connections on to `host` and counts what clients send, so that a moment of a run can be named. */
export async function startByteProxy(host: string): Promise<ByteProxy> {
  const { hostname, port } = new URL(`http://${host}`);
  const sockets = new Set<Socket>();
  let sent = 0;
  let target = Number.POSITIVE_INFINITY;
  let arrive: () => void = () => undefined;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      const allowed = Math.max(0, target - sent);
      sent += chunk.length;
      upstream.write(chunk.subarray(0, allowed));
      if (sent >= target) arrive();
    });
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sent() {
      return sent;
    },
    reached(bytes) {
      sent = 0;
      target = bytes;
      return new Promise((resolve) => {
        arrive = resolve;
      });
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
