import { recoveringEngine } from '../engine/recovering-engine.js';
import { type QueuePosition, withBuildSlot } from '../engine/slots/build-slot.js';
import { BundlesError, isBundlesError } from '../errors.js';
import type { Reference } from '../oci/reference.js';
import type { ImageSpec } from '../project/config/parse-images.js';
import { mayPush } from '../publish/policy.js';
import { reportedError } from '../publish/reported-error.js';
import type { Verdict } from '../publish/verdict.js';
import type { RegistryRepository } from '../registry/repository.js';
import { askImage } from './ask-image.js';
import { buildPrepared } from './build-prepared.js';
import { deliverImage } from './deliver-image.js';
import { holdsKey, requireOwnTag, takeTag } from './held-tag.js';
import { emptyImageResult, type ImageProgress, note } from './image-progress.js';
import type { ImageResult } from './image-result.js';
import { type ImageEvent, type ImageRun, slotNote } from './image-run.js';
import { noteImageUse } from './image-uses.js';
import { type PreparedImage, prepareImage } from './prepare-image.js';

/** Makes sure of one image: reuses it, or builds it and pushes it where that is allowed. Rejects only when aborted. */
export async function ensureImage(all: ImageRun, spec: ImageSpec): Promise<ImageResult> {
  const progress: ImageProgress = {
    result: emptyImageResult(spec, all.engine.name === 'none' ? null : all.engine.name),
  };
  const run = recoveringRun(all, spec, progress);
  const started = run.clock.now();
  try {
    const image = await prepareImage(run, spec);
    note(progress, { key: image.key, reference: image.reference, warnings: image.warnings });
    for (const message of image.warnings) run.onEvent({ type: 'warning', image: spec.name, message });
    await noteImageUse(run.slots.uses, {
      file: run.project.file,
      image: spec.name,
      reference: image.reference,
    });
    await ensurePrepared(run, image, progress);
  } catch (error) {
    run.signal.throwIfAborted();
    noteWaitInVain(progress, error);
    note(progress, { outcome: 'failed', use: null, error: reportedError(error) });
  }
  return { ...progress.result, durationMs: Math.round(run.clock.now() - started) };
}

function noteWaitInVain(progress: ImageProgress, error: unknown): void {
  if (!isBundlesError(error, 'SLOT_TIMEOUT')) return;
  const { waitedMs } = error.details;
  if (typeof waitedMs === 'number') note(progress, { queuedMs: progress.result.queuedMs + waitedMs });
}

/** Waits for an engine that quits on every command. */
function recoveringRun(run: ImageRun, spec: ImageSpec, progress: ImageProgress): ImageRun {
  const onEvent = (event: ImageEvent) => {
    if (event.type === 'retrying') note(progress, { recoveries: progress.result.recoveries + 1 });
    run.onEvent(event);
  };
  const onRetry = (failure: BundlesError, attempt: number) =>
    onEvent({ type: 'retrying', image: spec.name, attempt, failure });
  return { ...run, onEvent, engine: recoveringEngine(run.engine, { ...run, onRetry }) };
}

async function ensurePrepared(run: ImageRun, image: PreparedImage, progress: ImageProgress): Promise<void> {
  const repository = repositoryOf(run, image.spec.reference);
  const verdict = repository && (await ask(run, { repository, image, progress }));
  if (verdict?.name === 'present')
    note(progress, { outcome: 'reused', from: 'registry', digest: verdict.digest });
  else {
    // Two who need the same image are one build: the second finds what the first made.
    const turn = {
      directory: run.slots.directory,
      queue: `key-${image.key.slice(0, 32)}`,
      limit: 1,
      note: slotNote(run, image.spec.name),
      clock: run.clock,
      signal: run.signal,
      waitTimeoutMs: run.slots.waitTimeoutMs,
      onQueuePosition: (place: QueuePosition) =>
        run.onEvent({ type: 'queued', image: image.spec.name, place, for: 'key' as const }),
    };
    await withBuildSlot(turn, async (keySlot) => {
      note(progress, { queuedMs: Math.round(keySlot.waitedMs) });
      // Checked before the build: a name that another project holds would fail the run afterwards.
      if (image.tagged !== undefined) await requireOwnTag(run, image, image.tagged);
      const local = await findLocal(run, image);
      if (local) note(progress, { outcome: 'reused', from: 'store', id: local.id });
      else await buildPrepared(run, { image, progress, keySlot });
      await publish(run, { repository, image, progress, verdict });
    });
  }
  await tagDeclared(run, { repository, image, progress });
  await deliverImage(run, image, progress);
}

