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
  // In one queue, so that timers of unequal lateness change no order and a busy connection waits for no further ones.
  const queue: { readonly due: number; readonly action: () => void }[] = [];
  const release = () => {
    const now = performance.now();
    for (let next = queue[0]; next && next.due <= now; next = queue[0]) {
      queue.shift();
      if (!to.destroyed) next.action();
    }
    if (queue[0]) setTimeout(release, queue[0].due - now);
  };
  const later = (action: () => void) => {
    queue.push({ due: Math.max(performance.now(), notBefore) + delayMs, action });
    if (queue.length === 1) setTimeout(release, queue[0]!.due - performance.now());
  };
  from.on('data', (chunk) => later(() => void to.write(chunk)));
  from.on('end', () => later(() => void to.end()));
  from.on('close', (failed) => failed && to.destroy());
}
