import { toCanonicalJson } from '../../tekton/objects/canonical-json.js';
import type { YamlMap, YamlValue } from '../../tekton/yaml/value.js';

/** One step of a JSON patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** Finds what two lists have in common; undefined if they differ too much. */
export type AlignLists = (left: string[], right: string[]) => readonly ListRun[] | undefined;

export interface ListRun {
  readonly count: number;
  readonly added: boolean;
  readonly removed: boolean;
}

/**
 * The steps that make `right` of `left`; none where they are the same, whatever the order of their keys. Lists are
 * aligned by their items, so that an item put in between is one step; an item that changed is changed inside.
 */
export function createJsonPatch(left: YamlValue, right: YamlValue, align: AlignLists): JsonPatchOperation[] {
  return compare({ left, right, path: '' }, align);
}

/** The JSON of a value with sorted keys; equal texts, equal values. */
export function canonicalText(value: YamlValue): string {
  return new TextDecoder().decode(toCanonicalJson(value));
}

/** Deeper than any object has lists; each level of lists looks at all that is below it. */
const deepestPatch = 40;

interface Pair<T = YamlValue> {
  readonly left: T;
  readonly right: T;
  readonly path: string;
}

function compare({ left, right, path }: Pair, align: AlignLists): JsonPatchOperation[] {
  if (left instanceof Map && right instanceof Map) return compareMaps({ left, right, path }, align);
  if (canonicalText(left) === canonicalText(right)) return [];
  const isDeep = path.split('/').length > deepestPatch;
  if (Array.isArray(left) && Array.isArray(right) && !isDeep)
    return compareLists({ left, right, path }, align);
  return [{ op: 'replace', path, value: plain(right) }];
}

function compareMaps({ left, right, path }: Pair<YamlMap>, align: AlignLists): JsonPatchOperation[] {
  const keys = [...new Set([...left.keys(), ...right.keys()])].sort();
  return keys.flatMap((key): JsonPatchOperation[] => {
    const [before, after] = [left.get(key), right.get(key)];
    const inner = `${path}/${pointerPart(key)}`;
    if (after === undefined) return [{ op: 'remove', path: inner }];
    if (before === undefined) return [{ op: 'add', path: inner, value: plain(after) }];
    return compare({ left: before, right: after, path: inner }, align);
  });
}

function compareLists({ left, right, path }: Pair<YamlValue[]>, align: AlignLists): JsonPatchOperation[] {
  const runs = align(left.map(canonicalText), right.map(canonicalText));
  if (!runs) return [{ op: 'replace', path, value: plain(right) }];
  const operations: JsonPatchOperation[] = [];
  // Places in the two lists; the patched list is as far as the right one.
  let [from, to] = [0, 0];
  for (let index = 0; index < runs.length; index++) {
    const run = runs[index];
    if (!run) break;
    if (!run.added && !run.removed) {
      from += run.count;
      to += run.count;
      continue;
    }
    const next = runs[index + 1];
    const isPair = next !== undefined && (next.added || next.removed) && next.added !== run.added;
    const [removed, added] = run.removed
      ? [run, isPair ? next : undefined]
      : [isPair ? next : undefined, run];
    if (isPair) index++;
    const changed = Math.min(removed?.count ?? 0, added?.count ?? 0);
    for (let step = 0; step < changed; step++, from++, to++) {
      const pair = { left: left[from] ?? null, right: right[to] ?? null, path: `${path}/${to}` };
      for (const operation of compare(pair, align)) operations.push(operation);
    }
    for (let step = changed; step < (removed?.count ?? 0); step++, from++) {
      operations.push({ op: 'remove', path: `${path}/${to}` });
    }
    for (let step = changed; step < (added?.count ?? 0); step++, to++) {
      operations.push({ op: 'add', path: `${path}/${to}`, value: plain(right[to] ?? null) });
    }
  }
  return operations;
}

function plain(value: YamlValue): unknown {
  return JSON.parse(canonicalText(value));
}

function pointerPart(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
