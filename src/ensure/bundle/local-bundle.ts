import type { Bundle } from '../../bundle/build-bundle.js';
import type { CallOptions } from '../../content/store.js';
import { createImageResolver, type ImageResolver } from '../../images/image-resolver.js';
import type { Digest } from '../../oci/digest.js';
import { formatReference } from '../../oci/reference.js';
import type { LockEntry } from '../../project/lock/lock.js';
import type { BundleSpec, Project } from '../../project/project.js';
import { readSourceFiles, type SourceFile } from '../../project/sources/source-files.js';
import { sourcesDigestAs } from '../../project/sources/sources-digest.js';
import type { FallbackBundle } from '../../publish/fallback-target.js';
import type { ObjectOrigin } from '../../tekton/objects/object.js';
import type { BuildCache } from './build-cache.js';
import type { BuildRecord } from './build-record.js';
import type { BuiltBundle } from './from-sources.js';
import type { PinnedSources } from './pinned-sources.js';

/** A declared bundle and what its sources give. */
export interface LocalBundle {
  readonly spec: BundleSpec;
  /** As they are on disk. */
  readonly files: readonly SourceFile[];
  readonly built: BuildRecord;
  /** Of the manifest; the same as in `built`. */
  readonly digest: Digest;
  /** The bundle in memory, built now at the latest. @throws StaleBuild where the cache was wrong */
  bundle(): Promise<Bundle>;
  /** The files it is built of, images pinned where that is declared, and where its objects stand, in layer order. */
  parts(): Promise<{ readonly files: readonly SourceFile[]; readonly origins: readonly ObjectOrigin[] }>;
  /** Digest of everything that decides the bytes, but for `created`. */
  readonly sources: Digest;
  /** The lock's entry, if it is for the same reference and the same sources. */
  readonly previous: LockEntry | undefined;
  readonly warnings: readonly string[];
}

export interface LocalBundleRequest {
  readonly project: Project;
  readonly spec: BundleSpec;
  readonly entry: LockEntry | undefined;
  /** Asked for by --ctime or SOURCE_DATE_EPOCH; else the lock states, else it is the epoch in UTC. */
  readonly created: string | undefined;
  /** Without one every bundle is built. */
  readonly cache?: BuildCache | undefined;
  /** Waited for before anything is read. */
  readonly turn?: (() => Promise<void>) | undefined;
  /** Ask for all images to pin, whatever the lock states. Default false. */
  readonly refreshImages?: boolean | undefined;
  /** Resolves images to pin that the lock does not have. Default: nothing can be found. */
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
  const pinned = spec.pin ? await pinSources(files, request, options) : undefined;
  const sources = pinned?.digest ?? sourcesDigestAs(entry?.sources, files, spec);
  const previous =
    entry?.sources === sources && entry.reference === formatReference(spec.reference) ? entry : undefined;
  const time = created ?? previous?.created;
  const facts = { spec, files, sources, previous };
  const settings = { project, spec, created: time, previous };
  const key = { sources, created: time, lint: project.lint, tag: spec.reference.tag };
  const cached = cache?.get(key);
  if (cached) {
    let made: BuiltBundle | undefined;
    const make = async () => {
      const { buildSources } = await import('./from-sources.js');
      made ??= buildSources(pinned?.files() ?? { files, warnings: [] }, settings).made;
      if (made.bundle.digest !== cached.digest) throw new StaleBuild();
      return made;
    };
    return {
      ...facts,
      built: cached,
      digest: cached.digest,
      warnings: [],
      bundle: async () => (await make()).bundle,
      parts: make,
    };
  }
  const { buildSources, buildValidSources } = await import('./from-sources.js');
  const result = pinned ? buildSources(pinned.files(), settings) : await buildValidSources(files, settings);
  const { made, built, warnings, reordered } = result;
  const { bundle } = made;
  // Warnings are reported each time, so what has some is built each time.
  // What the lock ordered depends on more than the sources.
  if (warnings.length === 0 && !reordered) cache?.keep(key, built);
  return {
    ...facts,
    built,
    digest: bundle.digest,
    warnings,
    bundle: async () => bundle,
    parts: async () => made,
  };
}

/** What a fallback is given of it: the bytes are built where the fallback wants them. */
export function fallbackBundle(
  { moving }: Pick<Project, 'moving'>,
  { spec, digest, bundle }: LocalBundle,
): FallbackBundle {
  const { name, reference } = spec;
  return { name, reference, digest, moving, image: async () => (await bundle()).image };
}

async function pinSources(
  files: readonly SourceFile[],
  { project, spec, entry, refreshImages = false, images }: LocalBundleRequest,
  options: CallOptions,
): Promise<PinnedSources> {
  const { pinValidSources } = await import('./from-sources.js');
  const resolve = images ?? createImageResolver(undefined);
  return pinValidSources(files, { project, spec, entry, refresh: refreshImages, resolve }, options);
}
