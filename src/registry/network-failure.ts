import type { RegistryReason } from './reason.js';

/** What a failed request says about the network; `attempts` is how often in all it is worth trying. */
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
  for (const { code, message } of codesOf(error)) {
    const known = byCode.get(code) ?? byPattern(code, message);
    if (known) return { ...known, text: `${known.text} (${code})` };
  }
  return { reason: 'network', text: 'the request failed', attempts: 'all', mayBePlainHttp: false };
}

type Known = NetworkFailure;

function known(
  reason: RegistryReason,
  text: string,
  attempts: Known['attempts'],
  mayBePlainHttp = false,
): Known {
  return { reason, text, attempts, mayBePlainHttp };
}

const notSigned = known('tls-untrusted', 'its certificate is not trusted', 'one');
const noRoute = known('no-route', 'no route to the host', 'all');
const broken = known('reset', 'the connection broke', 'all', true);
const slow = known('timeout', 'no answer in time', 'all');

const byCode: ReadonlyMap<string, Known> = new Map([
  ['ENOTFOUND', known('dns', 'the host name does not resolve', 'two')],
  ['EAI_AGAIN', known('dns', 'the host name does not resolve now', 'all')],
  ['EAI_FAIL', known('dns', 'the host name does not resolve', 'two')],
  ['ECONNREFUSED', known('refused', 'connection refused', 'all', true)],
  ['ECONNRESET', broken],
  ['EPIPE', broken],
  ['UND_ERR_SOCKET', broken],
  ['ERR_STREAM_PREMATURE_CLOSE', broken],
  ['ECONNABORTED', broken],
  ['ENETUNREACH', noRoute],
  ['EHOSTUNREACH', noRoute],
  ['ENETDOWN', noRoute],
  ['EADDRNOTAVAIL', noRoute],
  ['ETIMEDOUT', slow],
  ['ESOCKETTIMEDOUT', slow],
  ['CERT_HAS_EXPIRED', known('tls-expired', 'its certificate is expired', 'one')],
  ['CERT_NOT_YET_VALID', known('tls-expired', 'its certificate is not valid yet', 'one')],
  ['ERR_TLS_CERT_ALTNAME_INVALID', known('tls-wrong-host', 'its certificate is for another host', 'one')],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', notSigned],
  ['SELF_SIGNED_CERT_IN_CHAIN', notSigned],
  ['UNABLE_TO_GET_ISSUER_CERT', notSigned],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', notSigned],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', notSigned],
  ['CERT_UNTRUSTED', notSigned],
  ['ERR_PROXY', known('proxy', 'the proxy refused', 'one')],
]);

function byPattern(code: string, message: string): Known | undefined {
  if (/^UND_ERR_\w*TIMEOUT$/.test(code)) return slow;
  if (/^HPE_/.test(code)) return known('protocol', 'the answer is not HTTP', 'one');
  if (/^(CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)/.test(code)) return notSigned;
  if (/^(EPROTO$|ERR_SSL_|ERR_TLS_)/.test(code)) {
    return known('tls-failed', 'the TLS handshake failed', 'one', noTlsRecord.test(`${code} ${message}`));
  }
  return undefined;
}

/** What OpenSSL says when the bytes that came back are no TLS records; an alert is a valid TLS answer. */
const noTlsRecord = /wrong.version.number|packet.length.too.long|http.request|unknown.protocol|record.layer/i;

/** Codes from the outermost error inwards; several addresses tried give an AggregateError. */
function codesOf(error: unknown, depth = 0): { code: string; message: string }[] {
  if (typeof error !== 'object' || error === null || depth > 8) return [];
  const found: { code: string; message: string }[] = [];
  if ('code' in error && typeof error.code === 'string') {
    found.push({ code: error.code, message: error instanceof Error ? error.message : '' });
  }
  if ('cause' in error) found.push(...codesOf(error.cause, depth + 1));
  if ('errors' in error && Array.isArray(error.errors)) {
    for (const one of error.errors) found.push(...codesOf(one, depth + 1));
  }
  return found;
}
