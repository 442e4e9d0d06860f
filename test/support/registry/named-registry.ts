import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { startRegistry } from '../../../src/testing/start-registry.js';
import { selfSigned } from '../network/certificates.js';
import { startTlsProxy } from '../network/tls-proxy.js';
import { tempDir } from '../temp-dir.js';

export interface NamedRegistry extends AsyncDisposable {
  /** By which clients reach it under its name, and nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  /** What a client has to trust, in PEM. */
  readonly certificate: string;
}

/** An embedded registry that answers by TLS under the name of another host, such as quay.io, through a proxy. */
export async function startNamedRegistry(name: string): Promise<NamedRegistry> {
  const directory = tempDir('named-registry-');
  const root = join(directory.path, 'registry');
  const registry = await startRegistry({ root, allowHosts: [name] });
  const pair = selfSigned({ names: [name] });
  const tls = await startTlsProxy(registry.host, { ...pair, ca: pair.cert });
  const authority = join(directory.path, 'authority.pem');
  writeFileSync(authority, pair.cert);
  const sockets = new Set<Socket>();
  const tunnels = createServer((_, response) => void response.writeHead(502).end());
  tunnels.on('connect', (request, socket) => {
    if (request.url !== `${name}:443`) return socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const upstream = connect(Number(tls.host.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    sockets.add(upstream);
    for (const end of [socket, upstream]) end.on('error', () => upstream.destroy());
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => {
      sockets.delete(upstream);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => tunnels.listen(0, '127.0.0.1', resolve));
  const proxy = `http://127.0.0.1:${(tunnels.address() as AddressInfo).port}`;
  return {
    environment: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: '', NODE_EXTRA_CA_CERTS: authority },
    certificate: pair.cert,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      tunnels.closeAllConnections();
      await new Promise((resolve) => tunnels.close(resolve));
      await tls[Symbol.asyncDispose]();
      await registry.stop();
      await directory[Symbol.asyncDispose]();
    },
  };
}
