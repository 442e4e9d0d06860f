import { Agent, request as forward } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type PrivateAuthority, privateAuthority } from './certificates.js';

export interface TlsProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** What a client has to trust. */
  readonly ca: string;
  /** Requests that came through. */
  readonly requests: number;
}

/** Ends TLS in front of a registry (`127.0.0.1:5000`) and passes requests on as reverse proxies do. */
export async function startTlsProxy(
  upstream: string,
  authority: PrivateAuthority = privateAuthority(),
): Promise<TlsProxy> {
  const { hostname, port } = new URL(`http://${upstream}`);
  const agent = new Agent({ keepAlive: true });
  let requests = 0;
  const server = createServer({ key: authority.key, cert: authority.cert }, (incoming, outgoing) => {
    requests++;
    const { method, url: path } = incoming;
    const headers = { ...incoming.headers, 'x-forwarded-proto': 'https' };
    const sent = forward({ agent, hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    sent.on('error', () => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    });
    incoming.on('error', () => sent.destroy());
    outgoing.on('close', () => outgoing.writableFinished || sent.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: authority.ca,
    get requests() {
      return requests;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
