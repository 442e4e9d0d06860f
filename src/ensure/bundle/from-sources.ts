import { type Bundle, buildBundle } from '../../bundle/build-bundle.js';
import { readBundle } from '../../bundle/read-bundle.js';
import { readLayer } from '../../bundle/read-layer.js';
import type { CallOptions, ReadableStore } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import { type Digest, digestOf } from '../../oci/digest.js';
import type { LockEntry, LockObject } from '../../project/lock/lock.js';
import type { BundleSpec, Project } from '../../project/project.js';
import type { SourceFile } from '../../project/sources/source-files.js';
import { pinnedImages } from '../../tekton/images/object-images.js';
import { firstTarEntry } from '../../tekton/layers/first-tar-entry.js';
import type { ObjectOrigin, TektonObject } from '../../tekton/objects/object.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import { type BuildRecord, buildRecordOf } from './build-record.js';
import {
  type PinnedFiles,
  type PinnedSources,
  type PinSourcesRequest,
  pinSources,
} from './pinned-sources.js';
import { requireValid } from './require-valid.js';

/*
 * What reads Tekton sources, with the table of fields, the checks and the compressor behind it. It is loaded where
 * something is built or pinned: a run that changes nothing needs none of it.
 */

/** What is kept of a build: the objects with their values are not. */
export interface BuiltBundle {
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

export interface BuildSettings {
  readonly project: Pick<Project, 'file' | 'lint'>;
  readonly spec: BundleSpec;
  readonly created: string | undefined;
  readonly previous: LockEntry | undefined;
}

/** Builds a bundle. @throws the errors of reading sources */
export function buildSources(
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

/** The same, and the objects are such as a cluster takes. @throws LINT_FAILED, and the errors of reading sources */
export async function buildValidSources(
  files: readonly SourceFile[],
  settings: BuildSettings,
): Promise<BuildResult> {
  const result = buildSources({ files, warnings: [] }, settings);
  await requireValid(result.objects, { files, ...settings });
  return result;
}

/** Pins images; they are resolved only for objects that the cluster would accept. */
export async function pinValidSources(
  files: readonly SourceFile[],
  { project, ...request }: PinSourcesRequest & { readonly project: Pick<Project, 'file' | 'lint'> },
  options: CallOptions,
): Promise<PinnedSources> {
  await requireValid(readSources(files).objects, { files, project, spec: request.spec });
  return pinSources(files, request, options);
}

/** What the lock and the schema need of a bundle that is taken as the registry holds it. */
export interface RemoteObjects {
  readonly objects: readonly TektonObject[];
  readonly locked: readonly LockObject[];
  readonly images: LockEntry['images'];
}

/**
 * The objects of a bundle that is taken as the registry holds it.
 * @throws BUNDLE_INVALID and the errors of reading sources where it is not a bundle of Tekton objects
 */
export async function readRemoteObjects(
  store: ReadableStore,
  digest: Digest,
  options: CallOptions,
): Promise<RemoteObjects> {
  const bundle = await readBundle(store, digest, options);
  const objects: TektonObject[] = [];
  const locked: LockObject[] = [];
  for (const [index, { kind, name, layer }] of bundle.objects.entries()) {
    const archive = await readLayer(store, layer, options);
    const bytes = firstTarEntry(archive) ?? archive;
    const [object] = readSources([{ path: `${digest} layer ${index + 1}`, bytes }]).objects;
    if (!object) throw notBundle(digest, index);
    // Hashed here: the diff ids of a config are claims.
    locked.push({ apiVersion: object.apiVersion, kind, name, diffId: digestOf(archive) });
    objects.push(object);
  }
  return { objects, locked, images: pinnedImages(objects) };
}

function notBundle(digest: Digest, index: number): BundlesError {
  return new BundlesError(
    'BUNDLE_INVALID',
    `Cannot reuse the bundle ${digest}: layer ${index + 1} contains no Tekton object`,
    { hint: 'Choose another --on-different, or raise the tag' },
  );
}
