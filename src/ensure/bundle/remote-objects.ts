import { readBundle } from '../../bundle/read-bundle.js';
import { readLayer } from '../../bundle/read-layer.js';
import type { CallOptions, ReadableStore } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import { type Digest, digestOf } from '../../oci/digest.js';
import type { LockObject } from '../../project/lock/lock.js';
import { firstTarEntry } from '../../tekton/layers/first-tar-entry.js';
import type { TektonObject } from '../../tekton/objects/object.js';
import { readSources } from '../../tekton/sources/read-sources.js';

/** An object as a registry holds it, and as the lock records it. */
export interface RemoteObject {
  readonly object: TektonObject;
  readonly locked: LockObject;
}

/**
 * The objects of a bundle that is taken as the registry holds it.
 * @throws BUNDLE_INVALID and the errors of reading sources where it is no bundle of Tekton objects
 */
export async function readRemoteObjects(
  store: ReadableStore,
  digest: Digest,
  options: CallOptions = {},
): Promise<RemoteObject[]> {
  const bundle = await readBundle(store, digest, options);
  const objects: RemoteObject[] = [];
  for (const [index, { kind, name, layer }] of bundle.objects.entries()) {
    const archive = await readLayer(store, layer, options);
    const bytes = firstTarEntry(archive) ?? archive;
    const [object] = readSources([{ path: `${digest} layer ${index + 1}`, bytes }]).objects;
    if (!object) throw notBundle(digest, index);
    // Hashed here: the diff ids of a config are claims.
    objects.push({
      object,
      locked: { apiVersion: object.apiVersion, kind, name, diffId: digestOf(archive) },
    });
  }
  return objects;
}

function notBundle(digest: Digest, index: number): BundlesError {
  return new BundlesError(
    'BUNDLE_INVALID',
    `Cannot reuse the bundle ${digest}: layer ${index + 1} holds no Tekton object`,
    {
      hint: 'Choose another --on-different, or raise the tag',
    },
  );
}
