import { createLimiter } from '../async/limiter.js';
import { BundlesError } from '../errors.js';
import type { ImageSpec } from '../project/config/parse-images.js';
import type { Project } from '../project/project.js';
import { documentUrl } from '../version.js';
import { nearest } from '../yaml-file/nearest.js';
import { ensureImage } from './ensure-image.js';
import type { ImagesResult } from './image-result.js';
import type { ImageRun } from './image-run.js';

/**
 * Makes sure of the named images of a project, or of all: each is reused from its registry or from the engine's
 * store, or built in one of the machine's build slots. One that fails stops no other.
 *
 * @throws USAGE for a name that is not declared; the signal's reason
 */
export async function ensureImages(run: ImageRun, names: readonly string[] = []): Promise<ImagesResult> {
  const started = run.clock.now();
  const specs = selectImages(run.project, names);
  const limiter = createLimiter(run.sequential ? 1 : Number.POSITIVE_INFINITY);
  const images = await Promise.all(specs.map((spec) => limiter.run(() => ensureImage(run, spec))));
  const count = (outcome: string) => images.filter((image) => image.outcome === outcome).length;
  const summary = {
    reused: count('reused'),
    built: count('built'),
    failed: count('failed'),
    durationMs: Math.round(run.clock.now() - started),
  };
  return { version: 1, images, summary, error: null };
}

/** @throws USAGE */
function selectImages({ images, file }: Project, names: readonly string[]): readonly ImageSpec[] {
  const known = images.map(({ name }) => name);
  if (known.length === 0) {
    throw new BundlesError('USAGE', `Cannot find an image in ${file}: it declares none`, {
      hint: `Declare it under images: with reference and context, as ${documentUrl('guides/images')} shows`,
    });
  }
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined)
    return names.length === 0 ? images : images.filter(({ name }) => names.includes(name));
  const close = nearest(unknown, known);
  throw new BundlesError('USAGE', `Cannot find the image ${JSON.stringify(unknown)} in ${file}`, {
    hint: close ? `Did you mean ${close}?` : `It declares ${known.join(', ')}`,
    details: { name: unknown, declared: known },
  });
}
