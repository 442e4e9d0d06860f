import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Digest } from '../../oci/digest.js';
import type { YamlValue } from '../../tekton/yaml/value.js';
import { writeYaml } from '../../tekton/yaml/write-yaml.js';
import type { LoadedObject } from '../load-bundle.js';
import { type AlignLists, canonicalText, createJsonPatch, type JsonPatchOperation } from './json-patch.js';

/** What differs in one object between two bundles. */
export interface ObjectDiff {
  readonly change: 'same' | 'added' | 'removed' | 'changed';
  /** From the layer's annotations, else from the object. */
  readonly kind: string;
  readonly name: string;
  readonly left: ObjectSide | null;
  readonly right: ObjectSide | null;
  /** RFC 6902. */
  readonly patch: readonly JsonPatchOperation[];
  /** Unified diff of both sides as YAML with sorted keys; empty where they are the same. */
  readonly unified: string;
}

/** An object as one of the two bundles holds it. */
export interface ObjectSide {
  /** Null where the content is not a Tekton object. */
  readonly apiVersion: string | null;
  readonly layer: Digest;
  readonly diffId: Digest;
}

export interface DiffTools {
  readonly align: AlignLists;
  /** The unified diff of two texts. */
  readonly unify: (left: string, right: string) => string;
}

/** Pairs the objects of two bundles by kind and name, and compares what their YAML means. */
export async function diffObjects(
  left: readonly LoadedObject[],
  right: readonly LoadedObject[],
  { align, unify }: DiffTools,
): Promise<ObjectDiff[]> {
  const diffs: ObjectDiff[] = [];
  for (const pair of pairObjects(left, right)) {
    // A signal is heard between two of them.
    await nextTurn();
    const [before, after] = [contentOf(pair.left), contentOf(pair.right)];
    const change = changeOf(before, after);
    diffs.push({
      change,
      ...identityOf((pair.left ?? pair.right) as LoadedObject),
      left: pair.left ? sideOf(pair.left) : null,
      right: pair.right ? sideOf(pair.right) : null,
      patch: change === 'same' ? [] : patchOf(before, after, align),
      unified: change === 'same' ? '' : unify(yamlOf(before), yamlOf(after)),
    });
  }
  return diffs;
}

export interface ObjectPair {
  readonly left: LoadedObject | undefined;
  readonly right: LoadedObject | undefined;
}

/** By kind and name; of several with one name the first with the first, and so on. */
export function pairObjects(left: readonly LoadedObject[], right: readonly LoadedObject[]): ObjectPair[] {
  const waiting = new Map<string, LoadedObject[]>();
  for (const object of right) waiting.set(keyOf(object), [...(waiting.get(keyOf(object)) ?? []), object]);
  const pairs = left.map((object) => ({ left: object, right: waiting.get(keyOf(object))?.shift() }));
  const added = right.filter((object) => waiting.get(keyOf(object))?.includes(object));
  return [...pairs, ...added.map((object) => ({ left: undefined, right: object }))];
}

function keyOf(object: LoadedObject): string {
  const { kind, name } = identityOf(object);
  return `${kind}\0${name}`;
}

/** From the layer's annotations, else from the object. */
export function identityOf({ annotated, object, layer }: LoadedObject): { kind: string; name: string } {
  return {
    kind: (annotated.kind ?? object?.kind ?? '').toLowerCase(),
    name: annotated.name ?? object?.name ?? layer.digest,
  };
}

function sideOf({ object, layer, diffId }: LoadedObject): ObjectSide {
  return { apiVersion: object?.apiVersion ?? null, layer: layer.digest, diffId };
}

/** Content that is not a Tekton object is compared as one text. */
function contentOf(object: LoadedObject | undefined): YamlValue | undefined {
  if (!object) return undefined;
  return object.object ? object.object.value : new TextDecoder().decode(object.content);
}

function changeOf(left: YamlValue | undefined, right: YamlValue | undefined): ObjectDiff['change'] {
  if (left === undefined) return 'added';
  if (right === undefined) return 'removed';
  return canonicalText(left) === canonicalText(right) ? 'same' : 'changed';
}

function patchOf(
  left: YamlValue | undefined,
  right: YamlValue | undefined,
  align: AlignLists,
): JsonPatchOperation[] {
  if (right === undefined) return [{ op: 'remove', path: '' }];
  if (left === undefined)
    return [{ op: 'add', path: '', value: JSON.parse(canonicalText(right)) as unknown }];
  return createJsonPatch(left, right, align);
}

function yamlOf(value: YamlValue | undefined): string {
  return value === undefined ? '' : writeYaml(sorted(value));
}

function sorted(value: YamlValue): YamlValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!(value instanceof Map)) return value;
  return new Map([...value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}
