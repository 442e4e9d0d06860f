import type { StringMap } from '../../oci/json-view.js';
import type { BundleDifference } from './difference.js';

/** One difference for each key whose value differs, is missing or is new. */
export function mapDifference(
  what: BundleDifference['what'],
  ours: StringMap,
  theirs: StringMap,
): BundleDifference[] {
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...keys]
    .filter((key) => valueAt(ours, key) !== valueAt(theirs, key))
    .map((key) => ({ what, ours: entry(key, valueAt(ours, key)), theirs: entry(key, valueAt(theirs, key)) }));
}

function valueAt(map: StringMap, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function entry(key: string, value: string | undefined): string {
  return value === undefined ? `no ${key}` : `${key}=${value}`;
}
