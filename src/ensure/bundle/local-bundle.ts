import { type Bundle, buildBundle } from '../../bundle/build-bundle.js';
import type { CallOptions } from '../../content/store.js';
import { createImageResolver, type ImageResolver } from '../../images/image-resolver.js';
import type { Digest } from '../../oci/digest.js';
import { formatReference } from '../../oci/reference.js';
import type { LockEntry } from '../../project/lock/lock.js';
import type { BundleSpec, Project } from '../../project/project.js';
import { readSourceFiles, type SourceFile } from '../../project/sources/source-files.js';
import { sourcesDigestAs } from '../../project/sources/sources-digest.js';
import type { ObjectOrigin, TektonObject } from '../../tekton/objects/object.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import type { BuildCache } from './build-cache.js';
import { type BuildRecord, buildRecordOf } from './build-record.js';
import { type PinnedFiles, type PinSourcesRequest, pinSources } from './pinned-sources.js';
import type { requireValid } from './require-valid.js';

/** A declared bundle and what its sources give. */
export interface LocalBundle {
  readonly spec: BundleSpec;
  readonly built: BuildRecord;
  /** Of the manifest; the same as in `built`. */
  readonly digest: Digest;
  /** The bundle in memory, built now at the latest. @throws StaleBuild where the cache was wrong */
  bundle(): Bundle;
  /** The files it is built of, images pinned where that is declared, and where its objects stand, in layer order. */
  parts(): { readonly files: readonly SourceFile[]; readonly origins: readonly ObjectOrigin[] };
  /** Digest of everything that decides the bytes, but for `created`. */
  readonly sources: Digest;
  /** The lock's entry, where it speaks of the same reference and the same sources. */
  readonly previous: LockEntry | undefined;
  readonly warnings: readonly string[];
}

export interface LocalBundleRequest {
  readonly project: Project;
  readonly spec: BundleSpec;
  readonly entry: LockEntry | undefined;
  /** Asked for by --ctime or SOURCE_DATE_EPOCH; else the lock says, else it is the epoch in UTC. */
  readonly created: string | undefined;
  /** Without one every bundle is built. */
  readonly cache?: BuildCache | undefined;
  /** Waited for before anything is read. */
  readonly turn?: (() => Promise<void>) | undefined;
  /** Ask for all images to pin, whatever the lock says. Default false. */
  readonly refreshImages?: boolean | undefined;
  /** Asked for images to pin that the lock does not know. Default: nothing can be found. */
  readonly images?: ImageResolver | undefined;
}

/** The cache holds another digest than the sources give. */
export class StaleBuild extends Error {}

/** Reads the sources of one declared bundle and builds them, or takes what the cache holds of them. Requests are sent only for images to pin. */
export async function buildLocalBundle(
  request: LocalBundleRequest,
  options: CallOptions = {},
): Promise<LocalBundle> {
  const { project, spec, entry, created, cache, turn } = request;
  await turn?.();
  const files = await readSourceFiles(project, spec, options);
  // Images are asked for only where the cluster would take what they are in.
  if (spec.pin) await refuseInvalid(readSources(files).objects, { files, project, spec });
  const pinned = spec.pin ? await pinSources(files, pinning(request), options) : undefined;
  const sources = pinned?.digest ?? sourcesDigestAs(entry?.sources, files, spec);
  const toBuild = pinned?.files ?? (() => ({ files, warnings: [] }));
  const previous =
    entry?.sources === sources && entry.reference === formatReference(spec.reference) ? entry : undefined;
  const time = created ?? previous?.created;
  const facts = { spec, sources, previous };
  const key = { sources, created: time, lint: project.lint, tag: spec.reference.tag };
  const cached = cache?.get(key);
  if (cached) {
    let made: BuiltBundle | undefined;
    const make = () => {
      made ??= build(toBuild(), { spec, created: time, previous }).made;
      if (made.bundle.digest !== cached.digest) throw new StaleBuild();
      return made;
    };
    return {
      ...facts,
      built: cached,
      digest: cached.digest,
      warnings: [],
      bundle: () => make().bundle,
      parts: make,
    };
  }
  const { made, objects, built, warnings, reordered } = build(toBuild(), { spec, created: time, previous });
  const { bundle } = made;
  if (!spec.pin) await refuseInvalid(objects, { files, project, spec });
  // Warnings are told each time, so what has some is built each time.
  // What the lock ordered depends on more than the sources.
  if (warnings.length === 0 && !reordered) cache?.keep(key, built);
  return { ...facts, built, digest: bundle.digest, warnings, bundle: () => bundle, parts: () => made };
}

/** Loaded where something is built: what is remembered was found valid. */
const refuseInvalid: typeof requireValid = async (objects, about) =>
  (await import('./require-valid.js')).requireValid(objects, about);

function pinning({ spec, entry, refreshImages = false, images }: LocalBundleRequest): PinSourcesRequest {
  return { spec, entry, refresh: refreshImages, resolve: images ?? createImageResolver(undefined) };
}

/** What is kept of a build: the objects with their values are not. */
interface BuiltBundle {
  readonly files: readonly SourceFile[];
  readonly origins: readonly ObjectOrigin[];
  readonly bundle: Bundle;
}

interface BuildResult {
  readonly made: BuiltBundle;
  readonly objects: readonly TektonObject[];
  readonly built: BuildRecord;
  readonly warnings: string[];
  /** The layers are in the order of the lock, not in that of the files' hashes. */
  readonly reordered: boolean;
}

interface BuildSettings {
  readonly spec: BundleSpec;
  readonly created: string | undefined;
  readonly previous: LockEntry | undefined;
}

function build(
  { files, warnings: unpinned }: PinnedFiles,
  { spec, created, previous }: BuildSettings,
): BuildResult {
  const { objects: read, warnings } = readSources(files);
  const { annotations, labels } = spec;
  const settings = { annotations, labels, created };
  const first = buildBundle(read, settings);
  const objects = inLockedOrder(read, first, previous) ?? read;
  const reordered = objects !== read;
  const bundle = reordered ? buildBundle(objects, settings) : first;
  return {
    made: { files, origins: objects.map(({ origin }) => origin), bundle },
    objects,
    reordered,
    built: buildRecordOf(bundle, objects),
    warnings: [...warnings.map(({ message, file, line }) => `${file}:${line}: ${message}`), ...unpinned],
  };
}

/**
 * tkn orders layers by the hash of each file's bytes, so a checkout with other line ends has another order. Where only
 * that differs from the lock, the lock's order holds.
 */
function inLockedOrder(
  objects: readonly TektonObject[],
  bundle: Bundle,
  previous: LockEntry | undefined,
): readonly TektonObject[] | undefined {
  const built = bundle.objects.map(({ diffId }) => diffId);
  const locked = previous?.objects.map(({ diffId }) => diffId) ?? [];
  const same = built.every((diffId, index) => diffId === locked[index]);
  if (same || built.length !== locked.length) return undefined;
  const ordered = locked.map((diffId) => objects[built.indexOf(diffId)]);
  const found = ordered.filter((object) => object !== undefined);
  return new Set(found).size === objects.length ? found : undefined;
}
