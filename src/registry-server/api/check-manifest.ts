import { type Digest, isDigest } from '../../oci/digest.js';
import { isImageManifest, isIndex, isManifest } from '../../oci/media-types.js';
import { WireError } from '../wire-error.js';

/** What a registry reads from a manifest it stores; the bytes themselves are never rewritten. */
export interface ManifestFacts {
  readonly mediaType: string;
  /** Config and layers which the repository must hold. */
  readonly blobs: readonly Part[];
  /** Manifests of an index which the repository must hold. */
  readonly manifests: readonly Part[];
  readonly subject: Digest | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

export interface Part {
  readonly digest: Digest;
  readonly size: number;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a manifest that was sent with this Content-Type.
 * @throws WireError 400 MANIFEST_INVALID unless it is an image manifest or index of that type, OCI's or Docker's
 */
export function checkManifest(bytes: Uint8Array, contentType: string | null): ManifestFacts {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim() ?? '';
  if (!isManifest(mediaType)) {
    throw invalid('Content-Type is not a manifest type that this registry stores', {
      contentType: contentType?.slice(0, 200) ?? null,
    });
  }
  const manifest = parseObject(bytes);
  if (manifest.schemaVersion !== 2) throw invalid('schemaVersion is not 2');
  if (manifest.mediaType !== undefined && manifest.mediaType !== mediaType) {
    throw invalid('mediaType differs from the Content-Type', {
      mediaType: manifest.mediaType,
      contentType: mediaType,
    });
  }
  if (isImageManifest(mediaType) ? 'manifests' in manifest : 'layers' in manifest || 'config' in manifest) {
    throw invalid('manifest is both an image and an index');
  }
  const config = isImageManifest(mediaType) ? readDescriptor(manifest.config, 'config') : undefined;
  return {
    mediaType,
    blobs: config ? [config, ...readList(manifest.layers, 'layers').filter(isDistributable)] : [],
    manifests: isIndex(mediaType) ? readList(manifest.manifests, 'manifests') : [],
    subject: manifest.subject === undefined ? undefined : readDescriptor(manifest.subject, 'subject').digest,
    artifactType: readText(manifest.artifactType, 'artifactType') || config?.mediaType,
    annotations: readAnnotations(manifest.annotations),
  };
}

function parseObject(bytes: Uint8Array): Json {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw invalid('manifest is not JSON in UTF-8');
  }
  if (!isObject(value)) throw invalid('manifest is not a JSON object');
  return value;
}

interface ReadPart extends Part {
  readonly mediaType: string;
}

function readDescriptor(value: unknown, where: string): ReadPart {
  if (!isObject(value)) throw invalid(`${where} is not a descriptor`);
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== 'string' || mediaType === '') throw invalid(`${where} has no mediaType`);
  if (!isDigest(digest)) throw invalid(`${where} has no sha256 or sha512 digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(`${where} has no size`);
  return { mediaType, digest, size };
}

function readList(value: unknown, where: string): ReadPart[] {
  if (!Array.isArray(value)) throw invalid(`${where} is not a list`);
  return value.map((item, index) => readDescriptor(item, `${where}[${index}]`));
}

/** Layers that registries are not meant to hold (Windows base images). */
function isDistributable({ mediaType }: ReadPart): boolean {
  return !mediaType.includes('.nondistributable.') && !mediaType.includes('.foreign.');
}

function readText(value: unknown, where: string): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') throw invalid(`${where} is not text`);
  return value;
}

function readAnnotations(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw invalid('annotations are not a map of texts');
  }
  return value as Record<string, string>;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string, detail?: unknown): WireError {
  return new WireError(400, 'MANIFEST_INVALID', message, detail === undefined ? {} : { detail });
}
