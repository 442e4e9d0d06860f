import { BundlesError } from '../../errors.js';
import type { Digest } from '../../oci/digest.js';
import { formatReference } from '../../oci/reference.js';
import type { Project } from '../project.js';
import { type Lock, type LockEntry, sameLockEntry } from './lock.js';
import type { LockPart } from './lock-part.js';
import { formatShard, shardOf } from './shard.js';

/** A part, and where it was read. */
export interface FoundPart extends LockPart {
  readonly location: string;
}

/** Why parts do not make a lock: `details.reason` of the error. */
export type MismatchReason =
  | 'other-configuration'
  | 'other-count'
  | 'missing-shard'
  | 'contradiction'
  | 'wrong-shard'
  | 'undeclared'
  | 'other-reference'
  | 'missing-bundle';

/**
 * The lock that all parts make together: what one run over the whole project would have written. The same part given
 * twice counts once.
 *
 * @throws LOCK_PARTS_MISMATCH, where a shard or a declared bundle is missing, two parts contradict each other, or a part
 *   was written for another bundles.yaml, another repository or another tag
 */
export function mergeParts(
  parts: readonly FoundPart[],
  { project, config }: { readonly project: Pick<Project, 'file' | 'bundles'>; readonly config: Digest },
): Lock {
  const bundles = new Map(project.bundles.map(({ name, reference }) => [name, formatReference(reference)]));
  const shards = new Map<number, FoundPart>();
  const entries = new Map<string, LockEntry>();
  const of = parts[0]?.of ?? 1;
  for (const part of parts) {
    if (part.config !== config) throw otherConfiguration(part, project.file, config);
    if (part.of !== of) throw otherCount(part, of);
    const twin = shards.get(part.shard);
    if (twin) {
      refuseContradiction(twin, part);
      continue;
    }
    shards.set(part.shard, part);
    for (const [name, entry] of part.entries) {
      checkEntry(part, { name, entry, declared: bundles.get(name), file: project.file });
      entries.set(name, entry);
    }
  }
  const missing = Array.from({ length: of }, (_, index) => index + 1).filter((shard) => !shards.has(shard));
  if (missing.length > 0) throw missingShards(missing, of);
  const without = [...bundles.keys()].filter((name) => !entries.has(name));
  if (without.length > 0) throw missingBundles(without, of, shards);
  // Parts have no entries for `workflows`: only a run over the whole project writes those.
  return { entries, workflows: new Map() };
}

interface PlacedEntry {
  readonly name: string;
  readonly entry: LockEntry;
  /** The reference that bundles.yaml declares. */
  readonly declared: string | undefined;
  readonly file: string;
}

function checkEntry(part: FoundPart, { name, entry, declared, file }: PlacedEntry): void {
  const { location, of } = part;
  const details = { location, bundle: name };
  if (shardOf(name, of) !== part.shard) {
    const found = `it holds ${JSON.stringify(name)}, which belongs to shard ${shardOf(name, of)}/${of}`;
    throw mismatch(
      'wrong-shard',
      partError(part, found),
      'Run the shard again; parts are not edited',
      details,
    );
  }
  if (declared === undefined) {
    const found = `it holds ${JSON.stringify(name)}, which ${JSON.stringify(file)} does not declare here`;
    const hint = 'Run all shards again, from the checkout that the lock is for';
    throw mismatch('undeclared', partError(part, found), hint, details);
  }
  if (entry.reference !== declared) {
    const found = `it has ${JSON.stringify(name)} as ${entry.reference}, wanted ${declared}`;
    const hint = 'Pass lock merge the same --repository and --tag as the shards';
    throw mismatch('other-reference', partError(part, found), hint, {
      ...details,
      expected: declared,
      found: entry.reference,
    });
  }
}

/** A shard that was run again leaves the same part; anything else cannot be decided here. */
function refuseContradiction(first: FoundPart, second: FoundPart): void {
  const names = new Set([...first.entries.keys(), ...second.entries.keys()]);
  for (const name of names) {
    const [left, right] = [first.entries.get(name), second.entries.get(name)];
    if (left && right && sameLockEntry(left, right)) continue;
    throw mismatch(
      'contradiction',
      partError(second, `${JSON.stringify(first.location)} is the same shard and has another ${name}`),
      'Leave out the older part, or run that shard again',
      { bundle: name, locations: [first.location, second.location] },
    );
  }
}

function otherConfiguration(part: FoundPart, file: string, config: Digest): BundlesError {
  return mismatch(
    'other-configuration',
    partError(part, `it was written for another ${JSON.stringify(file)}: ${part.config}, wanted ${config}`),
    'Run all shards from one commit, and lock merge there too',
    { location: part.location, found: part.config, expected: config },
  );
}

function otherCount(part: FoundPart, of: number): BundlesError {
  return mismatch(
    'other-count',
    partError(part, `it is one of ${part.of} shards, the first part one of ${of}`),
    'Pass only the parts of one run',
    { location: part.location, found: part.of, expected: of },
  );
}

/** As many as a person looks through. */
const mostListed = 10;

function missingShards(missing: readonly number[], of: number): BundlesError {
  const names = missing.map((shard) => formatShard({ shard, of }));
  return mismatch(
    'missing-shard',
    `Cannot merge the parts of a lock: ${listed(names)} ${missing.length === 1 ? 'is' : 'are'} missing`,
    'Pass the parts of all shards; you can run a failed shard again',
    { missing: names },
  );
}

function missingBundles(
  names: readonly string[],
  of: number,
  shards: ReadonlyMap<number, FoundPart>,
): BundlesError {
  const [first = ''] = names;
  const part = shards.get(shardOf(first, of));
  return mismatch(
    'missing-bundle',
    `Cannot merge the parts of a lock: no part has an entry for ${listed(names)}`,
    `The shard of ${JSON.stringify(first)} is ${formatShard({ shard: part?.shard ?? 1, of })}: check its result, and run it again`,
    { missing: names, location: part?.location ?? null },
  );
}

function listed(names: readonly string[]): string {
  const more = names.length - mostListed;
  return `${names.slice(0, mostListed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function partError({ location }: FoundPart, found: string): string {
  return `Cannot merge the part ${JSON.stringify(location)}: ${found}`;
}

function mismatch(
  reason: MismatchReason,
  message: string,
  hint: string,
  details: Readonly<Record<string, unknown>>,
): BundlesError {
  return new BundlesError('LOCK_PARTS_MISMATCH', message, { hint, details: { reason, ...details } });
}
