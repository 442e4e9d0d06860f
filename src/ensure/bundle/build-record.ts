import type { Bundle } from '../../bundle/build-bundle.js';
import type { Digest } from '../../oci/digest.js';
import type { LockEntry, LockObject } from '../../project/lock/lock.js';
import { pinnedImages } from '../../tekton/images/object-images.js';
import type { TektonObject } from '../../tekton/objects/object.js';
import type { SchemaObject } from '../../workflow/parameters/pipeline-params.js';

/** What building a bundle found, without its bytes. */
export interface BuildRecord {
  readonly digest: Digest;
  readonly configDigest: Digest;
  readonly created: string;
  readonly objects: readonly LockObject[];
  /** Digests of the images that the objects pin beside their tag. */
  readonly images: LockEntry['images'];
  /** What a workflow schema is derived from. */
  readonly schemaObjects: readonly SchemaObject[];
}

/** What is worth remembering of a bundle and the objects it was built of. */
export function buildRecordOf(bundle: Bundle, objects: readonly TektonObject[]): BuildRecord {
  const { digest, configDigest, created } = bundle;
  return {
    digest,
    configDigest,
    created,
    objects: bundle.objects.map(({ apiVersion, kind, name, diffId }) => ({
      apiVersion: copyOf(apiVersion),
      kind: copyOf(kind),
      name: copyOf(name),
      diffId,
    })),
    images: pinnedImages(objects),
    // Without the values, which take much more memory: a run holds thousands of these.
    schemaObjects: objects.map(({ kind, name, json, origin }) => ({ kind, name, json, origin })),
  };
}

/** A part of a text keeps the whole text in memory: of ten thousand bundles that would be all their sources. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
