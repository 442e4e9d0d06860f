import { createHash } from 'node:crypto';
import { askService, below, type ServiceClient, type ServiceRequest, serviceFailed } from './service.js';

/**
 * Lets a timestamp authority (RFC 3161) date a signature, by the interface that sigstore's has; gives the answer in
 * DER. An address without a path is completed.
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
    headers: { accept: 'application/timestamp-reply' },
    body: {
      artifactHash: createHash('sha256').update(signature).digest('base64'),
      hashAlgorithm: 'sha256',
    },
  };
  const { bytes } = await askService(client, request, options);
  // A SEQUENCE, or it is a page of something else.
  if (bytes[0] !== 0x30) throw serviceFailed(request, 'the answer is no timestamp');
  return Buffer.from(bytes);
}
