import { BundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import { parseReference, type Reference, referenceName } from '../../oci/reference.js';
import type { Lock } from '../../project/lock/lock.js';
import { parseLock } from '../../project/lock/read-lock-text.js';

/** One bundle as the lock has it. */
export interface ReferencedBundle {
  readonly name: string;
  readonly tag: string;
  readonly digest: Digest;
}

/** The bundles of a lock by their canonical `registry/repository`; several may share one, each with a different tag. */
export type ReferencedBundles = ReadonlyMap<string, readonly ReferencedBundle[]>;

/**
 * The bundles in the text of a bundles.lock, as `updateReferences` looks for them. `file` is its name in errors.
 *
 * @throws LOCK_INVALID with line and column
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { readReferencedBundles } from 'tekton-bundles/bundle';
 *
 * const bundles = readReferencedBundles(await readFile('bundles.lock', 'utf8'));
 * console.log([...bundles.values()].flat().map(({ name }) => name)); // [ 'failing', 'hello-world' ]
 * ```
 */
export function readReferencedBundles(text: string, file = 'bundles.lock'): ReferencedBundles {
  return referencedBundles(parseLock(text, file));
}

/** The bundles of a lock, as `updateReferences` looks for them. */
export function referencedBundles({ entries }: Lock): ReferencedBundles {
  const bundles = new Map<string, ReferencedBundle[]>();
  for (const [name, { reference, digest }] of entries) {
    const parsed = parseReference(reference);
    const repository = referenceName(parsed);
    const known = bundles.get(repository) ?? [];
    bundles.set(repository, [...known, { name, tag: parsed.tag ?? '', digest }]);
  }
  return bundles;
}

/** A reference to one of these repositories somewhere in a text. */
export interface FoundReference {
  /** Of the whole reference in the text. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly reference: Reference;
  /** The end of `registry/repository` as it is written. */
  readonly nameEnd: number;
}

/** No reference is longer. */
const longest = 800;
const words = /(?:\[[0-9A-Fa-f:.]+\](?=:))?[A-Za-z0-9._\-/:@]+/g;
const digestWord = /@(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})(?![A-Za-z0-9])/;

/**
 * The references to known repositories in any text, with a tag or a digest: found by their characters alone, so that it is
 * all the same what language the text is in. `docker://` and `oci://` may stand in front.
 */
export function findReferences(text: string, bundles: ReferencedBundles): FoundReference[] {
  const found: FoundReference[] = [];
  for (const match of text.matchAll(words)) {
    const word = match[0];
    if (!/[:@]/.test(word) || !word.includes('/')) continue;
    const reference = readWord(word, match.index);
    if (reference && bundles.has(referenceName(reference.reference))) found.push(reference);
  }
  return found;
}

function readWord(word: string, at: number): FoundReference | undefined {
  const digest = digestWord.exec(word);
  // What follows a digest, or ends a sentence, belongs to the text around.
  const end = digest ? digest.index + digest[0].length : trimmedLength(word);
  if (digest && !/^[.:/-]*$/.test(word.slice(end))) return undefined;
  const scheme = word.lastIndexOf('://', end);
  const first = scheme < 0 ? (/^[.:@/-]*/.exec(word)?.[0].length ?? 0) : scheme + 3;
  const text = word.slice(first, end);
  if (text.length > longest) return undefined;
  const reference = parsed(text);
  if (!reference || (reference.tag === undefined && reference.digest === undefined)) return undefined;
  const suffix =
    (reference.tag === undefined ? 0 : reference.tag.length + 1) +
    (reference.digest === undefined ? 0 : reference.digest.length + 1);
  const start = at + first;
  return { start, end: at + end, text, reference, nameEnd: at + end - suffix };
}

/** Without the marks at its end; not by a regular expression, which would look at a long row of them once for each. */
function trimmedLength(word: string): number {
  let length = word.length;
  while (length > 0 && '.:@/-'.includes(word.charAt(length - 1))) length--;
  return length;
}

function parsed(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof BundlesError) return undefined;
    throw error;
  }
}

/** Why a reference stays as it is. */
export type LeftReason =
  /** It has no digest, and pinning was not requested. */
  | 'unpinned'
  /** Several bundles of the lock share the repository, and none of them has its tag. */
  | 'ambiguous'
  /** A field that cannot be edited without a change elsewhere: shared by an anchor, of several lines, or in no valid YAML. */
  | 'not-plain';

/** A reference that is updated. */
export interface UpdatedReference {
  /** From 1; the column counts characters. */
  readonly line: number;
  readonly column: number;
  /** The bundle's name. */
  readonly bundle: string;
  readonly from: string;
  readonly to: string;
}

/** A reference that does not name what the lock has, and stays. */
export interface LeftReference {
  readonly line: number;
  readonly column: number;
  readonly reference: string;
  readonly reason: LeftReason;
}

/** A text with its references updated, and what became of each. */
export interface UpdatedText {
  /** The bytes of the text, with every other byte as it was. */
  readonly bytes: Uint8Array;
  readonly updated: readonly UpdatedReference[];
  readonly left: readonly LeftReference[];
  /** How many references to bundles of the lock there are, those included that stay. */
  readonly known: number;
}

/** The bundle that a reference is to name, or why it stays. */
export function bundleFor(
  { tag, digest }: { readonly tag?: string | undefined; readonly digest?: string | undefined },
  bundles: readonly ReferencedBundle[],
): ReferencedBundle | 'ambiguous' {
  const [only, ...others] = bundles;
  if (only && others.length === 0) return only;
  return (
    bundles.find((bundle) => tag !== undefined && bundle.tag === tag) ??
    bundles.find((bundle) => tag === undefined && bundle.digest === digest) ??
    'ambiguous'
  );
}
