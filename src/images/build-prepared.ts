import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage } from '../engine/build-image.js';
import { type BuildLog, openBuildLog, withLog } from '../engine/build-log.js';
import type { BuildStep } from '../engine/build-steps.js';
import { clientFileException } from '../engine/context/build-context.js';
import { keyLabel, repositoryLabel, scopeLabel, tagLabel } from '../engine/context/image-key.js';
import type { EngineStatus } from '../engine/engine.js';
import { buildHostName } from '../engine/engines/build-host.js';
import { openServiceBuild, type ServiceBuild } from '../engine/engines/service-build.js';
import { defaultBuildSlots, requireResources } from '../engine/preflight.js';
import { withRecovery } from '../engine/recover.js';
import { type HeldSlot, type QueuePosition, withBuildSlot } from '../engine/slots/build-slot.js';
import { createSlotWatch } from '../engine/slots/slot-watch.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { makeDirectory } from '../fs/make-directory.js';
import { formatReference } from '../oci/reference.js';
import { listName, takeTag } from './held-tag.js';
import { type ImageProgress, note } from './image-progress.js';
import { type ImageRun, slotNote } from './image-run.js';
import { requireSecrets } from './image-secrets.js';
import type { PreparedImage } from './prepare-image.js';

export interface BuildOrder {
  readonly image: PreparedImage;
  readonly progress: ImageProgress;
  /** The turn of its key, which the build keeps busy too. */
  readonly keySlot: HeldSlot;
}

/**
 * Waits for a build slot, builds the image and names it by its key.
 *
 * @throws RESOURCES_LOW before anything started, SOURCE_CHANGED, and what `buildImage` throws
 */
export async function buildPrepared(run: ImageRun, order: BuildOrder): Promise<void> {
  const { image, progress, keySlot } = order;
  const { clock, signal, slots } = run;
  requireSecrets(run, image.spec);
  const status = await recovering(run, order, () => run.engine.status());
  await preflight(run, status).catch(async (error: unknown) => {
    // What others hold now may be free when it is this one's turn.
    const seen = await createSlotWatch(slots.directory, 'build', clock).look(0);
    if (!isBundlesError(error, 'RESOURCES_LOW') || seen.building.length === 0) throw error;
  });
  const limit = slots.limit ?? (await defaultBuildSlots(status, run.memory));
  const onQueuePosition = (place: QueuePosition) =>
    run.onEvent({ type: 'queued', image: image.spec.name, place, for: 'slot' });
  const about = slotNote(run, image.spec.name, { service: isServed(run, status) });
  const inSlot = (task: (slot: HeldSlot) => Promise<void>) =>
    withBuildSlot({ ...slots, limit, clock, signal, onQueuePosition, note: about }, task);
  await inTurn(run, { image, status }, () =>
    inSlot(async (slot) => {
      note(progress, { queuedMs: Math.round(keySlot.waitedMs + slot.waitedMs) });
      // Others have built while this one waited.
      const now = await waitForRoom(run, order, slot);
      const marks = [slot, keySlot].map(({ directory, prefix }) => join(directory, prefix));
      const mark = join(slot.directory, slot.prefix);
      const host = buildHostName(slot.ticket, run.slots.scope);
      const service = await openService(run, { status: now, mark, host });
      let over = false;
      try {
        await buildLogged(run, { ...order, marks, host, service });
        over = true;
      } catch (error) {
        // A step that failed was reported by the service, at the end of the build.
        over = isBundlesError(error, 'BUILD_FAILED') || (await service?.settle(settleMs(run))) === true;
        throw error;
      } finally {
        await service?.close({ over });
      }
    }),
  );
}

/**
 * A client of podman's service puts secrets into the context for a while. Builds without secrets leave such files out; of
 * those that have some only one is at work at a time, so that none takes along those of another.
 */
