import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export interface DelayProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** TCP connections accepted so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/**
 * Puts a network of `roundTripMs` between a client and `host` (`127.0.0.1:5000`): half of it on every packet in each
 * direction, and one round trip for a connection's handshake before its first byte arrives.
 */
export async function startDelayProxy(host: string, roundTripMs: number): Promise<DelayProxy> {
  const [address, port] = [
    host.slice(0, host.lastIndexOf(':')),
    Number(host.slice(host.lastIndexOf(':') + 1)),
  ];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    connections++;
    const upstream = connect({ host: address, port, noDelay: true, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {
        client.destroy();
        upstream.destroy();
      });
    }
    forward(client, upstream, { delayMs: roundTripMs / 2, notBefore: performance.now() + roundTripMs });
    forward(upstream, client, { delayMs: roundTripMs / 2, notBefore: 0 });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Delay {
  readonly delayMs: number;
  /** Nothing leaves before this time, plus the delay. */
  readonly notBefore: number;
}

function forward(from: Socket, to: Socket, { delayMs, notBefore }: Delay): void {
  let last = Promise.resolve();
  const later = (action: () => void) => {
    const due = Math.max(performance.now(), notBefore) + delayMs;
    // One after another, so that timers of unequal lateness change no order.
    last = last.then(async () => {
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      if (!to.destroyed) action();
    });
  };
  from.on('data', (chunk) => later(() => void to.write(chunk)));
  from.on('end', () => later(() => void to.end()));
  from.on('close', (failed) => failed && to.destroy());
}
