import type { CallOptions } from '../../content/store.js';
import type { ImageResolver } from '../../images/image-resolver.js';
import type { LockEntry } from '../../project/lock/lock.js';
import type { BundleSpec } from '../../project/project.js';
import type { RegistryRepository } from '../../registry/repository.js';
import { pinnedImages } from '../../tekton/images/object-images.js';
import type { BundleResult } from '../result.js';
import type { ActiveRun } from '../run.js';
import { type BundleFiles, readBundleFiles } from './bundle-files.js';
import { buildLocalBundle, type LocalBundle } from './local-bundle.js';
import { type Pinned, type PinSituation, pin } from './next-entry.js';
import { planRecord, type RecordPlan } from './record-plan.js';
import { readRemoteObjects } from './remote-objects.js';

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
