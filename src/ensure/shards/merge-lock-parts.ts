import { join } from 'node:path';
import { createLimiter } from '../../async/limiter.js';
import type { CallOptions } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { type Digest, digestOf } from '../../oci/digest.js';
import { contextOf, type Machine, optionOr, type RunContext } from '../../open/machine.js';
import type { NetworkOptions } from '../../open/network-options.js';
import { openConnection } from '../../open/open-connection.js';
import { keepProject } from '../../open/own-values.js';
import { updateLock } from '../../project/lock/lock-file.js';
import { configDigest, parseLockPart } from '../../project/lock/lock-part.js';
import { type FoundPart, mergeParts } from '../../project/lock/merge-parts.js';
import type { Project } from '../../project/project.js';
import { readProjectFrom, readProjectText } from '../../project/read-project.js';
import type { RegistryClient } from '../../registry/client.js';
import { decodeUtf8 } from '../../yaml-file/decode-utf8.js';
import type { PartResult } from '../result.js';
import { partLimit, readPartArtifact } from './part-artifact.js';
import { formatPartLocation, type PartLocation, parsePartLocation } from './part-location.js';

/** What `lock merge` takes: the flags of the command by their names. */
export interface MergeLockOptions extends NetworkOptions, CallOptions {
  /** The bundles.yaml that the shards read. Default: `BUNDLES_CONFIG`, else `bundles.yaml` in the working directory. */
  readonly config?: string | undefined;
  /** What the shards were given. Default: `BUNDLES_REPOSITORY`, else as declared. */
  readonly repository?: string | undefined;
  /** What the shards were given. Default: `BUNDLES_TAG`, else as declared. */
  readonly tag?: string | undefined;
  /** The lock to write. Default: `bundles.lock` beside bundles.yaml; needed with another repository or tag. */
  readonly lock?: string | undefined;
  /** Where variables, credentials and the time come from. Default: this process and its user. */
  readonly machine?: Machine | undefined;
  /** Receives warnings about the network. Default: they are dropped. */
  readonly log?: ((text: string) => void) | undefined;
  readonly verbose?: boolean | undefined;
  /** No warnings about credentials that were passed over. */
  readonly quiet?: boolean | undefined;
  /** Put around everything that is sent. */
  readonly watch?: RunContext['watch'];
  readonly hide?: RunContext['hide'];
  readonly keep?: RunContext['keep'];
}

/** The document that `bundles lock merge --output json` prints. */
export interface MergeLockResult {
  readonly version: 1;
  /** The path of the lock. */
  readonly lock: string;
  readonly action: 'written' | 'unchanged';
  /** Entries of the lock. */
  readonly entries: number;
  /** In the order of their shards. */
  readonly parts: readonly PartResult[];
  readonly error: null;
}

/** Parts that are read at once. */
const readAtOnce = 8;

/**
 * Makes the lock of a project out of the parts that `ensure` wrote for each of its shards: the same bytes that one run over all
 * bundles would have written. Parts are files, or `oci:` and a reference.
 *
 * @throws LOCK_PARTS_MISMATCH where they do not make one lock (`details.reason`); LOCK_PART_INVALID, NOT_FOUND, TOO_LARGE for a
 *   part that cannot be read; USAGE, CONFIG_NOT_FOUND, CONFIG_INVALID, LOCK_INVALID, RegistryError, NOT_WRITABLE
 * @example
 * ```ts
 * import { mergeLockParts } from 'tekton-bundles';
 *
 * const { action, entries } = await mergeLockParts(['parts/1.yaml', 'parts/2.yaml'], { config: 'bundles.yaml' });
 * console.log(action, entries);
 * ```
 */
