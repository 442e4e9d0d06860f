import { BundlesError } from '../errors.js';
import { formatReference, parseReference } from '../oci/reference.js';
import type { RegistryClient } from '../registry/client.js';
import { pushImage } from '../registry/push-image.js';
import type { FallbackTarget } from './fallback-target.js';
import { requireNameable } from './nameable.js';

export interface RegistryFallbackSettings {
  /** Host and optional path; bundle NAME goes to `registry`/NAME. */
  readonly registry: string;
  /** The same place as a cluster names it. */
  readonly clusterReference: string | undefined;
  /** Undefined when offline: then nothing can be put there. */
  readonly client: RegistryClient | undefined;
}

/** Pushes to another registry, whose tags this program may move. */
export function registryFallback({
  registry,
  clusterReference,
  client,
}: RegistryFallbackSettings): FallbackTarget {
  return {
    async put({ name, reference, digest, image, moving }, options = {}) {
      const target = parseReference(`${registry}/${name}:${reference.tag}`);
      requireNameable(target);
      if (!client) {
        throw new BundlesError(
          'NO_FALLBACK',
          `Cannot put ${JSON.stringify(name)} on the fallback ${registry}: offline`,
          {
            hint: 'Use --fallback embedded, or leave out --offline',
          },
        );
      }
      const repository = client.repository(target).forPush();
      const held = await repository.resolve(reference.tag, options).catch(() => undefined);
      if (held?.digest !== digest) await pushImage(repository, await image(), reference.tag, options);
      for (const tag of moving) {
        const { manifest } = await image();
        await repository.writeTagged(manifest.descriptor, manifest.bytes, tag, options);
      }
      return {
        reference: formatReference({ ...target, digest }),
        clusterReference: clusterReference ? `${clusterReference}/${name}:${reference.tag}@${digest}` : null,
        layout: null,
        live: true,
      };
    },
  };
}
