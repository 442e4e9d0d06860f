import type { CallOptions } from '../content/store.js';
import type { Descriptor } from '../oci/descriptor.js';
import { wholeLimit } from './blobs.js';
import type { RegistryRepository } from './repository.js';

export interface MirrorOptions {
  /** Called when a mirror did not serve something, and why. */
  readonly log?: ((line: string) => void) | undefined;
}

/**
 * The same repository, whose content is read from its mirrors first, in their order. A mirror is believed only where
 * a digest proves what it gave: tags, absence, and all that is written stay with the repository itself. Content too
 * large to be proven before it is handed out is not asked of mirrors.
 */
export function readThroughMirrors(
  origin: RegistryRepository,
  mirrors: readonly RegistryRepository[],
  { log }: MirrorOptions = {},
): RegistryRepository {
  const read = async (descriptor: Descriptor, options: CallOptions = {}) => {
    if (descriptor.size > wholeLimit) return origin.read(descriptor, options);
    for (const mirror of mirrors) {
      try {
        return await mirror.read(descriptor, options);
      } catch (error) {
        options.signal?.throwIfAborted();
        const why = error instanceof Error ? error.message : String(error);
        log?.(`The mirror ${mirror.registry}/${mirror.repository} is skipped: ${why}`);
      }
    }
    return origin.read(descriptor, options);
  };
  return { ...origin, read };
}

/** `HOST/PATH` as registry and repository of one mirrored repository. */
export function mirroredName(mirror: string, repository: string): { registry: string; repository: string } {
  const slash = mirror.indexOf('/');
  if (slash < 0) return { registry: mirror, repository };
  return { registry: mirror.slice(0, slash), repository: `${mirror.slice(slash + 1)}/${repository}` };
}
