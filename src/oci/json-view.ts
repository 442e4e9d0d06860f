import { BundlesError } from '../errors.js';
import type { Descriptor } from './descriptor.js';
import { isDigest } from './digest.js';

/** An untrusted JSON object, with its position for error messages. */
export interface JsonView {
  readonly value: Readonly<Record<string, unknown>>;
  /** What is being read, e.g. `manifest`. */
  readonly what: string;
  /** E.g. `layers[2]`; empty for the document itself. */
  readonly path: string;
}

/** Annotations or labels: texts by their names. */
export type StringMap = Readonly<Record<string, string>>;

const MEDIA_TYPE = /^[A-Za-z0-9][\w.+!#$&^-]{0,126}\/[A-Za-z0-9][\w.+!#$&^-]{0,126}$/;
const MAX_ITEMS = 10_000;

/** @throws BUNDLE_INVALID for what is not a JSON object in UTF-8, TOO_LARGE beyond `limit` bytes */
export function parseJsonView(
  bytes: Uint8Array,
  { what, limit }: { readonly what: string; readonly limit: number },
): JsonView {
  if (bytes.length > limit) {
    throw new BundlesError(
      'TOO_LARGE',
      `Cannot read the ${what}: ${bytes.length} bytes, at most ${limit} allowed`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new BundlesError('BUNDLE_INVALID', `Cannot read the ${what}: it is not JSON in UTF-8`, { cause });
  }
  return asView(value, what, '');
}

/** The object at `key`; undefined where the key is missing or null. */
export function objectAt(view: JsonView, key: string): JsonView | undefined {
  const value = valueAt(view, key);
  return value === undefined ? undefined : asView(value, view.what, join(view.path, key));
}

/** The objects of the list at `key`; undefined where the key is missing or null. */
export function objectsAt(view: JsonView, key: string): JsonView[] | undefined {
  const value = valueAt(view, key);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw invalid(view, { key, found: value, wanted: 'a list' });
  if (value.length > MAX_ITEMS)
    throw invalid(view, { key, found: value, wanted: `at most ${MAX_ITEMS} entries` });
  return value.map((item, index) => asView(item, view.what, `${join(view.path, key)}[${index}]`));
}

/** The strings of the list at `key`, none where it is missing or null. */
export function stringsAt(view: JsonView, key: string): string[] {
  const value = valueAt(view, key) ?? [];
  if (!Array.isArray(value)) throw invalid(view, { key, found: value, wanted: 'a list of strings' });
  for (const item of value) {
    if (typeof item !== 'string') throw invalid(view, { key, found: item, wanted: 'a list of strings' });
  }
  return value;
}

export function stringAt(view: JsonView, key: string): string | undefined {
  const value = valueAt(view, key);
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(view, { key, found: value, wanted: 'a string' });
}

/** A map of strings without a prototype, empty where it is missing or null. */
export function stringMapAt(view: JsonView, key: string): StringMap {
  const map: Record<string, string> = Object.create(null);
  // Not asView: the keys are free here.
  const value = valueAt(view, key) ?? {};
  if (!isRecord(value)) throw invalid(view, { key, found: value, wanted: 'an object of strings' });
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw invalid(view, { key: `${key}.${name}`, found: text, wanted: 'a string' });
    map[name] = text;
  }
  return map;
}

/** @throws BUNDLE_INVALID unless media type, digest and size are those of some content */
export function descriptorOf(view: JsonView): Descriptor {
  const mediaType = stringAt(view, 'mediaType');
  if (mediaType === undefined || !MEDIA_TYPE.test(mediaType)) {
    throw invalid(view, { key: 'mediaType', found: mediaType, wanted: 'a media type' });
  }
  const digest = stringAt(view, 'digest');
  if (!isDigest(digest))
    throw invalid(view, { key: 'digest', found: digest, wanted: 'sha256: and 64 hexadecimal digits' });
  const size = valueAt(view, 'size');
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(view, { key: 'size', found: size, wanted: 'a number of bytes' });
  }
  const artifactType = stringAt(view, 'artifactType');
  return {
    mediaType,
    digest,
    size,
    ...(valueAt(view, 'annotations') === undefined ? {} : { annotations: stringMapAt(view, 'annotations') }),
    ...(artifactType ? { artifactType } : {}),
  };
}

/** The value of an own key; undefined also for null, as in Go. */
export function valueAt(view: JsonView, key: string): unknown {
  return Object.hasOwn(view.value, key) ? (view.value[key] ?? undefined) : undefined;
}

/**
 * Go's decoder accepts `Layers` for `layers`, this one does not: a document with such a key would mean different things
 * to the cluster and to this program.
 */
export function refuseOtherSpellings(view: JsonView, known: readonly string[]): void {
  for (const key of Object.keys(view.value)) {
    if (known.includes(key)) continue;
    const folded = key.toUpperCase().toLowerCase();
    const meant = known.find((name) => name.toLowerCase() === folded);
    if (meant) throw invalid(view, { key, found: key, wanted: `the spelling ${JSON.stringify(meant)}` });
  }
}

interface Finding {
  readonly key: string;
  readonly found: unknown;
  readonly wanted: string;
}

export function invalid({ what, path }: JsonView, { key, found, wanted }: Finding): BundlesError {
  const where = key === '' ? path : join(path, key);
  const at = where === '' ? '' : ` at ${JSON.stringify(where.slice(0, 200))}`;
  return new BundlesError(
    'BUNDLE_INVALID',
    `Cannot read the ${what}${at}: found ${shown(found)}, wanted ${wanted}`,
    {
      details: { what, path: where },
    },
  );
}

function asView(value: unknown, what: string, path: string): JsonView {
  if (isRecord(value)) return { value, what, path };
  throw invalid({ value: {}, what, path }, { key: '', found: value, wanted: 'an object' });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return value === null ? 'null' : 'an object';
  return JSON.stringify(value).slice(0, 100);
}
