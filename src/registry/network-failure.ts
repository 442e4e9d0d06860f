import { toNetworkError } from '../http/network-error.js';
import type { RegistryReason } from './reason.js';

/** What a request without an answer says about the host; `attempts` is how often in all it is worth trying. */
export interface NetworkFailure {
  readonly reason: RegistryReason;
  /** A few words and the system's own code, for the message. */
  readonly text: string;
  readonly attempts: 'one' | 'two' | 'all';
  /** The peer did not speak TLS, or nothing spoke at all: plain http may be what it speaks. */
  readonly mayBePlainHttp: boolean;
}

/** Reads the code that the system, TLS or the transport left somewhere in the chain of causes. */
export function classifyNetworkFailure(error: unknown): NetworkFailure {
  const words = wordsOf(error);
  const undici = words.map(({ code }) => code).find((code) => code.startsWith('UND_ERR_'));
  const { reason, errno = undici } = toNetworkError(error, { method: 'GET', url: 'about:blank' });
  const known = undici === undefined || reason !== 'protocol' ? reason : undiciReason(undici);
  const code = errno === undefined ? '' : ` (${errno})`;
  return {
    reason: known,
    text: `${texts[known]}${code}`,
    attempts: errno === 'ENOTFOUND' ? 'two' : repeated.has(known) ? 'all' : 'one',
    mayBePlainHttp: known === 'refused' || known === 'reset' || (known === 'tls' && isNoTls(words)),
  };
}

type Reason = ReturnType<typeof toNetworkError>['reason'];

function undiciReason(code: string): Reason {
  if (code.endsWith('TIMEOUT')) return 'timeout';
  return code === 'UND_ERR_SOCKET' ? 'reset' : 'protocol';
}

const repeated: ReadonlySet<Reason> = new Set(['dns', 'refused', 'reset', 'timeout', 'unreachable-host']);

const texts: Readonly<Record<Reason, string>> = {
  dns: 'the host name does not resolve',
  refused: 'connection refused',
  reset: 'the connection broke',
  timeout: 'no answer in time',
  'unreachable-host': 'no way to the host',
  'tls-unknown-ca': 'its certificate is not trusted',
  'tls-expired': 'its certificate is expired or not valid yet',
  'tls-wrong-host': 'its certificate is for another host',
  tls: 'the TLS handshake failed',
  proxy: 'the proxy refused',
  protocol: 'the request failed',
  closed: 'the transport is closed',
};

/** What OpenSSL says when the bytes that came back are no TLS records; an alert is a valid TLS answer. */
function isNoTls(words: readonly { code: string; message: string }[]): boolean {
  const pattern = /wrong.version.number|packet.length.too.long|http.request|unknown.protocol|record.layer/i;
  return words.some(({ code, message }) => pattern.test(`${code} ${message}`));
}

/** From the outermost error inwards; several addresses tried give an AggregateError. */
function wordsOf(error: unknown, depth = 0): { code: string; message: string }[] {
  if (typeof error !== 'object' || error === null || depth > 8) return [];
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const found = [{ code, message: error instanceof Error ? error.message : '' }];
  if ('cause' in error) found.push(...wordsOf(error.cause, depth + 1));
  if ('errors' in error && Array.isArray(error.errors)) {
    for (const one of error.errors) found.push(...wordsOf(one, depth + 1));
  }
  return found;
}
