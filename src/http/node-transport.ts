import { Agent } from 'node:http';
import type { AgentOptions, Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Fetch } from './fetch.js';
import { NetworkError } from './network-error.js';
import { sendRequest } from './send-request.js';

export interface NodeTransportOptions {
  /** For resolving the name, connecting and the TLS handshake together. Default 10 s. */
  readonly connectTimeoutMs?: number;
  /** From the request sent to the first byte of the answer; callers set closer ones by a signal. Default 5 min. */
  readonly headersTimeoutMs?: number;
  /** Longest pause within a body, on either side. Default 30 s. */
  readonly idleBodyMs?: number;
  /** Connections per host at once; further requests wait. Default 64. */
  readonly maxSockets?: number;
  /** `ca` adds to the authorities Node trusts; `cert` and `key` are for servers that ask who we are. */
  readonly tls?: Pick<AgentOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized'>;
  /** Replaces the system's name resolution. */
  readonly lookup?: LookupFunction;
}

export interface Transport extends Fetch {
  /** Ends every connection; requests under way fail with reason `closed`. */
  close(): Promise<void>;
}

/**
 * A Fetch over node:http and node:https with connections kept alive. It follows no redirect, decompresses nothing,
 * adds no header but host, connection and the body's length, and never sends bytes at hand in chunks.
 * A signal's abort rejects with its reason; everything else that goes wrong is a NetworkError.
 */
export function createNodeTransport(options: NodeTransportOptions = {}): Transport {
  const { connectTimeoutMs = 10_000, headersTimeoutMs = 300_000, idleBodyMs = 30_000 } = options;
  const limits = { connectTimeoutMs, headersTimeoutMs, idleBodyMs };
  const running = new Set<() => void>();
  let closed = false;
  let plain: Agent | undefined;
  let secure: Promise<HttpsAgent> | undefined;

  const agentFor = (url: URL): Agent | Promise<HttpsAgent> => {
    if (url.protocol === 'http:') {
      plain ??= new Agent(agentOptions(options));
      return plain;
    }
    secure ??= createSecureAgent(options);
    return secure;
  };

  const transport = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new TypeError(`Only http and https requests can be sent, not ${url.protocol}`);
    }
    if (closed) throw new NetworkError('closed', { method: request.method, url });
    request.signal.throwIfAborted();
    const chosen = agentFor(url);
    const agent = chosen instanceof Agent ? chosen : await chosen;
    return sendRequest(request, { url, agent, limits, running });
  };

  return Object.assign(transport, {
    async close() {
      closed = true;
      for (const end of running) end();
      plain?.destroy();
      (await secure)?.destroy();
    },
  });
}

/** The second address of a host is tried after this; Node's 250 ms give up on hosts that are merely far away. */
const attemptTimeoutMs = 600;

function agentOptions({ maxSockets = 64, lookup }: NodeTransportOptions) {
  return {
    keepAlive: true,
    maxSockets,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: attemptTimeoutMs,
    ...(lookup === undefined ? {} : { lookup }),
  };
}

async function createSecureAgent(options: NodeTransportOptions): Promise<HttpsAgent> {
  const [https, tls] = await Promise.all([import('node:https'), import('node:tls')]);
  const { ca, ...rest } = options.tls ?? {};
  // Naming authorities replaces Node's own; people mean theirs in addition.
  const authorities = ca === undefined ? {} : { ca: [...trusted(tls), ...[ca].flat()] };
  return new https.Agent({ ...agentOptions(options), ...rest, ...authorities });
}

/** Newer Nodes can tell what NODE_EXTRA_CA_CERTS and the system's store add to their own list. */
function trusted(tls: typeof import('node:tls')): readonly string[] {
  const newer = tls as { readonly getCACertificates?: (kind: string) => string[] };
  return newer.getCACertificates?.('default') ?? tls.rootCertificates;
}
