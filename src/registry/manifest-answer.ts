import { declaredLength, mediaTypeOf } from '../http/message.js';
import { redactUrl } from '../http/redact.js';
import { shorten } from '../http/shorten.js';
import type { Descriptor } from '../oci/descriptor.js';
import { createDigester, type Digest, digestOf, isDigest } from '../oci/digest.js';
import { isManifest, mediaTypes } from '../oci/media-types.js';
import type { RegistryAnswer } from './connection/connection.js';
import { RegistryError } from './registry-error.js';

/** No manifest is larger (distribution and zot refuse more). */
export const manifestLimit = 4 * 1024 * 1024;

/** A manifest as the registry gave it, its digest taken from these very bytes. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** The descriptor from a HEAD; `ask-by-get` if the response lacks a required header. */
export function describeHead(answer: RegistryAnswer, name: string, doing: string): Descriptor | 'ask-by-get' {
  const { headers } = answer;
  if (isForeign(answer)) throw notARegistry(answer, doing);
  const mediaType = mediaTypeOf(headers);
  const header = headers['docker-content-digest'];
  const digest = isDigest(header) ? header : isDigest(name) ? name : undefined;
  if (isDigest(name) && isDigest(header) && header !== name)
    throw contradiction(answer, { doing, found: header, wanted: name });
  const size = declaredLength(headers);
  const encoded = (headers['content-encoding'] ?? 'identity') !== 'identity';
  if (digest === undefined || !looksLikeManifest(mediaType)) return 'ask-by-get';
  if (encoded || size === undefined) return 'ask-by-get';
  if (size > manifestLimit) throw tooLarge(answer, { doing });
  // Some servers drop the length of an answer without a body.
  return size === 0 ? 'ask-by-get' : { mediaType, digest, size };
}

/** Proves the bytes of a GET: their hash against the requested digest and the one in the answer, and their type. */
export function describeBytes(
  answer: RegistryAnswer,
  { name, doing }: { readonly name: string; readonly doing: string },
): FetchedManifest {
  const { body: bytes, complete } = answer;
  if (!complete) throw tooLarge(answer, { doing });
  if (isForeign(answer)) throw notARegistry(answer, doing);
  refuseEncoding(answer, doing);
  const header = answer.headers['docker-content-digest'];
  const digest = hashLike(isDigest(name) ? name : undefined, bytes);
  if (isDigest(name) && digest !== name) throw contradiction(answer, { doing, found: digest, wanted: name });
  if (isDigest(header) && header.startsWith('sha256:') && digest.startsWith('sha256:') && header !== digest) {
    throw contradiction(answer, { doing, found: digest, wanted: header });
  }
  const mediaType = bodyMediaType(answer, bytes, doing);
  return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes };
}

/** Its bytes would not be the manifest's. */
function refuseEncoding(answer: RegistryAnswer, doing: string): void {
  const encoding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return;
  const message = `${doing}: the body is encoded as ${shorten(encoding)}, asked for identity`;
  throw new RegistryError('REGISTRY_UNREACHABLE', message, { ...placeOf(answer), reason: 'protocol' });
}

/** The body's own type; a header that names another manifest type is a contradiction, a vague one is not. */
function bodyMediaType(answer: RegistryAnswer, bytes: Uint8Array, doing: string): string {
  const header = mediaTypeOf(answer.headers);
  const body = parseObject(bytes);
  if (body === undefined || !('schemaVersion' in body)) throw notARegistry(answer, doing);
  const own = body.mediaType;
  if (typeof own !== 'string' || own === '') {
    if (looksLikeManifest(header)) return header;
    return Array.isArray(body.manifests) ? mediaTypes.ociIndex : mediaTypes.ociManifest;
  }
  if (looksLikeManifest(header) && own !== header) {
    throw new RegistryError(
      'REGISTRY_UNREACHABLE',
      `${doing}: the answer is called ${shorten(header)} and calls itself ${JSON.stringify(shorten(own))}, wanted one type`,
      { ...placeOf(answer), reason: 'protocol' },
    );
  }
  return shorten(own);
}

/** A page for people, or JSON without any trace of a registry: a captive portal, a proxy, another service. */
function isForeign({ headers }: RegistryAnswer): boolean {
  const type = mediaTypeOf(headers);
  if (type === 'text/html' || type === 'application/xhtml+xml') return true;
  if (isDigest(headers['docker-content-digest'])) return false;
  return !looksLikeManifest(type) && !('docker-distribution-api-version' in headers);
}

function notARegistry(answer: RegistryAnswer, doing: string): RegistryError {
  const type = shorten(answer.headers['content-type'] ?? 'nothing');
  return new RegistryError(
    'REGISTRY_UNREACHABLE',
    `${doing}: ${JSON.stringify(redactUrl(answer.url))} answered ${answer.status} with ${type}, wanted a manifest of a registry`,
    { ...placeOf(answer), reason: 'not-a-registry' },
  );
}

/** Manifest types of today and of schema 1. */
function looksLikeManifest(mediaType: string): boolean {
  return isManifest(mediaType) || mediaType.startsWith('application/vnd.docker.distribution.manifest.');
}

function contradiction(
  answer: RegistryAnswer,
  { doing, found, wanted }: { doing: string; found: string; wanted: string },
): RegistryError {
  return new RegistryError('REGISTRY_UNREACHABLE', `${doing}: the registry gave ${found}, wanted ${wanted}`, {
    ...placeOf(answer),
    reason: 'digest-contradiction',
    details: { expected: wanted, found },
  });
}

function tooLarge(answer: RegistryAnswer, { doing }: { doing: string }): RegistryError {
  return new RegistryError('TOO_LARGE', `${doing}: the manifest has more than ${manifestLimit} bytes`, {
    ...placeOf(answer),
    reason: 'too-large',
  });
}

function placeOf({ method, url, status }: RegistryAnswer): { method: string; url: string; status: number } {
  return { method, url: redactUrl(url), status };
}

/** By the algorithm of the requested digest, or by sha256. */
function hashLike(digest: Digest | undefined, bytes: Uint8Array): Digest {
  if (digest === undefined) return digestOf(bytes);
  const digester = createDigester(digest);
  digester.update(bytes);
  return digester.digest();
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
