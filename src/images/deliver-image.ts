import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadIntoKind } from '../engine/kind.js';
import { writeError } from '../fs/machine-error.js';
import { makeDirectory } from '../fs/make-directory.js';
import { holdsKey, requireOwnTag } from './held-tag.js';
import { type ImageProgress, note } from './image-progress.js';
import type { ImageRun } from './image-run.js';
import type { PreparedImage } from './prepare-image.js';

/** Brings an image to where it is needed beside its registry, and says how a Pod names it. */
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
  if (kind !== undefined) {
    const file = progress.result.exported ?? join(run.directory, `${image.spec.name}.tar`);
    if (progress.result.exported === null) await save(run, image, file);
    try {
      for (const cluster of kind.clusters) {
        run.onEvent({ type: 'loading', image: image.spec.name, cluster });
        await loadIntoKind(file, { ...run, program: kind.program, cluster });
        note(progress, { loaded: [...progress.result.loaded, cluster] });
      }
    } finally {
      if (progress.result.exported === null) await rm(file, { force: true });
    }
  }
  note(progress, {
    use: { reference: image.reference, imagePullPolicy: inRegistry ? 'IfNotPresent' : 'Never' },
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
  try {
    await run.engine.save(image.reference, partial);
    await rename(partial, file).catch((error: unknown) => {
      throw writeError(error, `write ${JSON.stringify(file)}`, file);
    });
  } finally {
    await rm(partial, { force: true });
  }
}