export async function mergeLockParts(
  parts: readonly string[],
  options: MergeLockOptions = {},
): Promise<MergeLockResult> {
  const context = contextOf(options);
  const { signal } = context;
  if (parts.length === 0) {
    throw new BundlesError('USAGE', 'Cannot merge a lock without parts', {
      hint: 'Name the parts of all shards',
    });
  }
  const locations = parts.map((text) => parsePartLocation(text));
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const overrides = {
    repository: optionOr(options.repository, context, 'BUNDLES_REPOSITORY'),
    tag: optionOr(options.tag, context, 'BUNDLES_TAG'),
  };
  const text = await readProjectText(file, { signal });
  const project = keepProject(context, await readProjectFrom(text, file, overrides, { signal }));
  const lock = lockOf(project, options);
  const read = await readParts(context, { locations, project, options });
  const merged = mergeParts(read, { project, config: configDigest(text) });
  const action = await updateLock(lock, ({ workflows }) => ({ ...merged, workflows }), {
    clock: context.clock,
    signal,
  });
  const results = read.map(({ shard, of, location, digest, entries }) => {
    return { shard, of, location, digest, entries: entries.size };
  });
  results.sort((left, right) => left.shard - right.shard);
  return { version: 1, lock, action, entries: merged.entries.size, parts: results, error: null };
}

/** Another repository or tag is not for the committed lock, as for `ensure`. @throws USAGE */
function lockOf({ directory, overridden, file }: Project, { lock }: MergeLockOptions): string {
  if (lock !== undefined) return lock;
  if (!overridden) return join(directory, 'bundles.lock');
  throw new BundlesError(
    'USAGE',
    `Cannot merge parts of another repository or tag into the lock of ${JSON.stringify(file)}`,
    { hint: 'Name the file to write: --lock FILE' },
  );
}

interface ReadRequest {
  readonly locations: readonly PartLocation[];
  readonly project: Project;
  readonly options: MergeLockOptions;
}

type ReadPart = FoundPart & { readonly digest: Digest };

async function readParts(
  context: RunContext,
  { locations, project, options }: ReadRequest,
): Promise<ReadPart[]> {
  const registries = locations.flatMap((one) => (one.kind === 'registry' ? [one.reference.registry] : []));
  const connection =
    registries.length > 0
      ? await openConnection(context, {
          options: { ...options, repository: undefined },
          patience: 'full',
          registries,
          projects: [project],
        })
      : undefined;
  const signal = connection ? AbortSignal.any([context.signal, connection.signal]) : context.signal;
  const limiter = createLimiter(readAtOnce);
  try {
    return await Promise.all(
      locations.map((location) =>
        limiter.run(() => readPart(location, connection?.registry, { signal }), signal),
      ),
    );
  } finally {
    await connection?.close();
  }
}

async function readPart(
  place: PartLocation,
  registry: RegistryClient | undefined,
  options: CallOptions,
): Promise<ReadPart> {
  const location = formatPartLocation(place);
  const { bytes, digest } =
    place.kind === 'file'
      ? await readPartFile(place.path, options)
      : await readPartFrom(place, registry, options);
  const text = decodeUtf8(bytes, { what: 'part of a lock', file: location, invalid: 'LOCK_PART_INVALID' });
  return { ...parseLockPart(text, location), location, digest };
}

async function readPartFile(path: string, { signal }: CallOptions) {
  const bytes = await readFileCapped(path, {
    limit: partLimit,
    missing: 'NOT_FOUND',
    missingHint: 'Name the files that ensure --shard --part wrote; a reference begins with oci:',
    tooLarge: 'TOO_LARGE',
    ...(signal ? { signal } : {}),
  });
  return { bytes, digest: digestOf(bytes) };
}

async function readPartFrom(
  place: PartLocation & { readonly kind: 'registry' },
  registry: RegistryClient | undefined,
  options: CallOptions,
) {
  if (!registry) throw new TypeError('a registry needs a connection');
  const { reference } = place;
  const wanted = reference.digest ?? reference.tag ?? '';
  return readPartArtifact(
    registry.repository(reference),
    { wanted, location: formatPartLocation(place) },
    options,
  );
}
