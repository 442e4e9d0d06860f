import { BundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, isDigest } from '../oci/digest.js';
import type { Content } from '../oci/image.js';
import { objectAt, parseJsonView, stringAt } from '../oci/json-view.js';
import { parseManifest } from '../oci/manifest.js';
import { mediaTypes } from '../oci/media-types.js';
import { contentOf } from './attach-artifact.js';
import type { SigningKey } from './keys/private-key.js';
import { type SignedSubject, signedEnvelope } from './sigstore-bundle.js';

/** cosign's older form: an image at the tag `sha256-<hex>.sig`, of which each layer is what one signature signs. */
export const simpleMediaType = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const signatureAnnotation = 'dev.cosignproject.cosign/signature';

/** What a layer of the image of attestations is: a DSSE envelope. */
export const envelopeMediaType = 'application/vnd.dsse.envelope.v1+json';

const payloadKind = 'cosign container image signature';

/** `sha256-<hex>.sig` */
export function signatureTag(digest: Digest): string {
  return `${digest.replace(':', '-')}.sig`;
}

/** `sha256-<hex>.att` */
export function attestationTag(digest: Digest): string {
  return `${digest.replace(':', '-')}.att`;
}

/** What is signed: key order and the absence of spaces are cosign's. */
export function simplePayload({ name, digest, annotations = {} }: SignedSubject): Content {
  const optional = Object.keys(annotations).length > 0 ? annotations : null;
  const critical = {
    identity: { 'docker-reference': name },
    image: { 'docker-manifest-digest': digest },
    type: payloadKind,
  };
  return contentOf(JSON.stringify({ critical, optional }), simpleMediaType);
}

/** What a layer of such an image states. */
export interface SimplePayload {
  readonly digest: Digest;
  readonly name: string | null;
}

const longestPayload = 256 * 1024;

/** @throws BUNDLE_INVALID, TOO_LARGE */
export function parsePayload(bytes: Uint8Array): SimplePayload {
  const view = parseJsonView(bytes, { what: 'signed payload', limit: longestPayload });
  const critical = objectAt(view, 'critical');
  const image = critical && objectAt(critical, 'image');
  const identity = critical && objectAt(critical, 'identity');
  const digest = image && stringAt(image, 'docker-manifest-digest');
  if (critical && stringAt(critical, 'type') === payloadKind && isDigest(digest)) {
    return { digest, name: (identity && stringAt(identity, 'docker-reference')) ?? null };
  }
  throw new BundlesError('BUNDLE_INVALID', `Cannot read the signed payload: wanted a ${payloadKind}`);
}

/** A layer for the image of signatures. */
export function signatureLayer(payload: Content, key: SigningKey): Descriptor {
  const { mediaType, size, digest } = payload.descriptor;
  const signature = key.sign(payload.bytes).toString('base64');
  return { mediaType, size, digest, annotations: { [signatureAnnotation]: signature } };
}

/** A signed statement as a layer for the image of attestations, as cosign annotates it. */
export function attestationLayer(
  statement: object,
  predicateType: string,
  key: SigningKey,
): { readonly content: Content; readonly layer: Descriptor } {
  const content = contentOf(JSON.stringify(signedEnvelope(statement, key)), envelopeMediaType);
  const annotations = { [signatureAnnotation]: '', predicateType };
  return { content, layer: { ...content.descriptor, annotations } };
}

export interface SignatureImage {
  readonly manifest: Content;
  readonly config: Content;
}

/** The image of signatures with one more layer; everything else of it stays as its writers left it. */
export function withSignature(current: Content | undefined, layer: Descriptor): SignatureImage {
  const former = current ? rawManifest(current) : { layers: [] };
  const layers = [...former.layers, layer];
  const config = contentOf(
    JSON.stringify({
      architecture: '',
      created: epoch,
      history: layers.map(() => ({ created: epoch })),
      os: '',
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
      config: {},
    }),
    mediaTypes.ociConfig,
  );
  const manifest = {
    ...former,
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: config.descriptor,
    layers,
  };
  return { manifest: contentOf(JSON.stringify(manifest), mediaTypes.ociManifest), config };
}

const epoch = '0001-01-01T00:00:00Z';

function rawManifest({ descriptor, bytes }: Content): { readonly layers: readonly Descriptor[] } {
  const parsed = parseManifest(bytes, descriptor.mediaType);
  if (parsed.type === 'image' && descriptor.mediaType === mediaTypes.ociManifest) {
    return JSON.parse(new TextDecoder().decode(bytes)) as { layers: Descriptor[] };
  }
  throw new BundlesError(
    'BUNDLE_INVALID',
    'Cannot add a signature: the tag for signatures does not hold an OCI image',
    { hint: 'Pass --signature-storage referrer' },
  );
}
