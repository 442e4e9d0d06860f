import { shorten } from '../../http/shorten.js';
import type { StringMap } from '../../oci/json-view.js';

/** Differences that leave the content as it is. */
const tolerated = ['created', 'history', 'compression', 'media-types', 'serialization'] as const;

/** The differences that leave two bundles equivalent. */
export type ToleratedWhat = (typeof tolerated)[number];

/** Differences in what the bundle is, or states. */
export type DifferentWhat =
  | 'type'
  | 'manifest'
  | 'config'
  | 'diff-ids'
  | 'labels'
  | 'annotations'
  | 'objects'
  | 'layer-annotations';

/** One point in which a bundle on a registry differs from ours, with both values as short text. */
export interface BundleDifference {
  readonly what: ToleratedWhat | DifferentWhat;
  readonly ours: string;
  readonly theirs: string;
  /** For `created`: the time zone of the remote bundle, e.g. `-05:00`, if both name the same moment. */
  readonly zone?: string;
}

/** What a push of our bundle over the other would do to an object. */
export interface ObjectDifference {
  readonly change: 'added' | 'removed' | 'changed' | 'moved';
  /** In lower case; empty where the other bundle does not name it. */
  readonly kind: string;
  readonly name: string;
}

export function isTolerated(difference: BundleDifference): boolean {
  return tolerated.some((what) => what === difference.what);
}

/** One line for people, e.g. `created: 1969-12-31T19:00:00-05:00 there, … here (the same moment in zone -05:00)`. */
export function describeDifference({ what, ours, theirs, zone }: BundleDifference): string {
  const moment = zone === undefined ? '' : ` (the same moment, written in zone ${zone})`;
  return `${what.replace('-', ' ')}: ${shown(theirs)} there, ${shown(ours)} here${moment}`;
}

/** One line for people, e.g. `task helper: changed`. */
export function describeObjectDifference({ change, kind, name }: ObjectDifference): string {
  return `${shown(`${kind} ${name}`.trim())}: ${change}`;
}

/** Remote text, on one line and short. */
function shown(text: string): string {
  return shorten(text, { max: 200 }) || 'nothing';
}

/** One difference for each key whose value differs, is missing or is new. */
export function mapDifference(
  what: BundleDifference['what'],
  ours: StringMap,
  theirs: StringMap,
): BundleDifference[] {
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  return [...keys]
    .filter((key) => valueIn(ours, key) !== valueIn(theirs, key))
    .map((key) => ({ what, ours: entry(key, valueIn(ours, key)), theirs: entry(key, valueIn(theirs, key)) }));
}

function valueIn(map: StringMap, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function entry(key: string, value: string | undefined): string {
  return value === undefined ? `no ${key}` : `${key}=${value}`;
}
