import { readBundle } from '../../bundle/read-bundle.js';
import { readLayer } from '../../bundle/read-layer.js';
import type { CallOptions, ReadableStore } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import type { ImageResolver } from '../../images/image-resolver.js';
import { type Digest, digestOf } from '../../oci/digest.js';
import type { LockEntry, LockObject } from '../../project/lock/lock.js';
import type { BundleSpec } from '../../project/project.js';
import type { RegistryRepository } from '../../registry/repository.js';
import { pinnedImages } from '../../tekton/images/object-images.js';
import { firstTarEntry } from '../../tekton/layers/first-tar-entry.js';
import type { TektonObject } from '../../tekton/objects/object.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import type { BundleResult } from '../result.js';
import type { ActiveRun } from '../run.js';
import { type BundleFiles, readBundleFiles } from './bundle-files.js';
import { buildLocalBundle, type LocalBundle } from './local-bundle.js';
import { type Pinned, type PinSituation, pin } from './next-entry.js';
import { planRecord, type RecordPlan } from './record-plan.js';

/** One bundle on its way through a run. */
export interface BundleTask {
  /** For messages. */
  readonly projectFile: string;
  readonly candidate: LocalBundle;
  /** The bundle's entry in the lock as it is. */
  readonly locked: LockEntry | undefined;
  /** Undefined for a bundle that has no schema. */
  readonly files: BundleFiles | undefined;
  /** Undefined when offline. */
  readonly repository: RegistryRepository | undefined;
  readonly notes: Notes;
  /** What the committed files are to say as long as the registry was not asked; most often it stays so. */
  readonly draft: RecordPlan;
}

/** Where a bundle's result is gathered while it is on its way. */
export interface Notes {
  learn(facts: Partial<BundleResult>): void;
  warn(message: string): void;
  countRequest(): void;
}

export interface TaskRequest {
  readonly spec: BundleSpec;
  readonly locked: LockEntry | undefined;
  readonly notes: Notes;
}

/** Builds the bundle and derives its schema once, so that what is wrong with the sources shows before any request. */
export async function prepareTask(
  run: ActiveRun,
  { spec, locked, notes }: TaskRequest,
  options: CallOptions = {},
): Promise<BundleTask> {
  const { project, created, registries } = run;
  const { memory, turn } = run;
  const images: ImageResolver = (image, call) =>
    run.images(image, { ...call, onRequest: notes.countRequest });
  const { refreshImages } = run;
  const candidate = await buildLocalBundle(
    { project, spec, entry: locked, created, memory, turn, images, refreshImages },
    options,
  );
  const { digest, configDigest, objects } = candidate.built;
  notes.learn({ built: digest, configDigest });
  for (const warning of candidate.warnings) notes.warn(warning);
  run.onEvent({ type: 'built', bundle: spec.name, digest, objects: objects.length });
  const files = await readBundleFiles(run, spec);
  const repository = registries?.registry.repository(spec.reference, { onRequest: notes.countRequest });
  const task = { projectFile: project.file, candidate, locked, files, repository, notes };
  const draft = await planRecord({
    ...task,
    pinned: pinUnasked(candidate),
    objects: candidate.built.schemaObjects,
    images: candidate.built.images,
  });
  for (const { file, line, message } of draft.schema?.warnings ?? [])
    notes.warn(`${file}:${line}: ${message}`);
  return { ...task, draft };
}

/** What the committed files are to say, given the verdict and what is done about it. */
export async function planFor(
  task: BundleTask,
  { verdict, intent }: Pick<PinSituation, 'verdict' | 'intent'>,
  options: CallOptions = {},
): Promise<RecordPlan> {
  const { projectFile, candidate, locked, files, repository } = task;
  const { built, previous } = candidate;
  const reuses = verdict?.name === 'different' && intent === 'reuse-remote';
  const foreign =
    reuses && repository ? await readRemoteObjects(repository, verdict.digest, options) : undefined;
  const remote = foreign?.map(({ locked: object }) => object);
  const pinned = pin({ built, previous, verdict, remote, intent });
  const { entry } = task.draft;
  if (!foreign && entry.digest === pinned.digest && entry.created === pinned.created) return task.draft;
  const objects = foreign?.map(({ object }) => object) ?? built.schemaObjects;
  const images = foreign ? pinnedImages(objects) : built.images;
  return planRecord({ projectFile, candidate, pinned, locked, files, objects, images });
}

function pinUnasked({ built, previous }: LocalBundle): Pinned {
  return pin({ built, previous, verdict: undefined, remote: undefined, intent: 'other' });
}

/** An object as a registry holds it, and as the lock records it. */
interface RemoteObject {
  readonly object: TektonObject;
  readonly locked: LockObject;
}

/**
 * The objects of a bundle that is taken as the registry holds it.
 * @throws BUNDLE_INVALID and the errors of reading sources where it is no bundle of Tekton objects
 */
async function readRemoteObjects(
  store: ReadableStore,
  digest: Digest,
  options: CallOptions = {},
): Promise<RemoteObject[]> {
  const bundle = await readBundle(store, digest, options);
  const objects: RemoteObject[] = [];
  for (const [index, { kind, name, layer }] of bundle.objects.entries()) {
    const archive = await readLayer(store, layer, options);
    const bytes = firstTarEntry(archive) ?? archive;
    const [object] = readSources([{ path: `${digest} layer ${index + 1}`, bytes }]).objects;
    if (!object) throw notBundle(digest, index);
    // Hashed here: the diff ids of a config are claims.
    objects.push({
      object,
      locked: { apiVersion: object.apiVersion, kind, name, diffId: digestOf(archive) },
    });
  }
  return objects;
}

function notBundle(digest: Digest, index: number): BundlesError {
  return new BundlesError(
    'BUNDLE_INVALID',
    `Cannot reuse the bundle ${digest}: layer ${index + 1} holds no Tekton object`,
    {
      hint: 'Choose another --on-different, or raise the tag',
    },
  );
}
