import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadIntoKind, nodesWithout } from '../engine/engines/kind.js';
import { withRecovery } from '../engine/recover.js';
import { type QueuePosition, withBuildSlot } from '../engine/slots/build-slot.js';
import { writeError } from '../fs/machine-error.js';
import { makeDirectory } from '../fs/make-directory.js';
import { holdsKey, requireOwnTag } from './held-tag.js';
import { type ImageProgress, note } from './image-progress.js';
import { type ImageRun, type KindClusters, slotNote } from './image-run.js';
import type { PreparedImage } from './prepare-image.js';

/** Brings an image to where it is needed beside its registry, and states how a Pod names it. */
export async function deliverImage(
  run: ImageRun,
  image: PreparedImage,
  progress: ImageProgress,
): Promise<void> {
  const { exportDirectory } = run;
  const inRegistry = progress.result.digest !== null;
  const kind = run.kind && (run.kind.always || !inRegistry) ? run.kind : undefined;
  if (exportDirectory !== undefined || kind !== undefined) await requireLocal(run, image, progress);
  if (exportDirectory !== undefined) {
    const file = join(exportDirectory, `${image.spec.name}.tar`);
    await save(run, image, file);
    note(progress, { exported: file });
  }
  if (kind !== undefined) await loadWhereMissing(run, { image, progress, kind });
  note(progress, {
    use: { reference: image.reference, imagePullPolicy: inRegistry ? 'IfNotPresent' : 'Never' },
  });
}

/** An archive is written only where a node of a cluster lacks the image. */
async function loadWhereMissing(
  run: ImageRun,
  {
    image,
    progress,
    kind,
  }: { readonly image: PreparedImage; readonly progress: ImageProgress; readonly kind: KindClusters },
): Promise<void> {
  const { id, exported } = progress.result;
  const loads: KindLoad[] = [];
  for (const cluster of kind.clusters) {
    // A list of several platforms has no id.
    const missing = async () =>
      id === null
        ? undefined
        : nodesWithout({ reference: image.reference, id }, { ...run, program: kind.program, cluster });
    const nodes = await missing();
    if (nodes?.length === 0) note(progress, { loaded: [...progress.result.loaded, cluster] });
    else loads.push({ program: kind.program, cluster, nodes, missing });
  }
  if (loads.length === 0) return;
  // A separate directory, since another run may load the same image at the same time.
  const work = exported === null ? await makeWork(run) : undefined;
  const file = exported ?? join(work ?? run.directory, `${image.spec.name}.tar`);
  try {
    if (work !== undefined) await save(run, image, file);
    for (const load of loads) {
      await loadInTurn(run, { image, file, load });
      note(progress, { loaded: [...progress.result.loaded, load.cluster] });
    }
  } finally {
    if (work !== undefined) await rm(work, { recursive: true, force: true });
  }
}

interface KindLoad {
  readonly program: string;
  readonly cluster: string;
  /** Those that lack the image; undefined where that is not known. */
  readonly nodes: readonly string[] | undefined;
  /** Looks again. */
  readonly missing: () => Promise<readonly string[] | undefined>;
}

async function makeWork({ directory }: ImageRun): Promise<string> {
  await makeDirectory(directory);
  return await mkdtemp(join(directory, 'load-')).catch((error: unknown) => {
    throw writeError(error, `write an archive in ${JSON.stringify(directory)}`, directory);
  });
}

/** Loads into one cluster are done one after the other, over all processes, and again where an engine failed in passing. */
async function loadInTurn(
  run: ImageRun,
  { image, file, load }: { readonly image: PreparedImage; readonly file: string; readonly load: KindLoad },
): Promise<void> {
  const { clock, signal, slots, engine, recoveryMs } = run;
  const { program, cluster } = load;
  const { name } = image.spec;
  const turn = {
    ...slots,
    queue: `kind-${createHash('sha256').update(cluster).digest('hex').slice(0, 12)}`,
    limit: 1,
    note: slotNote(run, name, { task: 'load' }),
    onQueuePosition: (place: QueuePosition) =>
      run.onEvent({ type: 'queued', image: name, place, for: 'slot' }),
  };
  await withBuildSlot({ ...turn, clock, signal }, async ({ waitedMs }) => {
    // Another run may have loaded the same image while this one waited.
    const nodes = waitedMs > 0 ? await load.missing() : load.nodes;
    if (nodes?.length === 0) return;
    run.onEvent({ type: 'loading', image: name, cluster });
    await withRecovery(() => loadIntoKind(file, { ...run, program, cluster, nodes }), {
      ...{ engine, clock, signal, recoveryMs },
      onRetry: (failure, attempt) => run.onEvent({ type: 'retrying', image: name, attempt, failure }),
    });
  });
}

async function requireLocal(run: ImageRun, image: PreparedImage, progress: ImageProgress): Promise<void> {
  if (progress.result.id !== null || progress.result.from !== 'registry') return;
  const local = await requireOwnTag(run, image, image.reference);
  if (local === undefined || !holdsKey(local, image))
    await run.engine.pull(image.reference, { plainHttp: run.isPlainHttp(image.spec.reference.registry) });
  note(progress, { id: (await run.engine.inspect(image.reference))?.id ?? null });
}

/** Engines refuse to write over an archive, and a broken one must not look whole. */
async function save(run: ImageRun, image: PreparedImage, file: string): Promise<void> {
  const partial = `${file}.${image.key.slice(0, 12)}.partial`;
  await makeDirectory(join(file, '..'));
  await rm(partial, { force: true });
  const size = (await run.engine.inspect(image.reference))?.size;
  run.onEvent({ type: 'exporting', image: image.spec.name, file, partial, bytes: size ?? null });
  try {
    await run.engine.save(image.reference, partial);
    await rename(partial, file).catch((error: unknown) => {
      throw writeError(error, `write ${JSON.stringify(file)}`, file);
    });
  } finally {
    await rm(partial, { force: true });
  }
}
