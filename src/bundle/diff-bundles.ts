import type { YamlMap } from '../tekton/yaml/value.js';
import { diffNotes } from './diff-notes.js';
import type { StringMap } from './go-json.js';
import { createJsonPatch, type JsonPatchOperation } from './json-patch.js';
import type { LoadedBundle } from './load-bundle.js';
import { diffObjects, type ObjectDiff } from './object-diff.js';

export interface DiffSide {
  readonly bundle: LoadedBundle;
  /** For the head of a unified diff. */
  readonly name: string;
  /** Of bare files only the objects are compared: they have no annotations, labels or time of their own. Default false. */
  readonly isBare?: boolean;
}

/** What differs between two bundles: how to make the right one of the left one. */
export interface BundleDiff {
  /** The same objects, annotations and labels, whatever the order, formatting, compression or time. */
  readonly same: boolean;
  /** The same digest; never where a side is bare files. */
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

/** Compares two bundles object by object, by what their YAML means. */
export async function diffBundles(left: DiffSide, right: DiffSide): Promise<BundleDiff> {
  const { diffArrays, createTwoFilesPatch } = await import('diff');
  // Lists and texts that have next to nothing in common are not worth minutes.
  const align = (one: string[], other: string[]) => diffArrays(one, other, { maxEditLength: 1000 });
  const unify = (one: string, other: string) =>
    createTwoFilesPatch(left.name, right.name, one, other, '', '', {
      headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
      maxEditLength: 5000,
    }) ?? wholly(left.name, right.name, { one, other });
  const objects = diffObjects(left.bundle.objects, right.bundle.objects, { align, unify });
  const isWhole = !left.isBare && !right.isBare;
  const maps = (one: StringMap, other: StringMap) =>
    isWhole ? createJsonPatch(mapOf(one), mapOf(other), align) : [];
  const annotations = maps(left.bundle.manifest.annotations, right.bundle.manifest.annotations);
  const labels = maps(left.bundle.config.labels, right.bundle.config.labels);
  const sameObjects = objects.every(({ change }) => change === 'same');
  return {
    same: sameObjects && annotations.length === 0 && labels.length === 0,
    identical: isWhole && left.bundle.digest === right.bundle.digest,
    objects,
    annotations,
    labels,
    notes: diffNotes({ left: left.bundle, right: right.bundle, objects, isWhole }),
  };
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
