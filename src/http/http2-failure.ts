import type { ClientHttp2Stream } from 'node:http2';
import type { NetworkReason } from './network-error.js';

export interface Http2Failure {
  readonly reason: NetworkReason;
  readonly errno: string;
}

/**
 * What the code of a stream or of a whole session says (RFC 9113, section 7). Undefined: something else than HTTP/2
 * failed, e.g. the socket.
 */
export function http2Failure(
  stream: Pick<ClientHttp2Stream, 'rstCode'>,
  error: unknown,
): Http2Failure | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Frames that our own side could not make sense of.
  if (code === 'ERR_HTTP2_ERROR') return { reason: 'protocol', errno: 'HTTP2_PROTOCOL_ERROR' };
  const byPeer =
    code === undefined || code === 'ERR_HTTP2_STREAM_ERROR' || code === 'ERR_HTTP2_SESSION_ERROR';
  if (!byPeer) return undefined;
  const name = names[stream.rstCode ?? 0] ?? 'UNKNOWN';
  const broken =
    brokenRules.has(name) && !(name === 'ENHANCE_YOUR_CALM' && code === 'ERR_HTTP2_SESSION_ERROR');
  return { reason: broken ? 'protocol' : 'reset', errno: `HTTP2_${name}` };
}

const names = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
];

/** Trying again changes nothing. On a stream, ENHANCE_YOUR_CALM is our own word for a head that is too large. */
const brokenRules: ReadonlySet<string> = new Set([
  'PROTOCOL_ERROR',
  'FLOW_CONTROL_ERROR',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'COMPRESSION_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
]);
