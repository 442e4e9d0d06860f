import { selectBundles } from '../../ensure/select-bundles.js';
import { BundlesError } from '../../errors.js';
import { type Digest, parseDigest } from '../../oci/digest.js';
import { formatReference, parseReference, type Reference } from '../../oci/reference.js';
import type { SigningSettings } from '../../project/config/parse-signing.js';
import type { Project } from '../../project/project.js';
import { type PinnedBundle, readPinnedBundles } from '../../release/pinned-bundle.js';

/** A digest whose signatures are in question, as the command line named it. */
export interface SignatureTarget {
  readonly name: string;
  readonly reference: Reference;
  /** Undefined if the tag still has to be resolved. */
  readonly digest: Digest | undefined;
  /** As the project declares; undefined of a reference. */
  readonly signing: SigningSettings | undefined;
  /** A declared bundle as the lock pins it; undefined of a reference. */
  readonly pinned: PinnedBundle | undefined;
}

/** Declared bundles have plain names, everything else is a reference. */
export function splitWords(words: readonly string[]): {
  readonly names: readonly string[];
  readonly references: readonly string[];
} {
  const isName = (word: string) => !/[:/@]/.test(word);
  return { names: words.filter(isName), references: words.filter((word) => !isName(word)) };
}

/** @throws REFERENCE_INVALID; a tag is never implied */
export function referenceTarget(word: string): SignatureTarget {
  const reference = parseReference(word);
  if (reference.tag === undefined && reference.digest === undefined) {
    throw new BundlesError(
      'REFERENCE_INVALID',
      `Cannot use ${JSON.stringify(word)}: it has no tag and no digest`,
      {
        hint: 'Write registry/repository:tag or registry/repository@sha256:…',
      },
    );
  }
  const digest = reference.digest === undefined ? undefined : parseDigest(reference.digest);
  return { name: formatReference(reference), reference, digest, signing: undefined, pinned: undefined };
}

export interface DeclaredTargetsRequest {
  readonly project: Project;
  /** None: all. */
  readonly names: readonly string[];
  readonly stateDirectory: string | undefined;
  readonly lockFile: string | undefined;
}

/** Declared bundles by the digest of the lock. @throws USAGE, LOCK_STALE, LOCK_INVALID */
export async function declaredTargets(
  { project, names, stateDirectory, lockFile }: DeclaredTargetsRequest,
  signal: AbortSignal,
): Promise<SignatureTarget[]> {
  const specs = selectBundles(project, names);
  const pinned = await readPinnedBundles({ project, specs, stateDirectory, lockFile }, { signal });
  return pinned.map((one) => ({
    name: one.spec.name,
    reference: one.spec.reference,
    digest: parseDigest(one.entry.digest),
    signing: project.signing,
    pinned: one,
  }));
}
