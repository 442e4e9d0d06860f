import { isBundlesError } from '../../errors.js';
import { mediaTypeOf } from '../message.js';
import { isNetworkError, mayExpectTls, type NetworkError, toNetworkError } from '../network-error.js';
import type { Call } from './call.js';
import type { Host } from './host.js';
import type { LocatedResponse } from './redirects.js';

type Locate = (call: Call) => Promise<LocatedResponse>;

export interface SchemeOptions {
  readonly host: Host;
  /** Sends without counting: both tries are one request. */
  readonly guess: Locate;
  readonly count: (call: Call) => void;
  /** Called before the second try: the server seems to have understood no request. */
  readonly giveBack: () => void;
}

/**
 * Finds out whether a loopback host speaks http or https: http is tried first, and https where the server hangs up, sends
 * something else than HTTP, or answers that it expects TLS. What is found holds for the run; before it is, no credential is
 * sent.
 */
export function withScheme(send: Locate, { host, guess, count, giveBack }: SchemeOptions): Locate {
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
      if (call.signal?.aborted) count(call);
      return failureOf(error, call);
    });
    const settle = (): LocatedResponse => {
      count(call);
      if (!('status' in plain)) throw plain;
      host.scheme ??= 'http';
      return plain;
    };
    if (!expectsTls(plain)) return settle();
    giveBack();
    let secure: LocatedResponse;
    try {
      secure = await guess(by('https:', call));
    } catch (error) {
      if (call.signal?.aborted) count(call);
      const failure = failureOf(error, call);
      // It does not support TLS either, so its response to http counts.
      if (!ofCertificate.has(failure.reason)) return settle();
      count(call);
      throw failure;
    }
    count(call);
    if ('status' in plain) await plain.body?.close();
    host.scheme ??= 'https';
    return secure;
  };
}

/** @throws what is not a failure of the network */
function failureOf(error: unknown, call: Call): NetworkError {
  call.signal?.throwIfAborted();
  if (isBundlesError(error) && !isNetworkError(error)) throw error;
  return toNetworkError(error, call);
}

/** TLS was spoken, and the certificate is not good. */
const ofCertificate: ReadonlySet<string> = new Set(['tls-unknown-ca', 'tls-expired', 'tls-wrong-host']);

/** Servers that expect TLS hang up, or respond 400 to a plain request without the JSON of a registry. */
function expectsTls(plain: LocatedResponse | NetworkError): boolean {
  if (!('fromOrigin' in plain)) return mayExpectTls(plain);
  return plain.status === 400 && plain.fromOrigin && mediaTypeOf(plain.headers) !== 'application/json';
}
