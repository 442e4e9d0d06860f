import type { Agent, AgentOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { systemClock } from '../../async/system-clock.js';

/** The server at the other end. */
export interface TlsPeer {
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/** The kept connections with one set of TLS settings. */
export interface TlsPool {
  /** Speaks HTTP/1.1 on them. */
  readonly agent: Agent;
  /** A connection apart from those of the agent, made as it makes them, its handshake done. */
  open(peer: TlsPeer, options: OpenOptions): Promise<TLSSocket>;
  /** Hands over an open connection: the next one that the agent wants for that place. */
  give(peer: TlsPeer, socket: TLSSocket): void;
  destroy(): void;
}

export interface OpenOptions {
  /** What the server may choose from. */
  readonly protocols: readonly string[];
  readonly signal: AbortSignal;
}

/** A TLS connection to the target, its handshake done. */
export type Connect = (target: ConnectionOptions, signal: AbortSignal) => Promise<TLSSocket>;

export interface TlsPoolOptions {
  readonly agent: AgentOptions;
  /** For resolving the name, connecting and the TLS handshake together. */
  readonly connectTimeoutMs: number;
  /** How connections are made. Default: directly. */
  readonly tunnel?: Connect;
}

export async function createTlsPool(options: TlsPoolOptions): Promise<TlsPool> {
  const { agent: settings, connectTimeoutMs, tunnel } = options;
  // Not at the top: clients of plain http never load it.
  const https = await import('node:https');
  const agent = new https.Agent(settings);
  const direct = agent.createConnection.bind(agent) as (target: ConnectionOptions) => TLSSocket;
  const connect: Connect = tunnel ?? ((target, signal) => handshake(direct(target), signal));
  const opening = new Set<AbortController>();
  const spare = new Map<string, TLSSocket>();

  const inTime: Connect = async (target, outer) => {
    const controller = new AbortController();
    const abort = () => controller.abort(outer.reason);
    const callOff = systemClock.alarm(connectTimeoutMs, () => controller.abort(tooLate()));
    outer.addEventListener('abort', abort, { once: true });
    opening.add(controller);
    try {
      return await connect(target, controller.signal);
    } finally {
      callOff();
      outer.removeEventListener('abort', abort);
      opening.delete(controller);
    }
  };

  agent.createConnection = (target: ConnectionOptions, callback?: Created) => {
    const key = `${target.host}:${target.port}`;
    const given = spare.get(key);
    spare.delete(key);
    if (given?.writable) return given.ref();
    if (tunnel === undefined) return direct(target);
    const never = new AbortController().signal;
    inTime(target, never).then(
      (socket) => callback?.(null, socket),
      (error: Error) => (callback as ((error: Error) => void) | undefined)?.(error),
    );
    return undefined;
  };

  return {
    agent,
    open(peer, { protocols, signal }) {
      const target = { ...targetOf(agent, peer), ALPNProtocols: [...protocols] };
      return inTime(target, signal);
    },
    give({ hostname, port }, socket) {
      spare.get(`${hostname}:${port}`)?.destroy();
      spare.set(`${hostname}:${port}`, socket.unref());
    },
    destroy() {
      for (const controller of opening) controller.abort(new Error('closed'));
      for (const socket of spare.values()) socket.destroy();
      agent.destroy();
    },
  };
}

type Created = (error: Error | null, stream: Duplex) => void;

/** The secured connection, once its handshake is done. */
export function handshake(secure: TLSSocket, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      secure.destroy();
      reject(signal.reason);
    };
    const early = () => reject(reset());
    // This listener stays, for the time in which there is no other.
    secure.on('error', reject);
    secure.once('close', early);
    signal.addEventListener('abort', abort, { once: true });
    secure.once('secureConnect', () => {
      secure.off('close', early);
      signal.removeEventListener('abort', abort);
      resolve(secure);
    });
    if (signal.aborted) abort();
  });
}

/** What the agent itself would ask for, its key for remembered TLS sessions included. */
function targetOf(agent: Agent, { hostname, port }: TlsPeer): ConnectionOptions {
  const target = {
    host: hostname,
    port,
    servername: isIP(hostname) === 0 ? hostname : '',
    ...agent.options,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
  };
  return Object.assign(target, { _agentKey: agent.getName(target) });
}

/** As Node's agents have it. */
const keepAliveMs = 1_000;

function tooLate(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' });
}

function reset(): Error {
  return Object.assign(new Error('closed within the TLS handshake'), { code: 'ECONNRESET' });
}
