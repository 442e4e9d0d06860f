import type { Clock } from '../async/clock.js';
import { openLayoutStore } from '../content/layout/layout-store.js';
import { writeMissingParts } from '../content/write-image.js';
import type { Send } from '../http/message.js';
import { formatReference } from '../oci/reference.js';
import { findRunningRegistry } from '../registry-server/find-running.js';
import { layoutDirectory } from '../registry-server/layout-directory.js';
import type { FallbackTarget } from './fallback-target.js';

export interface EmbeddedFallbackOptions {
  /** Directory of the embedded registry. */
  readonly root: string;
  readonly clock: Clock;
  /** To ask whether a registry serves the directory now; undefined when offline. */
  readonly send: Send | undefined;
}

/** Where `registry serve` listens by default. */
const usualHost = '127.0.0.1:5055';

/**
 * Writes straight into the embedded registry's directories: nothing has to run for that. The repository keeps its
 * path, only the host is another.
 */
export function embeddedFallback({ root, clock, send }: EmbeddedFallbackOptions): FallbackTarget {
  let running: ReturnType<typeof findRunningRegistry> | undefined;
  const open = (repository: string) => {
    const layout = layoutDirectory(root, repository);
    // Not waiting for the disk: what a power cut takes away, the next run builds again.
    return { layout, store: openLayoutStore(layout, { clock, durable: false }) };
  };
  return {
    prepare: async ({ reference, image }) =>
      writeMissingParts(open(reference.repository).store, await image()),
    async put({ reference, digest, image: build, moving }, options = {}) {
      const { layout, store } = open(reference.repository);
      const image = await build();
      const { descriptor, bytes } = image.manifest;
      // Under the lock of the index: what is found to be there then cannot be collected any more.
      const tagged = { ...options, beforeListing: () => writeMissingParts(store, image) };
      for (const tag of [reference.tag, ...moving]) await store.writeTagged(descriptor, bytes, tag, tagged);
      running ??= send ? findRunningRegistry(root, { send, ...options }) : Promise.resolve(undefined);
      const found = await running;
      const registry = found?.host ?? usualHost;
      const served = { ...reference, registry, digest };
      return {
        reference: formatReference(served),
        clusterReference: null,
        layout,
        live: found !== undefined,
      };
    },
  };
}