async function ask(
  run: ImageRun,
  {
    repository,
    image,
    progress,
  }: { repository: RegistryRepository; image: PreparedImage; progress: ImageProgress },
): Promise<Verdict> {
  const verdict = await askImage(repository, questionOf(run, image, image.keyTag));
  note(progress, { verdict: verdict.name, reason: 'reason' in verdict ? verdict.reason : null });
  if (verdict.name === 'different') throw differs(image.reference, verdict.differences);
  return verdict;
}

function questionOf(
  { signal }: ImageRun,
  { key, platforms }: PreparedImage,
  tag: string,
): Parameters<typeof askImage>[1] {
  return { tag, key, platforms, signal };
}

/** The image of this key in the engine's store, by whomever it was built; a list of several platforms has no id. */
async function findLocal(
  run: ImageRun,
  image: PreparedImage,
): Promise<{ readonly id: string | null } | undefined> {
  const held = await requireOwnTag(run, image, image.reference);
  if (held === undefined || !holdsKey(held, image)) return undefined;
  return { id: held.list ? null : held.id };
}

interface PublishRequest {
  readonly repository: RegistryRepository | undefined;
  readonly image: PreparedImage;
  readonly progress: ImageProgress;
  readonly verdict: Verdict | undefined;
}

async function publish(
  run: ImageRun,
  { repository, image, progress, verdict }: PublishRequest,
): Promise<void> {
  if (repository === undefined || verdict === undefined || !pushable(run, repository, verdict)) return;
  run.onEvent({ type: 'pushing', image: image.spec.name, reference: image.reference });
  const plainHttp = run.isPlainHttp(image.spec.reference.registry);
  await run.engine.push(image.reference, { plainHttp, list: image.platforms.length > 1 });
  const after = await askImage(repository, questionOf(run, image, image.keyTag));
  if (after.name !== 'present') throw notThere(image.reference, after);
  note(progress, { pushed: true, digest: after.digest });
}

/** Quay answers "denied" for a repository that a push would create, so a credential is tried there. */
function pushable(run: ImageRun, repository: RegistryRepository, verdict: Verdict): boolean {
  if (verdict.name === 'absent') return mayPush(run.push, repository.access());
  return (
    verdict.name === 'denied' &&
    verdict.reason !== 'bad-credential' &&
    run.push &&
    repository.access().credential !== undefined
  );
}

/** The declared tag names the same image; what it names already in a registry is never taken from it. */
async function tagDeclared(
  run: ImageRun,
  { repository, image, progress }: Omit<PublishRequest, 'verdict'>,
): Promise<void> {
  const { tagged } = image;
  const { tag } = image.spec.reference;
  const { digest, from } = progress.result;
  if (tagged === undefined || tag === undefined) return;
  const remote =
    repository !== undefined && digest !== null && run.push && mayPush(true, repository.access())
      ? repository
      : undefined;
  const verdict = remote && (await askImage(remote, questionOf(run, image, tag)));
  // Nothing moves here before it is known that nothing has to move there.
  if (verdict?.name === 'different') throw differs(tagged, verdict.differences);
  // What was not pulled has no name here.
  if (from !== 'registry') await takeTag(run, image, { source: image.reference, name: tagged });
  if (remote && verdict?.name === 'absent') {
    const target = remote.forPush();
    await target.tag(await target.resolve(image.keyTag, { signal: run.signal }), tag, { signal: run.signal });
  }
}

/** `localhost/NAME` lives on this machine only. */
function repositoryOf({ registry }: ImageRun, reference: Reference): RegistryRepository | undefined {
  return reference.registry === 'localhost' ? undefined : registry?.repository(reference);
}

function differs(reference: string, differences: readonly string[]): BundlesError {
  return new BundlesError(
    'TAG_DIFFERS',
    `Cannot ensure ${JSON.stringify(reference)}: the tag holds another image, ${differences.join('; ')}`,
    {
      hint: 'Raise the tag in bundles.yaml, or run with --no-push and use the image by its key',
      details: { reference },
    },
  );
}

function notThere(reference: string, verdict: Verdict): BundlesError {
  return new BundlesError(
    'REGISTRY_UNREACHABLE',
    `Cannot find ${JSON.stringify(reference)} after it was pushed: the registry answers ${verdict.name}`,
    { details: { verdict: verdict.name }, cause: 'error' in verdict ? verdict.error : undefined },
  );
}
