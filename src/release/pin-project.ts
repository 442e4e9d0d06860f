import { withSharedSignal } from '../async/shared-signal.js';
import type { CallOptions } from '../content/store.js';
import { buildDeclared, prepareBundle } from '../ensure/bundle/prepare-bundle.js';
import { type CommittedRecord, recordCommitted } from '../ensure/bundle/record-committed.js';
import type { Run } from '../ensure/run.js';
import { planWorkflows, type ServedBundle } from '../ensure/workflows/plan-workflows.js';
import { selectDeclared } from '../ensure/workflows/select-declared.js';
import type { WorkflowResult } from '../ensure/workflows/workflow-result.js';
import { writeFileAtomic } from '../fs/write-file-atomic.js';
import { createImageResolver, type ImageResolver } from '../images/image-resolver.js';
import type { Lock, LockEntry } from '../project/lock/lock.js';
import { readLock } from '../project/lock/lock-file.js';
import type { BundleSpec } from '../project/project.js';
import { readSourceFiles, type SourceFile } from '../project/sources/source-files.js';
import { reportedError } from '../publish/reported-error.js';
import { findImages } from '../tekton/images/source-images.js';
import { describeImages, type PinnedFilesReport, pinFiles } from './pin-files.js';
import { type PinnedBundleResult, type PinnedImage, type PinResult, summarizePins } from './pin-result.js';

export interface PinSettings {
  /** Ask for every tag again, also for what is pinned already. Default false. */
  readonly update?: boolean;
  /** Report what would be changed, and change nothing. Default false. */
  readonly dryRun?: boolean;
}

/**
 * Pins the images that the bundles of a project name by tag: in the sources, or with `pin: true` in the built bundle
 * alone. Tags in the lock are not resolved again unless `update` is set. Lock and schemas are then updated to the
 * bundles, as `ensure` does without a registry. A bundle with an image that cannot be resolved stays as it is.
 *
 * @throws USAGE for an unknown name, LOCK_INVALID, NOT_READABLE, NOT_WRITABLE, and the signal's reason
 */
export async function pinProject(
  run: Run,
  settings: PinSettings = {},
  call: CallOptions = {},
): Promise<PinResult> {
  const options = withSharedSignal(call);
  const { bundles: specs, workflows: declared } = selectDeclared(run.project, run.names);
  const lock = await readLock(run.lock.read, options);
  let requests = 0;
  const ask = createImageResolver(run.registries?.registry);
  const images: ImageResolver = (image, call) => {
    const onRequest = () => {
      requests++;
      call?.onRequest?.();
    };
    return ask(image, { ...call, onRequest });
  };
  const session: PinSession = { run, settings, lock, images, edited: new Map() };
  // All tags are resolved at once; only then are the files changed, one after the other.
  await Promise.allSettled(specs.filter(({ pin }) => !pin).map((spec) => pinSources(session, spec, options)));
  options.signal?.throwIfAborted();
  const pinned: [BundleSpec, PinnedBundleResult][] = [];
  for (const spec of specs) pinned.push([spec, await pinSpec(session, spec, options)]);
  let workflows: readonly WorkflowResult[] = [];
  const result = (bundles: readonly PinnedBundleResult[], error: PinResult['error']): PinResult => ({
    version: 1,
    bundles,
    workflows,
    summary: summarizePins(bundles, requests),
    error,
  });
  const bundles: PinnedBundleResult[] = [];
  try {
    const records: CommittedRecord[] = [];
    const served = new Map<string, ServedBundle>();
    if (!settings.dryRun) await writeSources(session, options);
    for (const [spec, bundle] of pinned) {
      const {
        result: finished,
        record,
        served: one,
      } = await buildPinnedSpec(session, { spec, bundle }, options);
      bundles.push(finished);
      if (one) served.set(spec.name, one);
      if (record) records.push(record);
    }
    const pinning: Run = { ...run, images, refreshImages: settings.update === true };
    const undecided = new Set(
      bundles.flatMap((one) => (one.pinned === null && !one.error ? [one.name] : [])),
    );
    const request = { specs: declared, lock, bundles: served, undecided };
    const planned = await planWorkflows(pinning, request, options);
    const names = [...specs, ...declared].map(({ name }) => name);
    const own = planned.map(({ result: { name }, entry, files }) => ({ name, entry, files }));
    if (!settings.dryRun) await recordCommitted({ ...run, names }, records, options, own);
    workflows = planned.map((one) => one.result);
    return result(bundles, null);
  } catch (error) {
    options.signal?.throwIfAborted();
    return result(
      bundles.length === pinned.length ? bundles : pinned.map(([, bundle]) => bundle),
      reportedError(error),
    );
  }
}

