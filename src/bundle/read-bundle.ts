import { setImmediate as nextTurn } from 'node:timers/promises';
import { readContent } from '../content/read-content.js';
import type { CallOptions, ReadableStore } from '../content/store.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { type ImageConfig, parseImageConfig } from '../oci/image-config.js';
import { type ImageManifest, MANIFEST_BYTES } from '../oci/manifest.js';
import { objectAnnotations } from '../tekton/layers/annotations.js';
import { firstTarEntry } from '../tekton/layers/first-tar-entry.js';
import { manifestProblems } from './bundle-problem.js';
import { notBundle, readBundleManifest } from './read-bundle-manifest.js';
import { BUNDLE_BYTES, layersTooLarge, type ReadLayerOptions, readLayer } from './read-layer.js';

/** A bundle in a store; its layers are read on demand. */
export interface StoredBundle {
  /** Of the image manifest; where the reference named an index, that of its linux/amd64 entry. */
  readonly digest: Digest;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  /** In layer order. */
  readonly objects: readonly StoredObject[];
  /**
   * The content of the object at this index: JSON or YAML. At most 4 MiB are read in total.
   * @throws BUNDLE_INVALID, TOO_LARGE, NOT_FOUND
   */
  readObject(index: number, options?: ReadLayerOptions): Promise<Uint8Array>;
}

/** An object as the annotations of its layer name it. */
export interface StoredObject {
  /** The version alone, e.g. `v1`. */
  readonly apiVersion: string;
  /** In lower case. */
  readonly kind: string;
  readonly name: string;
  readonly layer: Descriptor;
}

/**
 * Reads manifest and config of a bundle by the rules of the cluster's resolver: every layer has its three annotations, kinds are
 * lower-case and singular, there are at most 20 layers. `readObject` of the result reads the objects, at most 4 MiB in all.
 *
 * @throws BUNDLE_INVALID, TOO_LARGE, and what the store throws
 * @example
 * ```ts
 * import { openLayoutStore, readBundle } from 'tekton-bundles/bundle';
 * import { ensure } from 'tekton-bundles';
 *
 * const { bundles } = await ensure({ names: ['hello-world'], offline: true });
 * const layout = bundles[0]?.served?.layout;
 * const stored = await readBundle(openLayoutStore(layout ?? ''), 'v1.0.0');
 * console.log(stored.objects.map(({ kind, name }) => `${kind}/${name}`)); // [ 'pipeline/workflow' ]
 * const text = new TextDecoder().decode(await stored.readObject(0));
 * console.log(JSON.parse(text).apiVersion); // tekton.dev/v1
 * ```
 */
export async function readBundle(
  store: ReadableStore,
  tagOrDigest: string,
  options: CallOptions = {},
): Promise<StoredBundle> {
  const { digest, manifest } = await readBundleManifest(store, tagOrDigest, options);
  const [problem] = manifestProblems(manifest);
  if (problem) throw notBundle(digest, problem.message);
  const objects = manifest.layers.map(objectOf);
  const config = parseImageConfig(
    await readContent(store, manifest.config, { limit: MANIFEST_BYTES, ...options }),
  );
  let left = BUNDLE_BYTES;
  return {
    digest,
    manifest,
    config,
    objects,
    async readObject(index, callOptions = {}) {
      const object = objects[index];
      if (!object) throw new RangeError(`No object ${index} in a bundle of ${objects.length}`);
      // A signal is heard between two of them.
      await nextTurn();
      callOptions.signal?.throwIfAborted();
      const bytes = await readLayer(store, object.layer, callOptions);
      left -= bytes.length;
      if (left < 0) throw layersTooLarge(digest, BUNDLE_BYTES);
      return firstTarEntry(bytes) ?? bytes;
    },
  };
}

function objectOf(layer: Descriptor): StoredObject {
  const { annotations = {} } = layer;
  const [apiVersion = '', kind = '', name = ''] = [
    annotations[objectAnnotations.apiVersion],
    annotations[objectAnnotations.kind],
    annotations[objectAnnotations.name],
  ];
  return { apiVersion, kind, name, layer };
}