function inTurn(
  run: ImageRun,
  { image, status }: { readonly image: PreparedImage; readonly status: EngineStatus },
  task: () => Promise<void>,
): Promise<void> {
  const { slots, clock, signal, onEvent } = run;
  const { name, secrets } = image.spec;
  if (secrets.length === 0 || !isServed(run, status)) return task();
  const about = slotNote(run, name, { service: true });
  const onQueuePosition = (place: QueuePosition) =>
    onEvent({ type: 'queued', image: name, place, for: 'slot' });
  const turn = { queue: 'secrets', limit: 1, note: about };
  return withBuildSlot({ ...slots, ...turn, clock, signal, onQueuePosition }, task);
}

function isServed({ engine }: ImageRun, { remote }: EngineStatus): boolean {
  return remote && engine.name === 'podman';
}

/** Waits for room that other builds hold; without other builds, waiting would never help. @throws RESOURCES_LOW */
async function waitForRoom(run: ImageRun, order: BuildOrder, slot: HeldSlot): Promise<EngineStatus> {
  for (let announced = false; ; announced = true) {
    const status = await recovering(run, order, () => run.engine.status());
    try {
      await preflight(run, status);
      return status;
    } catch (error) {
      if (!isBundlesError(error, 'RESOURCES_LOW') || (await slot.othersBuilding()) === 0) throw error;
      if (!announced) run.onEvent({ type: 'waiting', image: order.image.spec.name, failure: error });
      await run.clock.sleep(roomPauseMs, run.signal);
    }
  }
}

const roomPauseMs = 2_000;

/** Only podman's service goes on when its client is gone. */
async function openService(
  run: ImageRun,
  { status, ...found }: { readonly status: EngineStatus; readonly mark: string; readonly host: string },
): Promise<ServiceBuild | undefined> {
  if (!isServed(run, status)) return undefined;
  const { engine, environment, timeoutMs, clock } = run;
  return openServiceBuild({ engine, ...found, environment, visible: status.visible, timeoutMs, clock });
}

/** Long enough for a service to end its step; who interrupts waits less, and others wait for the rest. */
function settleMs({ signal }: ImageRun): number {
  return signal.aborted ? 5_000 : 30_000;
}

interface LoggedBuild extends BuildOrder {
  readonly marks: readonly string[];
  /** The host name that identifies the processes of the build. */
  readonly host: string;
  readonly service: ServiceBuild | undefined;
}

async function buildLogged(
  run: ImageRun,
  { image, progress, keySlot, marks, host, service }: LoggedBuild,
): Promise<void> {
  await makeDirectory(run.directory);
  const secrets = requireSecrets(run, image.spec).map(({ value }) => value);
  const log = openBuildLog(join(run.directory, `${image.spec.name}.log`), { secrets });
  note(progress, { log: log.path });
  run.onEvent({ type: 'building', image: image.spec.name, log: log.path });
  try {
    await pullBases(run, image);
    const started = run.clock.now();
    const id = await recovering(run, { image, progress, keySlot }, async (attempt) => {
      // What the attempt before left in the service is not a second build.
      if (attempt > 1) await service?.settle(settleMs(run));
      note(progress, { attempts: attempt });
      if (attempt > 1) log.write(`\n--- attempt ${attempt} ---\n`);
      return build(run, { image, log, marks, host, served: service !== undefined });
    }).finally(() => note(progress, { buildMs: Math.round(run.clock.now() - started) }));
    service?.done();
    await requireSame(run, image, id);
    await takeTag(run, image, { source: id, name: image.reference });
    note(progress, { outcome: 'built', id: image.platforms.length > 1 ? null : id });
  } catch (error) {
    throw isBundlesError(error) && !run.signal.aborted ? withLog(error, log) : error;
  } finally {
    if (image.platforms.length > 1) await run.engine.removeList(listName(image)).catch(() => undefined);
    await log.close();
  }
}

/** docker has its own list of registries without TLS; of several platforms, the build gets each base itself. */
async function pullBases({ engine }: ImageRun, { pulls, platforms }: PreparedImage): Promise<void> {
  const [platform, ...more] = platforms;
  if (engine.name === 'docker' || more.length > 0) return;
  for (const { reference, plainHttp } of pulls) await engine.pull(reference, { plainHttp, platform });
}

