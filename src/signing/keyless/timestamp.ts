import { createHash } from 'node:crypto';
import { askService, below, type ServiceClient, type ServiceRequest, serviceFailed } from './service.js';

/**
 * Lets a timestamp authority (RFC 3161) date a signature; gives its answer in DER. An address without a path is
 * completed as sigstore's authorities have it.
 *
 * @throws SIGSTORE_FAILED, NetworkError
 */
export async function requestTimestamp(
  client: ServiceClient,
  authority: URL,
  signature: Uint8Array,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Buffer> {
  const request: ServiceRequest = {
    service: 'the timestamp authority',
    url: authority.pathname === '/' ? below(authority, '/api/v1/timestamp') : authority,
    headers: { accept: 'application/timestamp-reply', 'content-type': 'application/timestamp-query' },
    body: Buffer.concat([queryHead, createHash('sha256').update(signature).digest(), queryEnd]),
  };
  const { bytes } = await askService(client, request, options);
  // A SEQUENCE, or it is a page of something else.
  if (bytes[0] !== 0x30) throw serviceFailed(request, 'the answer is not a timestamp');
  return Buffer.from(bytes);
}

/**
 * TimeStampReq in DER, around the hash: version 1, sha256, and the certificate is wanted. Without a nonce: no two
 * signatures have the same hash.
 */
const queryHead = Buffer.from('30390201013031300d060960864801650304020105000420', 'hex');
const queryEnd = Buffer.from('0101ff', 'hex');
