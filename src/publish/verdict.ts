import type { Bundle } from '../bundle/build-bundle.js';
import { type BundleComparison, compareBundle } from '../bundle/compare/compare-bundle.js';
import {
  type BundleDifference,
  describeDifference,
  describeObjectDifference,
} from '../bundle/compare/difference.js';
import type { CallOptions, ReadableStore, ResolveOptions } from '../content/store.js';
import { type BundlesError, isBundlesError, toBundlesError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { isRegistryError } from '../registry/registry-error.js';

/** What a registry answered about a tag. */
export type VerdictName = 'present' | 'equivalent' | 'different' | 'absent' | 'denied' | 'unreachable';

/** Why a registry gave no content; null where it did. */
export function verdictReason(verdict: Verdict | undefined): string | null {
  return verdict && 'error' in verdict ? verdict.reason : null;
}

/** What the tag names; undefined where the registry named nothing. */
export function verdictDigest(verdict: Verdict): Digest | undefined {
  return 'digest' in verdict ? verdict.digest : undefined;
}

/** What a registry states about a tag, never a boolean. DESIGN: proof is beside the claim. */
export type Verdict =
  | { readonly name: 'present'; readonly digest: Digest }
  | Equivalent
  | Different
  | { readonly name: 'absent'; readonly reason: string; readonly error: BundlesError }
  | { readonly name: 'denied'; readonly reason: string; readonly error: BundlesError }
  | { readonly name: 'unreachable'; readonly reason: string; readonly error: BundlesError };

/** Other bytes of the same content. */
export interface Equivalent {
  readonly name: 'equivalent';
  readonly digest: Digest;
  readonly differences: readonly string[];
  /** Our sources built again with what differs, where that gives exactly the digest served. */
  readonly rebuilt: Bundle | undefined;
}

export interface Different {
  readonly name: 'different';
  readonly digest: Digest;
  readonly differences: readonly string[];
}

/** A bundle by its digest; its bytes only where they are asked for. */
export interface BundleAtHand {
  readonly digest: Digest;
  bundle(): Promise<Bundle>;
}

/** Asks what the tag holds: one request where it holds our digest. Rejects only when aborted. */
export async function askVerdict(
  store: ReadableStore,
  { ours, tag }: { readonly ours: BundleAtHand; readonly tag: string },
  options: ResolveOptions = {},
): Promise<Verdict> {
  try {
    const descriptor = await store.resolve(tag, options);
    if (descriptor.digest === ours.digest) return { name: 'present', digest: ours.digest };
    return await compare(store, await ours.bundle(), { descriptor, ...options });
  } catch (error) {
    options.signal?.throwIfAborted();
    return verdictOfError(error);
  }
}

/** The verdict that an error of the registry represents. Doubt is `unreachable`. */
export function verdictOfError(error: unknown): Verdict {
  const ours = toBundlesError(error);
  if (!isBundlesError(error) && ours.code === 'UNEXPECTED') throw error;
  // A broken file of credentials states nothing about the registry, and no fallback may hide it.
  if (ours.code === 'CREDENTIALS_INVALID') throw ours;
  const reason = isRegistryError(ours) ? ours.reason : ours.code.toLowerCase().replaceAll('_', '-');
  if (ours.code === 'NOT_FOUND') return { name: 'absent', reason, error: ours };
  if (ours.code === 'REGISTRY_DENIED') return { name: 'denied', reason, error: ours };
  return { name: 'unreachable', reason, error: ours };
}

async function compare(
  store: ReadableStore,
  bundle: Bundle,
  { descriptor, signal }: CallOptions & { readonly descriptor: Descriptor },
): Promise<Verdict> {
  try {
    return toVerdict(await compareBundle(bundle, store, { descriptor, signal }), descriptor);
  } catch (error) {
    // The tag is there: content it lacks makes it doubtful, never absent.
    if (isBundlesError(error, 'NOT_FOUND')) return { name: 'unreachable', reason: 'content-missing', error };
    throw error;
  }
}

function toVerdict(comparison: BundleComparison, { digest }: Descriptor): Verdict {
  if (comparison.relation === 'same') return { name: 'present', digest };
  if (comparison.relation === 'equivalent') {
    const differences = comparison.differences.map(describeDifference);
    return { name: 'equivalent', digest, differences, rebuilt: comparison.rebuilt };
  }
  return { name: 'different', digest, differences: describeAll(comparison) };
}

/** Objects that differ come first, and what follows from them is left out. */
function describeAll({
  objects,
  differences,
}: Extract<BundleComparison, { relation: 'different' }>): string[] {
  const follows = ({ what }: BundleDifference) => what === 'objects' || what === 'diff-ids';
  const others = objects.length > 0 ? differences.filter((difference) => !follows(difference)) : differences;
  return [...objects.map(describeObjectDifference), ...others.map(describeDifference)];
}