async function build(
  run: ImageRun,
  {
    image,
    log,
    marks,
    host,
    served,
  }: {
    image: PreparedImage;
    log: BuildLog;
    marks: readonly string[];
    host: string;
    served: boolean;
  },
): Promise<string> {
  const { spec, key, context, containerfile, ignore, platforms, target, plainHttp } = image;
  const { registry, repository } = spec.reference;
  if (platforms.length > 1 && !run.engine.lists) throw oneAtATime(run, image);
  const copy = image.copyTo === undefined ? undefined : await mkdtemp(join(run.directory, 'context-'));
  const source = {
    name: spec.name,
    context: copy ?? context,
    containerfile,
    ignore: served && spec.secrets.length > 0 ? ignore + clientFileException : ignore,
    platforms,
    target,
    plainHttp,
    host,
    args: spec.args,
    secrets: requireSecrets(run, spec),
    served,
    cacheFrom: spec.cacheFrom,
    cacheTo: run.push ? spec.cacheTo : undefined,
    cpus: spec.cpus,
    memoryBytes: spec.memoryBytes,
    list: listName(image),
    labels: {
      [keyLabel]: key,
      [repositoryLabel]: formatReference({ registry, repository }),
      [scopeLabel]: run.slots.scope,
      ...(spec.reference.tag === undefined ? {} : { [tagLabel]: spec.reference.tag }),
    },
  };
  const { engine, environment, clock, signal, timeoutMs, directory } = run;
  // A build adds to the list that is there: what an attempt left would be in it twice.
  if (platforms.length > 1) await engine.removeList(source.list);
  const onStep = (step: BuildStep) => run.onEvent({ type: 'step', image: spec.name, ...step });
  const options = { engine, environment, clock, signal, timeoutMs, log, marks, onStep, memory: run.memory };
  try {
    if (copy !== undefined) await image.copyTo?.(copy);
    return await buildImage(source, { ...options, workDirectory: directory });
  } finally {
    if (copy !== undefined) await rm(copy, { recursive: true, force: true });
  }
}

function preflight(run: ImageRun, status: EngineStatus): Promise<void> {
  const { minDiskBytes, minMemoryBytes, memory, directory } = run;
  return requireResources(status, { minDiskBytes, minMemoryBytes, memory, directories: [directory] });
}

function recovering<T>(
  run: ImageRun,
  { image }: BuildOrder,
  task: (attempt: number) => Promise<T>,
): Promise<T> {
  const { engine, clock, signal, recoveryMs } = run;
  return withRecovery(task, {
    engine,
    clock,
    signal,
    recoveryMs,
    onRetry: (failure, attempt) =>
      run.onEvent({ type: 'retrying', image: image.spec.name, attempt, failure }),
  });
}

/** Fails if the context changed during the build: its image must never be found under this key. */
async function requireSame(run: ImageRun, image: PreparedImage, id: string): Promise<void> {
  if ((await image.keyNow()) === image.key) return;
  const built = image.platforms.length > 1 ? undefined : await run.engine.inspect(id).catch(() => undefined);
  // The same image may have existed before, under another name.
  if (built?.names.length === 0) await run.engine.remove(id).catch(() => undefined);
  throw new BundlesError(
    'SOURCE_CHANGED',
    `Cannot use what was built of ${JSON.stringify(image.spec.name)}: its context changed during the build`,
    {
      hint: 'Run again when nothing writes there; list generated files in .containerignore',
      details: { image: image.spec.name, context: image.context },
    },
  );
}

function oneAtATime({ engine }: ImageRun, { spec, platforms }: PreparedImage): BundlesError {
  return new BundlesError(
    'ENGINE_FAILED',
    `Cannot build the image ${JSON.stringify(spec.name)} for ${platforms.join(' and ')}: ${engine.name} builds one platform at a time on this machine`,
    { hint: 'Use podman or buildah, or declare one platform', details: { engine: engine.name, platforms } },
  );
}
