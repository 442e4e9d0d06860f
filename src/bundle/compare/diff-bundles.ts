import type { StringMap } from '../../oci/json-view.js';
import type { YamlMap } from '../../tekton/yaml/value.js';
import type { LoadedBundle } from '../load-bundle.js';
import { createJsonPatch, type JsonPatchOperation } from './json-patch.js';
import { diffObjects, type ObjectDiff } from './object-diff.js';

/** One of two bundles that are compared. */
export interface DiffSide {
  readonly bundle: LoadedBundle;
  /** For the head of a unified diff. */
  readonly name: string;
  /** Only the objects of bare files are compared: files have no annotations, labels or created time. Default false. */
  readonly isBare?: boolean;
}

/** What differs between two bundles: how to make the right one of the left one. */
export interface BundleDiff {
  /** The same objects, annotations and labels, whatever the order, formatting, compression or time. */
  readonly same: boolean;
  /** The references name the same digest, that of an index where they name one; never where a side is bare files. */
  readonly identical: boolean;
  /** All objects of both sides, in the order of the left one. */
  readonly objects: readonly ObjectDiff[];
  /** Of the manifest. */
  readonly annotations: readonly JsonPatchOperation[];
  /** Of the config. */
  readonly labels: readonly JsonPatchOperation[];
  /** What differs and changes nothing, in a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Compares two bundles object by object, by what their YAML means. The result states how to make the right one of the left one.
 *
 * @example
 * ```ts
 * import { buildBundle, diffBundles, loadBuiltBundle, readSources } from 'tekton-bundles/bundle';
 *
 * const load = (text: string) => {
 *   const { objects } = readSources([{ path: 'task.yaml', bytes: new TextEncoder().encode(text) }]);
 *   return loadBuiltBundle(buildBundle(objects));
 * };
 * const task = 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: build}\nspec: {steps: [{name: run, image: alpine:3.20}]}\n';
 * const left = await load(task);
 * const right = await load(task.replace('3.20', '3.21'));
 * const { same, objects } = await diffBundles({ bundle: left, name: 'old' }, { bundle: right, name: 'new' });
 * console.log(same, objects[0]?.change); // false changed
 * console.log(objects[0]?.patch[0]);
 * // { op: 'replace', path: '/spec/steps/0/image', value: 'alpine:3.21' }
 * ```
 */
export async function diffBundles(left: DiffSide, right: DiffSide): Promise<BundleDiff> {
  const { diffArrays, createTwoFilesPatch } = await import('diff');
  // Lists and texts that have next to nothing in common are not worth minutes.
  const align = (one: string[], other: string[]) => diffArrays(one, other, { maxEditLength: 1000 });
  const unify = (one: string, other: string) =>
    createTwoFilesPatch(left.name, right.name, one, other, '', '', {
      headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
      maxEditLength: 5000,
    }) ?? wholly(left.name, right.name, { one, other });
  const objects = await diffObjects(left.bundle.objects, right.bundle.objects, { align, unify });
  const isWhole = !left.isBare && !right.isBare;
  const maps = (one: StringMap, other: StringMap) =>
    isWhole ? createJsonPatch(mapOf(one), mapOf(other), align) : [];
  const annotations = maps(left.bundle.manifest.annotations, right.bundle.manifest.annotations);
  const labels = maps(left.bundle.config.labels, right.bundle.config.labels);
  const sameObjects = objects.every(({ change }) => change === 'same');
  return {
    same: sameObjects && annotations.length === 0 && labels.length === 0,
    identical: isWhole && namedDigest(left.bundle) === namedDigest(right.bundle),
    objects,
    annotations,
    labels,
    notes: diffNotes({ left: left.bundle, right: right.bundle, objects, isWhole }),
  };
}

function namedDigest({ digest, index }: LoadedBundle): string {
  return index ?? digest;
}

function mapOf(map: StringMap): YamlMap {
  return new Map(Object.entries(map));
}

/** Where nothing in common was found in time. */
function wholly(
  left: string,
  right: string,
  { one, other }: { readonly one: string; readonly other: string },
): string {
  const lines = (sign: string, text: string) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => `${sign}${line}\n`)
      .join('');
  const count = (text: string) => text.split('\n').length - 1;
  const head = `--- ${left}\n+++ ${right}\n@@ -1,${count(one)} +1,${count(other)} @@\n`;
  return head + lines('-', one) + lines('+', other);
}

interface DiffNotesRequest {
  readonly left: LoadedBundle;
  readonly right: LoadedBundle;
  readonly objects: readonly ObjectDiff[];
  /** False if one side is bare files: then only objects are compared. */
  readonly isWhole: boolean;
}

/** Differences between two bundles that do not change their meaning. */
function diffNotes({ left, right, objects, isWhole }: DiffNotesRequest): string[] {
  const notes: string[] = [];
  const same = objects.filter(({ change }) => change === 'same');
  const reformatted = same.filter((object) => object.left?.diffId !== object.right?.diffId);
  for (const { kind, name } of reformatted)
    notes.push(`${kind} ${name} is written in other bytes, with the same values`);
  if (!isWhole) return notes;
  const recompressed = same.filter(
    (object) => object.left?.diffId === object.right?.diffId && object.left?.layer !== object.right?.layer,
  );
  if (recompressed.length > 0) {
    notes.push(
      `the layers are compressed otherwise: ${recompressed.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`,
    );
  }
  const order = (bundle: LoadedBundle, side: 'left' | 'right') =>
    bundle.objects
      .map(({ layer }) => same.findIndex((object) => object[side]?.layer === layer.digest))
      .filter((index) => index >= 0)
      .join();
  if (order(left, 'left') !== order(right, 'right')) notes.push('the order of the objects differs');
  const pair = (what: string, one: string | undefined, other: string | undefined) => {
    if (one !== other) notes.push(`${what}: ${one ?? 'none'} on the left, ${other ?? 'none'} on the right`);
  };
  pair('created', left.config.created, right.config.created);
  pair('media type', left.manifest.mediaType, right.manifest.mediaType);
  pair('platform', platform(left), platform(right));
  if (left.digest !== right.digest && notes.length === 0 && objects.length === same.length) {
    notes.push('manifest or config are written in other bytes');
  }
  pair('index', left.index, right.index);
  return notes;
}

function platform({ config: { os, architecture } }: LoadedBundle): string {
  return os === '' && architecture === '' ? 'none' : `${os}/${architecture}`;
}
