import type { CallOptions } from '../content/store.js';
import { toBundlesError } from '../errors.js';
import type { Content } from '../oci/image.js';
import type { RegistryRepository } from '../registry/repository.js';

export interface MovingTags {
  readonly repository: RegistryRepository;
  /** The manifest that the fixed tag names. */
  readonly manifest: Content;
  readonly tags: readonly string[];
  readonly mayPush: boolean;
  readonly dryRun: boolean;
}

export interface MovedTags {
  /** Tags that were put anew, or would be. */
  readonly moved: readonly string[];
  /** Why others were not. */
  readonly warnings: readonly string[];
}

/** Puts the moving tags onto the manifest, one HEAD each and in order. */
export async function moveTags(request: MovingTags, options: CallOptions = {}): Promise<MovedTags> {
  const { repository, manifest, tags, mayPush, dryRun } = request;
  const moved: string[] = [];
  const warnings: string[] = [];
  for (const tag of tags) {
    try {
      const held = await heldDigest(repository, tag, options);
      if (held === manifest.descriptor.digest) continue;
      if (!mayPush) {
        warnings.push(`the moving tag ${tag} holds ${held ?? 'nothing'}, and nobody here may push it`);
        continue;
      }
      if (!dryRun) await repository.forPush().writeTagged(manifest.descriptor, manifest.bytes, tag, options);
      moved.push(tag);
    } catch (error) {
      options.signal?.throwIfAborted();
      warnings.push(`the moving tag ${tag} was not moved: ${toBundlesError(error).message}`);
    }
  }
  return { moved, warnings };
}

async function heldDigest(
  repository: RegistryRepository,
  tag: string,
  options: CallOptions,
): Promise<string | undefined> {
  try {
    return (await repository.resolve(tag, options)).digest;
  } catch (error) {
    if (toBundlesError(error).code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
