import type { CallOptions } from '../content/store.js';
import { toBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Content } from '../oci/image.js';
import type { RegistryRepository } from '../registry/repository.js';

export interface MovingTags {
  readonly repository: RegistryRepository;
  /** The manifest that the fixed tag names. */
  readonly manifest: Content;
  readonly tags: readonly string[];
  readonly mayPush: boolean;
  readonly dryRun: boolean;
  /** Whether a digest first gets a separate tag when its tag moves. */
  readonly keepOld: boolean;
}

export interface MovedTags {
  /** Tags that were put again, or would be. */
  readonly moved: readonly string[];
  /** Why others were not. */
  readonly warnings: readonly string[];
}

/** Puts the moving tags onto the manifest, one HEAD each and in order; what one leaves is anchored first. */
export async function moveTags(request: MovingTags, options: CallOptions = {}): Promise<MovedTags> {
  const { repository, manifest, tags, mayPush, dryRun, keepOld } = request;
  const moved: string[] = [];
  const warnings: string[] = [];
  for (const tag of tags) {
    try {
      const held = await repository.peek(tag, options);
      if (held?.digest === manifest.descriptor.digest) continue;
      if (!mayPush) {
        warnings.push(`the moving tag ${tag} holds ${held?.digest ?? 'nothing'}, and pushing is not allowed`);
        continue;
      }
      if (!dryRun)
        await put(repository.forPush(), { manifest, tag, held: keepOld ? held : undefined }, options);
      moved.push(tag);
    } catch (error) {
      options.signal?.throwIfAborted();
      warnings.push(`the moving tag ${tag} was not moved: ${toBundlesError(error).message}`);
    }
  }
  return { moved, warnings };
}

/** After a refusal, reads the tag: another writer may already have put the same digest. */
async function put(
  store: RegistryRepository,
  {
    manifest,
    tag,
    held,
  }: { readonly manifest: Content; readonly tag: string; readonly held: Descriptor | undefined },
  options: CallOptions,
): Promise<void> {
  if (held) {
    const { anchorTag } = await import('../content/move-tag.js');
    await anchorTag(store, { tag, previous: held }, options);
  }
  try {
    await store.writeTagged(manifest.descriptor, manifest.bytes, tag, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    const now = await store.peek(tag, options).catch(() => undefined);
    if (now?.digest !== manifest.descriptor.digest) throw error;
  }
}
