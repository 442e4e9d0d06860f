import { BundlesError } from '../../errors.js';
import { type FieldPath, valueAt } from '../objects/field-path.js';
import { childEntry, findWritten, type WrittenScalar, type YamlNode } from '../yaml/nodes.js';
import { resolveScalar } from '../yaml/resolve-scalar.js';
import type { YamlValue } from '../yaml/value.js';
import { type PlacedDocument, placeDocuments } from './place-documents.js';

/** A change of one scalar of a text. */
export interface ReferenceEdit {
  /** Counted from 1 within the text. */
  readonly document: number;
  /** From the document's root, e.g. `['spec', 'steps', 0, 'image']`. */
  readonly path: FieldPath;
  /** What it states afterwards; always read as a string. */
  readonly text: string;
}

export interface RefusedEdit {
  readonly edit: ReferenceEdit;
  /**
   * `absent`: no such field; `collection`: a list or a mapping is there; `not-plain`: block text, or text of several
   * lines; `shared`: something else would change with it, by an anchor or a merge.
   */
  readonly reason: 'absent' | 'collection' | 'not-plain' | 'shared';
}

export interface EditedReferences {
  readonly text: string;
  /** Edits that were not made; all others were. */
  readonly refused: readonly RefusedEdit[];
}

/**
 * Writes other references, or other scalars, into YAML or JSON of one or several documents and leaves every other byte
 * as it is: comments, order, quotes, line ends and anchors. The result is read back; an edit that would change anything
 * else is refused. A scalar that several places share by an anchor is changed only if all of them get the same value.
 *
 * @throws YAML_INVALID for a text that cannot be read
 */
export function editReferences(
  text: string,
  edits: readonly ReferenceEdit[],
  { file = '-' }: { readonly file?: string } = {},
): EditedReferences {
  const documents = placeDocuments(text, file);
  const refused: RefusedEdit[] = [];
  const found = edits.flatMap((edit) => {
    const place = placeOf(documents[edit.document - 1], edit.path);
    if (typeof place === 'string') refused.push({ edit, reason: place });
    return typeof place === 'string' ? [] : [{ edit, ...place }];
  });
  const replacements = new Map<number, Replacement>();
  const direct = new Set(found.map(({ node }) => node));
  for (const { edit, node: given, document } of found) {
    // An alias of another scalar that is edited changes with it; of anything else, the alias itself is replaced.
    const node = given.type === 'alias' && direct.has(given.target) ? given.target : given;
    const token = tokenOf(text, document, node);
    const replacement = token && replacementOf(token, edit, document);
    const other = token && replacements.get(token.start);
    if (replacement === undefined) refused.push({ edit, reason: 'not-plain' });
    else if (other === undefined) replacements.set(replacement.start, replacement);
    else if (other.text === replacement.text) other.edits.push(edit);
    else refused.push({ edit, reason: 'shared' });
  }
  const possible = [...replacements.values()].sort((left, right) => left.start - right.start);
  const made = largestPossible(possible, { text, file, documents, left: MOST_ATTEMPTS });
  for (const { edits: own } of possible.filter((replacement) => !made.includes(replacement)))
    refused.push(...own.map((edit) => ({ edit, reason: 'shared' }) as const));
  return { text: apply(text, made), refused };
}

/** Each attempt reads the text again. */
const MOST_ATTEMPTS = 100;

interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Those that it makes true: several where an anchor is shared. */
  readonly edits: ReferenceEdit[];
}

interface FoundScalar {
  readonly document: PlacedDocument;
  readonly node: YamlNode;
}

function placeOf(
  document: PlacedDocument | undefined,
  path: FieldPath,
): FoundScalar | 'absent' | 'collection' | 'not-plain' {
  if (document === undefined) return 'absent';
  const value = valueAt(document.value, path);
  const node = path.reduce<YamlNode | undefined>(
    (at, part) => at && childEntry(at, part)?.value,
    document.root,
  );
  if (value === undefined) return 'absent';
  if (typeof value === 'object' && value !== null) return 'collection';
  return node === undefined ? 'not-plain' : { document, node };
}

