import type { Clock } from '../async/clock.js';
import { type LayoutStore, openLayoutStore } from '../content/layout-store.js';
import type { CallOptions } from '../content/store.js';
import type { Fetch } from '../http/fetch.js';
import type { Image } from '../oci/image.js';
import { formatReference } from '../oci/reference.js';
import { findRunningRegistry } from '../registry-server/find-running.js';
import { layoutDirectory } from '../registry-server/layout-directory.js';
import type { FallbackTarget } from './fallback-target.js';

export interface EmbeddedFallbackOptions {
  /** Directory of the embedded registry. */
  readonly root: string;
  readonly clock: Clock;
  /** To ask whether a registry serves the directory now; undefined when offline. */
  readonly fetch: Fetch | undefined;
}

/** Where `registry serve` listens unless told otherwise. */
const usualHost = '127.0.0.1:5055';

/**
 * Writes straight into the embedded registry's directories: nothing has to run for that. The repository keeps its
 * path, only the host is another.
 */
export function embeddedFallback({ root, clock, fetch }: EmbeddedFallbackOptions): FallbackTarget {
  let running: ReturnType<typeof findRunningRegistry> | undefined;
  return {
    async put({ reference, image, moving }, options = {}) {
      const layout = layoutDirectory(root, reference.repository);
      // Not waiting for the disk: what a power cut takes away, the next run builds again.
      const store = openLayoutStore(layout, { clock, durable: false });
      await writeImage(store, { image, tags: [reference.tag, ...moving] }, options);
      running ??= fetch ? findRunningRegistry(root, { fetch, ...options }) : Promise.resolve(undefined);
      const found = await running;
      const registry = found?.host ?? usualHost;
      const served = { ...reference, registry, digest: image.manifest.descriptor.digest };
      return {
        reference: formatReference(served),
        clusterReference: null,
        layout,
        live: found !== undefined,
      };
    },
  };
}

async function writeImage(
  store: LayoutStore,
  { image, tags }: { readonly image: Image; readonly tags: readonly string[] },
  options: CallOptions,
): Promise<void> {
  const blobs = [...image.layers, image.config];
  for (const { descriptor, bytes } of blobs) await store.write(descriptor, bytes, options);
  const writeMissing = async () => {
    for (const { descriptor, bytes } of blobs)
      if (!(await store.has(descriptor))) await store.write(descriptor, bytes);
  };
  const { descriptor, bytes } = image.manifest;
  // Old content may have been collected since it was found to be there.
  const tagged = { ...options, beforeListing: writeMissing };
  for (const tag of tags) await store.writeTagged(descriptor, bytes, tag, tagged);
}
