import { type Digest, isDigest } from './digest.js';
import {
  invalid,
  type JsonView,
  objectAt,
  objectsAt,
  parseJsonView,
  refuseOtherSpellings,
  type StringMap,
  stringAt,
  stringMapAt,
  stringsAt,
} from './json-view.js';
import { MANIFEST_BYTES } from './manifest.js';

/** What an image states of itself. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  /** The exact text. */
  readonly created: string | undefined;
  /** Claims, until the layers were read. */
  readonly diffIds: readonly Digest[];
  readonly labels: StringMap;
  /** How many history entries there are, and the time of each as text. */
  readonly history: readonly (string | undefined)[];
  /** Names of everything else that states something, e.g. `config.Env` or `variant`. */
  readonly others: readonly string[];
}

const KNOWN = ['architecture', 'os', 'created', 'history', 'rootfs', 'config'];

/** @throws BUNDLE_INVALID for what is not an image config, TOO_LARGE beyond 4 MiB */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const view = parseJsonView(bytes, { what: 'image config', limit: MANIFEST_BYTES });
  refuseOtherSpellings(view, KNOWN);
  const rootfs = objectAt(view, 'rootfs');
  if (!rootfs) throw invalid(view, { key: 'rootfs', found: undefined, wanted: 'the layers of an image' });
  refuseOtherSpellings(rootfs, ['type', 'diff_ids']);
  const type = stringAt(rootfs, 'type');
  if (type !== 'layers') throw invalid(rootfs, { key: 'type', found: type, wanted: '"layers"' });
  const runtime = objectAt(view, 'config');
  if (runtime) refuseOtherSpellings(runtime, ['Labels']);
  return {
    architecture: stringAt(view, 'architecture') ?? '',
    os: stringAt(view, 'os') ?? '',
    created: stringAt(view, 'created'),
    diffIds: diffIdsOf(rootfs),
    labels: runtime ? stringMapAt(runtime, 'Labels') : Object.create(null),
    history: (objectsAt(view, 'history') ?? []).map((entry) => stringAt(entry, 'created')),
    others: [
      ...telling(view, KNOWN, ''),
      ...telling(rootfs, ['type', 'diff_ids'], 'rootfs.'),
      ...(runtime ? telling(runtime, ['Labels'], 'config.') : []),
    ],
  };
}

function diffIdsOf(rootfs: JsonView): Digest[] {
  return stringsAt(rootfs, 'diff_ids').map((text, index) => {
    if (isDigest(text)) return text;
    throw invalid(rootfs, {
      key: `diff_ids[${index}]`,
      found: text,
      wanted: 'sha256: and 64 hexadecimal digits',
    });
  });
}

/** Keys beside `known` whose value is more than an empty one. */
function telling(view: JsonView, known: readonly string[], prefix: string): string[] {
  const keys = Object.keys(view.value).filter((key) => !known.includes(key) && !isEmpty(view.value[key]));
  return keys.map((key) => prefix + key);
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === null || value === '' || value === false || value === 0;
}