interface PinSession {
  readonly run: Run;
  readonly settings: PinSettings;
  readonly lock: Lock;
  readonly images: ImageResolver;
  /** Files that changed, by path: bundles may share them. */
  readonly edited: Map<string, SourceFile>;
}

async function pinSpec(
  session: PinSession,
  spec: BundleSpec,
  options: CallOptions,
): Promise<PinnedBundleResult> {
  const mode = spec.pin ? 'bundle' : 'sources';
  const empty = {
    name: spec.name,
    mode,
    images: [],
    files: [],
    changes: [],
    pinned: null,
    error: null,
  } as const;
  if (spec.pin) return empty;
  try {
    const { changed, images } = await pinSources(session, spec, options);
    for (const file of changed) session.edited.set(file.path, file);
    const files = changed.map(({ relativePath }) => relativePath);
    return { ...empty, images, files, changes: files.length > 0 ? ['sources'] : [] };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { ...empty, error: reportedError(error) };
  }
}

async function pinSources(
  { run, settings, lock, images, edited }: PinSession,
  spec: BundleSpec,
  options: CallOptions,
): Promise<PinnedFilesReport> {
  const read = await readSourceFiles(run.project, spec, options);
  const files = read.map((file) => edited.get(file.path) ?? file);
  const known = lock.entries.get(spec.name)?.images ?? new Map();
  return pinFiles(files, { known, update: settings.update === true, resolve: images }, options);
}

async function writeSources({ edited }: PinSession, options: CallOptions): Promise<void> {
  for (const { path, bytes } of edited.values()) await writeFileAtomic(path, bytes, options);
}

interface PinnedSpec {
  readonly spec: BundleSpec;
  readonly bundle: PinnedBundleResult;
}

interface BuiltSpec {
  readonly result: PinnedBundleResult;
  readonly record?: CommittedRecord;
  readonly served?: ServedBundle;
}

/** Builds what a bundle has become, for lock and schema. */
async function buildPinnedSpec(
  { run, settings, lock, images }: PinSession,
  { spec, bundle }: PinnedSpec,
  options: CallOptions,
): Promise<BuiltSpec> {
  const unknown = settings.dryRun && bundle.files.length > 0;
  if (bundle.error || unknown) return { result: bundle };
  const building: Run = { ...run, images, refreshImages: settings.update === true };
  const locked = lock.entries.get(spec.name);
  try {
    const local = await buildDeclared(building, { spec, locked }, () => undefined, options);
    const { draft } = await prepareBundle(run, local, locked);
    const { entry, files, pinned, objects } = draft;
    const { reference, digest } = entry;
    const changes = [...bundle.changes, ...draft.changes] as PinnedBundleResult['changes'];
    const known = spec.pin ? await describeBuilt(run, { spec, entry, locked }, options) : bundle.images;
    return {
      result: { ...bundle, images: known, changes, pinned },
      record: { name: spec.name, entry, files },
      served: { reference, digest, pinned, objects, fellBack: false },
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { result: { ...bundle, error: reportedError(error) } };
  }
}

/** The images of a bundle that pins them as it is built. */
async function describeBuilt(
  run: Run,
  {
    spec,
    entry,
    locked,
  }: { readonly spec: BundleSpec; readonly entry: LockEntry; readonly locked: LockEntry | undefined },
  options: CallOptions,
): Promise<PinnedImage[]> {
  const files = await readSourceFiles(run.project, spec, options);
  const found = files.flatMap((file) => findImages({ ...file, path: file.relativePath }));
  const kept = found.filter(({ text }) => !text.includes('@') && !hasDigest(text, entry));
  return describeImages(found, { kept, digests: entry.images }).map((image) => {
    const previous = image.previous ?? locked?.images.get(image.image) ?? null;
    if (image.action === 'left') return image;
    const action = previous === null ? 'pinned' : previous === image.digest ? 'unchanged' : 'updated';
    return { ...image, action, previous };
  });
}

function hasDigest(text: string, { images }: LockEntry): boolean {
  return images.has(text) || images.has(`${text}:latest`);
}
