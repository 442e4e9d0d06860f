import { utf8Text } from '../../bytes/utf8-text.js';
import { BundlesError } from '../../errors.js';
import { parseReference, type Reference, referenceName } from '../../oci/reference.js';
import type { FieldPath } from '../../tekton/objects/field-path.js';
import { editReferences, type ReferenceEdit } from '../../tekton/sources/edit-references.js';
import { type PlacedDocument, placeDocuments } from '../../tekton/sources/place-documents.js';
import type { YamlValue } from '../../tekton/yaml/value.js';
import {
  bundleFor,
  type LeftReason,
  type LeftReference,
  type ReferencedBundle,
  type ReferencedBundles,
  type UpdatedReference,
  type UpdatedText,
} from './find-references.js';

/**
 * Fields that split a reference into several scalars: the images of a kustomization (`name` or `newName`,
 * `newTag`, `digest`), and `bundleDigest` beside `bundle` in a workflow. A text that is not YAML is left as it is.
 */
export function updatePairedFields(
  bytes: Uint8Array,
  bundles: ReferencedBundles,
  { path = '' }: { readonly path?: string },
): UpdatedText {
  const unchanged = { bytes, updated: [], left: [], known: 0 };
  const isKustomization = /(?:^|\/)kustomization(?:\.ya?ml)?$/i.test(path);
  const source = utf8Text(bytes);
  if (source === undefined || !(isKustomization || source.includes('bundleDigest'))) return unchanged;
  const documents = documentsOf(source, path);
  if (documents === undefined) return unchanged;
  const pairs = documents.flatMap((document, index) => [
    ...(isKustomization ? kustomizeImages(document, index + 1) : []),
    ...workflowDigests(document, index + 1),
  ]);
  let count = 0;
  const wanted: Wanted[] = [];
  const left: LeftReference[] = [];
  for (const pair of pairs) {
    const known = bundles.get(pair.repository);
    if (known === undefined) continue;
    count++;
    const bundle = bundleFor({ tag: pair.tag, digest: pair.digest?.text }, known);
    const stays = (reason: LeftReason) => left.push({ ...pair.place, reference: pair.shown, reason });
    if (bundle === 'ambiguous') stays('ambiguous');
    else if (pair.digest !== undefined) wanted.push(...editsOf(pair, bundle));
    else if (pair.tag !== bundle.tag) stays('unpinned');
  }
  if (wanted.length === 0) return { ...unchanged, left, known: count };
  const { text, refused } = editReferences(
    source,
    wanted.map(({ edit }) => edit),
    { file: path },
  );
  const isRefused = ({ edit }: Wanted) => refused.some((one) => one.edit === edit);
  const updated = wanted.filter((one) => !isRefused(one)).map(({ report }) => report);
  const kept = wanted
    .filter(isRefused)
    .map(({ report: { line, column, from: reference } }) => ({ line, column, reference, reason: notPlain }));
  return { bytes: new TextEncoder().encode(text), updated, left: [...left, ...kept], known: count };
}

const notPlain: LeftReason = 'not-plain';

type Placed = ReturnType<PlacedDocument['placeOf']>;

interface Field {
  readonly path: FieldPath;
  readonly text: string;
  readonly place: Placed;
}

interface Pair {
  readonly document: number;
  /** Canonical. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** The field with the tag, and what it holds for another one. */
  readonly tagField: (Field & { readonly textFor: (tag: string) => string }) | undefined;
  readonly digest: Field | undefined;
  readonly place: Placed;
  /** For messages. */
  readonly shown: string;
}

interface Wanted {
  readonly edit: ReferenceEdit;
  readonly report: UpdatedReference;
}

function editsOf({ document, tagField, digest }: Pair, bundle: ReferencedBundle): Wanted[] {
  const change = (field: Field | undefined, to: string): Wanted[] => {
    if (field === undefined || field.text === to) return [];
    const report = { ...field.place, bundle: bundle.name, from: field.text, to };
    return [{ edit: { document, path: field.path, text: to }, report }];
  };
  const isBare = digest !== undefined && !digest.text.includes(':');
  const text = isBare ? bundle.digest.replace(/^sha256:/, '') : bundle.digest;
  return [...change(tagField, tagField?.textFor(bundle.tag) ?? ''), ...change(digest, text)];
}

function kustomizeImages(document: PlacedDocument, number: number): Pair[] {
  const images = member(document.value, 'images');
  if (!Array.isArray(images)) return [];
  return images.flatMap((image, index) => {
    const named = parsed(member(image, 'newName') ?? member(image, 'name'));
    const field = (key: string) => fieldAt(document, ['images', index, key], member(image, key));
    const [tag, digest] = [field('newTag'), field('digest')];
    if (named === undefined || (tag === undefined && digest === undefined)) return [];
    const repository = referenceName(named);
    return [
      {
        document: number,
        repository,
        tag: tag?.text,
        tagField: tag && { ...tag, textFor: (next: string) => next },
        digest,
        place: document.placeOf(['images', index]),
        shown: `${repository}:${tag?.text ?? ''}`,
      },
    ];
  });
}

/** A `bundle` that contains a digest is updated like any other reference. */
function workflowDigests(document: PlacedDocument, number: number): Pair[] {
  const pairs: Pair[] = [];
  const walk = (value: YamlValue, path: FieldPath) => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, [...path, index]);
    if (!(value instanceof Map)) return;
    for (const [key, item] of value) walk(item, [...path, key]);
    const digest = fieldAt(document, [...path, 'bundleDigest'], value.get('bundleDigest'));
    const field = fieldAt(document, [...path, 'bundle'], value.get('bundle'));
    const named = parsed(field?.text);
    if (digest === undefined || field === undefined || named === undefined) return;
    if (!/^(?:sha256:)?[a-f0-9]{64}$/.test(digest.text)) return;
    const textFor = (tag: string) => `${field.text.slice(0, -(named.tag ?? '').length)}${tag}`;
    pairs.push({
      document: number,
      repository: referenceName(named),
      tag: named.tag,
      tagField: named.digest === undefined && named.tag !== undefined ? { ...field, textFor } : undefined,
      digest,
      place: digest.place,
      shown: field.text,
    });
  };
  walk(document.value, []);
  return pairs;
}

function parsed(text: YamlValue | undefined): Reference | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return parseReference(text);
  } catch (error) {
    if (error instanceof BundlesError) return undefined;
    throw error;
  }
}

function documentsOf(text: string, path: string): PlacedDocument[] | undefined {
  try {
    return placeDocuments(text, path);
  } catch (error) {
    if (error instanceof BundlesError) return undefined;
    throw error;
  }
}

function fieldAt(document: PlacedDocument, path: FieldPath, value: YamlValue | undefined): Field | undefined {
  return typeof value === 'string' ? { path, text: value, place: document.placeOf(path) } : undefined;
}

function member(value: YamlValue | undefined, key: string): YamlValue | undefined {
  return value instanceof Map ? value.get(key) : undefined;
}
