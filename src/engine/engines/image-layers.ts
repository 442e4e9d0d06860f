import { createLimiter } from '../../async/limiter.js';
import type { ImageLayers, LocalImage } from '../engine.js';
import { type Json, listOf, numberOf, objectOf, textOf, textsOf } from '../engine-json.js';
import { parseEngineJson } from '../run-engine.js';
import { isUnknown, type RunArgs } from './podman-args.js';

/** Images of one command, and commands beside each other. */
const batch = 100;
const atOnce = 4;

/** How to query an engine for the exact size of each step. */
interface HistoryFormat {
  readonly words: readonly string[];
  sizes(output: string): readonly (number | undefined)[];
}

export const podmanHistory: HistoryFormat = {
  words: ['--format', 'json', '--no-trunc'],
  sizes: (output) => listOf(parseEngineJson(output)).map((step) => numberOf(objectOf(step).size)),
};

export const dockerHistory: HistoryFormat = {
  words: ['--format', '{{.Size}}', '--human=false', '--no-trunc'],
  sizes: (output) =>
    output
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => numberOf(Number(line))),
};

interface LayersOptions {
  readonly run: RunArgs;
  readonly history: HistoryFormat;
}

/** The layers that `image inspect` and `history` of podman and docker report. */
export async function imageLayers(
  options: LayersOptions,
  images: readonly LocalImage[],
  sized: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ImageLayers>> {
  const found = new Map<string, ImageLayers>();
  const limiter = createLimiter(atOnce);
  const ids = images.map(({ id }) => id);
  const groups = Array.from({ length: Math.ceil(ids.length / batch) }, (_, index) =>
    ids.slice(index * batch, (index + 1) * batch),
  );
  const named = new Set(images.filter(({ names }) => names.length > 0).map(({ id }) => id));
  const read = async (value: unknown) => {
    const image = objectOf(value);
    const id = textOf(image.Id).replace(/^sha256:/, '');
    const layers = textsOf(objectOf(image.RootFS).Layers);
    const sizes = sized.has(id)
      ? await limiter.run(() => layerSizes(options, image, layers.length))
      : undefined;
    found.set(id, {
      layers,
      sizes,
      parent: textOf(image.Parent).replace(/^sha256:/, ''),
      named: named.has(id),
    });
  };
  for (const group of groups) {
    const words = ['image', 'inspect', ...group];
    // If one of them was removed in the meantime, nothing is read of this group.
    const text = await options.run(words, 'look at the images', { absent: isUnknown });
    await Promise.all(listOf(parseEngineJson(text)).map(read));
  }
  return found;
}

/** The history has the sizes, also of steps that made no layer, the newest first. */
async function layerSizes(
  { run, history }: LayersOptions,
  image: Json,
  count: number,
): Promise<readonly number[] | undefined> {
  const id = textOf(image.Id);
  const text = await run(['history', ...history.words, id], `look at the layers of ${id}`, {
    absent: isUnknown,
  });
  const sizes = text === undefined ? [] : [...history.sizes(text)].reverse();
  const steps = listOf(image.History).map(objectOf);
  const made =
    steps.length === sizes.length
      ? sizes.filter((_, index) => steps[index]?.empty_layer !== true)
      : sizes.filter((size) => size !== 0);
  const known = made.filter((size) => size !== undefined);
  return known.length === count ? known : undefined;
}
