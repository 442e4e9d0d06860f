import { type Digest, digestOf } from '../../oci/digest.js';
import { type ConfigNode, recordAt, report, requireAt } from '../../yaml-file/config-node.js';
import { parseYamlFile } from '../../yaml-file/parse-yaml-file.js';
import { problemsError, type YamlFileKind } from '../../yaml-file/problems-error.js';
import { showValue } from '../../yaml-file/show-text.js';
import { parseInteger } from '../config/parse-scalar.js';
import { readCanonicalEntries } from './canonical-lock.js';
import { formatEntries } from './format-lock.js';
import type { Lock } from './lock.js';
import { checkVersion, digestAt, parseEntries } from './parse-lock.js';
import { mostShards, type Shard } from './shard.js';

/** What a run over one shard leaves instead of a lock: the entries of its bundles, to be merged with those of all others. */
export interface LockPart extends Shard {
  /** Digest of the bundles.yaml that the run read; see `configDigest`. */
  readonly config: Digest;
  /** By the bundle's name, of bundles of this shard alone. */
  readonly entries: Lock['entries'];
}

const header = '# Part of a bundles.lock, written by ensure --shard for lock merge; do not commit or edit it';

/** The canonical text of a part: lines that identify the part, then the text of a lock. */
export function formatLockPart({ shard, of, config, entries }: LockPart): string {
  return formatEntries(entries, [header, 'version: 1', `shard: ${shard}`, `of: ${of}`, `config: ${config}`]);
}

/**
 * A part from its text; `file` names it in messages.
 * @throws LOCK_PART_INVALID
 */
export function parseLockPart(text: string, file: string): LockPart {
  return readCanonicalPart(text) ?? parseAnyPart(text, file);
}

/** The digest that identifies the configuration of a part: of its text with line feeds as line ends. */
export function configDigest(text: string): Digest {
  return digestOf(new TextEncoder().encode(text.replaceAll('\r\n', '\n')));
}

const headForm = /\nshard: (\d{1,5})\nof: (\d{1,5})\nconfig: (sha256:[a-f0-9]{64})\nbundles:/;

function readCanonicalPart(text: string): LockPart | undefined {
  const [, shard, of, config] = headForm.exec(text.slice(0, 1000)) ?? [];
  const entries = config === undefined ? undefined : readCanonicalEntries(text);
  if (!entries || !isShard(Number(shard), Number(of))) return undefined;
  const part = { shard: Number(shard), of: Number(of), config: config as Digest, entries };
  return formatLockPart(part) === text ? part : undefined;
}

function parseAnyPart(text: string, file: string): LockPart {
  const kind: YamlFileKind = {
    what: 'part of a lock',
    file,
    invalid: 'LOCK_PART_INVALID',
    conflictHint: 'Parts are not committed: run the shard again',
  };
  const root: ConfigNode = { value: parseYamlFile(text, kind), path: [], problems: [] };
  const { version, shard, of, config, bundles } = recordAt(root, [
    'version',
    'shard',
    'of',
    'config',
    'bundles',
  ]);
  checkVersion(root, version);
  for (const node of [shard, of, config]) requireAt(node, 'it in every part of a lock');
  const found = {
    shard: parseInteger(shard) ?? 1,
    of: parseInteger(of) ?? 1,
    config: digestAt(config) ?? configDigest(''),
    entries: root.problems.length > 0 ? new Map() : parseEntries(bundles),
  };
  if (root.problems.length === 0 && !isShard(found.shard, found.of))
    report(shard, `found ${showValue(found.shard)} of ${showValue(found.of)}, wanted 1 to ${mostShards}`);
  if (root.problems.length > 0) throw problemsError(root.problems, text, kind);
  return found;
}

function isShard(shard: number, of: number): boolean {
  return shard >= 1 && shard <= of && of <= mostShards;
}
