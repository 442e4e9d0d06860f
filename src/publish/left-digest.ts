import type { CallOptions } from '../content/store.js';
import type { Digest } from '../oci/digest.js';
import type { RegistryRepository } from '../registry/repository.js';

/** The digest that a tag has left, and what became of it. */
export interface LeftDigest {
  readonly digest: Digest;
  /** The tag that keeps it; null where none was put. */
  readonly anchor: string | null;
  /** Whether the registry still serves it by its digest; null where that is not known. */
  readonly answers: boolean | null;
}

/** Finds out whether a digest that no tag was put on still answers: Quay drops it at once, others keep it for a while. */
export async function lookForLeft(
  repository: RegistryRepository,
  digest: Digest,
  options: CallOptions = {},
): Promise<LeftDigest> {
  try {
    const held = await repository.peek(digest, options);
    return { digest, anchor: null, answers: held !== undefined };
  } catch {
    options.signal?.throwIfAborted();
    return { digest, anchor: null, answers: null };
  }
}

/** What became of it, to be put behind its digest. */
export function describeLeft({ anchor, answers }: LeftDigest): string {
  if (anchor !== null) return `it is kept as ${anchor}`;
  if (answers === null) return 'it is not known whether the registry still has it';
  return answers
    ? 'the registry still has it, until it removes what no tag names'
    : 'the registry no longer has it, so what is pinned to it cannot be pulled';
}
