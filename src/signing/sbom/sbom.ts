import { createHash } from 'node:crypto';
import type { LoadedBundle } from '../../bundle/load-bundle.js';
import { digestOf } from '../../oci/digest.js';
import type { Content } from '../../oci/image.js';
import { toCycloneDx } from './cyclonedx.js';
import { type ListMaterialsOptions, listMaterials, type Materials } from './materials.js';
import { type SbomFormat, sbomTypes } from './sbom-types.js';
import { toSpdx } from './spdx.js';

const writers: Readonly<Record<SbomFormat, (materials: Materials, uuid: string) => object>> = {
  spdx: toSpdx,
  cyclonedx: toCycloneDx,
};

/**
 * The bill of materials of a bundle: SPDX 2.3 or CycloneDX 1.6, as JSON in ASCII. The same bundle in the same repository
 * gives the same bytes, on every machine and at every time: the document is dated by the bundle, and its UUID is
 * derived from what it states.
 */
export function createSbom(
  bundle: LoadedBundle,
  { format, ...options }: ListMaterialsOptions & { readonly format: SbomFormat },
): Content {
  const materials = listMaterials(bundle, options);
  const write = writers[format];
  // Two documents that differ in anything must not share a namespace.
  const uuid = uuidOf(JSON.stringify(write(materials, '')));
  const bytes = new TextEncoder().encode(`${asciiJson(write(materials, uuid))}\n`);
  return { descriptor: { mediaType: sbomTypes[format], digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** A name-based UUID (version 5 of RFC 9562) in the namespace of OIDs. */
function uuidOf(name: string): string {
  const namespace = Buffer.from('6ba7b8129dad11d180b400c04fd430c8', 'hex');
  const hash = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Names in a bundle are texts of strangers: nothing in the document can change how a terminal shows it. */
function asciiJson(document: object): string {
  return JSON.stringify(document, null, 2).replace(
    /[\u007f-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
