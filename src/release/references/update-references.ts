import { Buffer } from 'node:buffer';
import {
  bundleFor,
  type FoundReference,
  findReferences,
  type LeftReason,
  type ReferencedBundles,
  type UpdatedText,
} from './find-references.js';
import { updatePairedFields } from './paired-fields.js';

/** What is updated, and what kind of file the text is. */
export interface UpdateReferencesOptions {
  /** Also give a digest to references that have a tag alone. Default false. */
  readonly pin?: boolean;
  /** For what only some files mean, as `kustomization.yaml`. */
  readonly path?: string;
}

/**
 * Brings the references of a lock's bundles in any text to that lock: `repository:tag@digest` wherever it is, in
 * comments too; the `newTag` and `digest` of a kustomization's images; the `bundleDigest` beside a workflow's `bundle`. Only
 * repositories of the lock are touched, and only the tag and the digest of them; the text keeps its encoding and line ends.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { readReferencedBundles, updateReferences } from 'tekton-bundles/bundle';
 *
 * const bundles = readReferencedBundles(await readFile('bundles.lock', 'utf8'));
 * const [repository = ''] = bundles.keys();
 * const text = `value: ${repository}:v0.9.0@sha256:${'0'.repeat(64)}\n`;
 * const { bytes, updated } = updateReferences(new TextEncoder().encode(text), bundles);
 * console.log(updated.length, new TextDecoder().decode(bytes).startsWith(`value: ${repository}:`)); // 1 true
 * ```
 */
export function updateReferences(
  bytes: Uint8Array,
  bundles: ReferencedBundles,
  options: UpdateReferencesOptions = {},
): UpdatedText {
  // These lie on the same lines before and after, and the references beside them are brought to the lock below.
  const paired = updatePairedFields(bytes, bundles, options);
  const updated = [...paired.updated];
  const left = [...paired.left];
  // Every byte is one character, so that it is all the same how the text is encoded.
  const whole = latin1(paired.bytes);
  const places = placesIn(paired.bytes);
  let text = '';
  let at = 0;
  const references = findReferences(whole, bundles);
  for (const found of references) {
    const place = places(found.start);
    const next = nextOf(found, bundles, options);
    if (next.bundle === undefined) {
      if (next.reason) left.push({ ...place, reference: found.text, reason: next.reason });
      continue;
    }
    updated.push({ ...place, bundle: next.bundle, from: found.text, to: next.text });
    text += whole.slice(at, found.nameEnd) + next.text.slice(found.nameEnd - found.start);
    at = found.end;
  }
  return {
    bytes: at === 0 ? paired.bytes : Buffer.from(text + whole.slice(at), 'latin1'),
    updated: updated.sort(byPlace),
    left: left.sort(byPlace),
    known: references.length + paired.known,
  };
}

interface Placed {
  readonly line: number;
  readonly column: number;
}

const byPlace = (one: Placed, other: Placed) => one.line - other.line || one.column - other.column;

type Next =
  | { readonly bundle: string; readonly text: string }
  | { readonly bundle: undefined; readonly reason: LeftReason | undefined };

function nextOf(
  { text, start, nameEnd, reference }: FoundReference,
  bundles: ReferencedBundles,
  { pin = false }: UpdateReferencesOptions,
): Next {
  const keep = (reason?: LeftReason): Next => ({ bundle: undefined, reason });
  const known = bundles.get(`${reference.registry}/${reference.repository}`) ?? [];
  const bundle = bundleFor(reference, known);
  if (bundle === 'ambiguous') return keep('ambiguous');
  // A tag alone that is the lock's is not out of date.
  if (reference.digest === undefined && !pin)
    return keep(reference.tag === bundle.tag ? undefined : 'unpinned');
  const next = `${text.slice(0, nameEnd - start)}:${bundle.tag}@${bundle.digest}`;
  return next === text ? keep() : { bundle: bundle.name, text: next };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Lines and columns of offsets that only grow. */
function placesIn(bytes: Uint8Array): (offset: number) => Placed {
  let line = 1;
  let lineStart = 0;
  let scanned = 0;
  return (offset) => {
    for (; scanned < offset; scanned++) {
      if (bytes[scanned] !== 10) continue;
      line++;
      lineStart = scanned + 1;
    }
    // Continuation bytes of UTF-8 do not count as columns.
    let column = 1;
    for (let index = lineStart; index < offset; index++) if (((bytes[index] ?? 0) & 0xc0) !== 0x80) column++;
    return { line, column };
  };
}