function tokenOf(text: string, document: PlacedDocument, node: YamlNode): WrittenScalar | undefined {
  const written = node.type === 'scalar' ? node.value : '';
  return findWritten(text, document.offsetInFile(node.offset), { node, text: written });
}

function replacementOf(
  { start, end, quote }: WrittenScalar,
  edit: ReferenceEdit,
  { syntax }: PlacedDocument,
): Replacement {
  return { start, end, text: quoted(edit.text, syntax === 'json' ? '"' : quote), edits: [edit] };
}

/** In the existing quotes if possible, and without quotes only if the plain text is read as a string. */
function quoted(text: string, quote: WrittenScalar['quote']): string {
  if (quote === '' && plain.test(text) && resolveScalar(text, '')?.type === 'str') return text;
  if (quote === "'" && !/[^\x20-\x7e]/.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return JSON.stringify(text);
}

const plain = /^[A-Za-z0-9_./$](?:[A-Za-z0-9_./@:+$()-]*[A-Za-z0-9_./)-])?$/;

interface Attempt {
  readonly text: string;
  readonly file: string;
  readonly documents: readonly PlacedDocument[];
  left: number;
}

/** Those replacements after which the text states what it should: all of them, or without the ones that spoil it. */
function largestPossible(replacements: readonly Replacement[], attempt: Attempt): readonly Replacement[] {
  if (replacements.length === 0) return [];
  if (attempt.left-- <= 0) return [];
  if (isExact(replacements, attempt)) return replacements;
  if (replacements.length === 1) return [];
  const middle = Math.ceil(replacements.length / 2);
  const parts = [replacements.slice(0, middle), replacements.slice(middle)];
  const kept = parts.flatMap((part) => largestPossible(part, attempt));
  return isExact(kept, attempt) ? kept : [];
}

/** Whether the edits are the only change in the documents. */
function isExact(replacements: readonly Replacement[], { text, file, documents }: Attempt): boolean {
  let after: readonly PlacedDocument[];
  try {
    after = placeDocuments(apply(text, replacements), file);
  } catch (error) {
    if (error instanceof BundlesError) return false;
    throw error;
  }
  const isSame = (document: PlacedDocument, index: number) => document.syntax === after[index]?.syntax;
  if (after.length !== documents.length || !documents.every(isSame)) return false;
  const wanted = documents.map((): Wanted => ({ children: new Map() }));
  for (const { document, path, text: next } of replacements.flatMap(({ edits }) => edits)) {
    let at = wanted[document - 1];
    for (const part of path) {
      const child: Wanted = at?.children.get(String(part)) ?? { children: new Map() };
      at?.children.set(String(part), child);
      at = child;
    }
    if (at) at.text = next;
  }
  return documents.every(({ value }, index) => isAsWanted(value, after[index]?.value ?? null, wanted[index]));
}

/** The new text of a value and of those inside it, where they change. */
interface Wanted {
  text?: string;
  readonly children: Map<string, Wanted>;
}

function isAsWanted(old: YamlValue, now: YamlValue, wanted: Wanted | undefined): boolean {
  if (wanted?.text !== undefined) return now === wanted.text;
  if (Array.isArray(old)) {
    if (!Array.isArray(now) || now.length !== old.length) return false;
    return old.every((item, index) =>
      isAsWanted(item, now[index] ?? null, wanted?.children.get(String(index))),
    );
  }
  if (old instanceof Map) {
    if (!(now instanceof Map) || now.size !== old.size) return false;
    return [...old].every(
      ([key, item]) => now.has(key) && isAsWanted(item, now.get(key) ?? null, wanted?.children.get(key)),
    );
  }
  return Object.is(old, now);
}

function apply(text: string, replacements: readonly Replacement[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: next } of replacements) {
    result += text.slice(at, start) + next;
    at = end;
  }
  return result + text.slice(at);
}
