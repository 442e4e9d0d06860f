import type { Call } from './call.js';
import type { Host } from './host.js';
import { mediaTypeOf } from './message.js';
import { mayExpectTls, type NetworkError, toNetworkError } from './network-error.js';
import type { LocatedResponse } from './redirects.js';

type Locate = (call: Call) => Promise<LocatedResponse>;

export interface SchemeOptions {
  readonly host: Host;
  /** Sends what may turn out to be sent by the wrong scheme. */
  readonly guess: Locate;
  /** The guess was right: it was a request like any other. */
  readonly guessed: (call: Call) => void;
  /** It was not: the server understood no request. */
  readonly mistaken: () => void;
}

/**
 * Finds out whether a loopback host speaks http or https: http is tried first, and https where the server hangs up, sends
 * something else than HTTP, or answers that it expects TLS. What is found holds for the run; before it is, no credential is
 * sent.
 */
export function withScheme(send: Locate, { host, guess, guessed, mistaken }: SchemeOptions): Locate {
  const by = (protocol: 'http:' | 'https:', call: Call): Call => {
    if (call.url.protocol === protocol) return call;
    const url = new URL(call.url);
    url.protocol = protocol;
    return { ...call, url };
  };
  return async (call) => {
    if (!call.anyScheme) return send(call);
    if (host.scheme !== undefined) return send(by(`${host.scheme}:`, call));
    const plain = await guess(by('http:', call)).catch((error: unknown) => {
      call.signal?.throwIfAborted();
      return toNetworkError(error, call);
    });
    const settle = (): LocatedResponse => {
      guessed(call);
      if (!('status' in plain)) throw plain;
      host.scheme ??= 'http';
      return plain;
    };
    if (!expectsTls(plain)) return settle();
    let secure: LocatedResponse;
    try {
      secure = await send(by('https:', call));
    } catch (error) {
      call.signal?.throwIfAborted();
      const failure = toNetworkError(error, call);
      // It speaks no TLS either: what it said by http counts.
      if (!ofCertificate.has(failure.reason)) return settle();
      mistaken();
      throw failure;
    }
    mistaken();
    if ('status' in plain) await plain.body?.close();
    host.scheme ??= 'https';
    return secure;
  };
}

/** TLS was spoken, and the certificate is not good. */
const ofCertificate: ReadonlySet<string> = new Set(['tls-unknown-ca', 'tls-expired', 'tls-wrong-host']);

/** Servers that expect TLS hang up, or answer a plain request by a 400 in words of their own; registries by JSON. */
function expectsTls(plain: LocatedResponse | NetworkError): boolean {
  if (!('fromOrigin' in plain)) return mayExpectTls(plain);
  return plain.status === 400 && plain.fromOrigin && mediaTypeOf(plain.headers) !== 'application/json';
}
