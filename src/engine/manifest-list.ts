import type { LocalImage } from './engine.js';
import { listOf, objectOf, textOf } from './engine-json.js';
import { parseEngineJson } from './run-engine.js';

/** Runs one command of podman or buildah. */
export type RunWords = (
  words: readonly string[],
  doing: string,
  more?: { readonly absent?: (errors: string) => boolean },
) => Promise<string | undefined>;

/** A list is stored as its few lines of JSON; whatever is larger is an image. */
const largestList = 256 * 1024;

/** podman and buildah answer by their status alone. */
export async function isList(run: RunWords, reference: string): Promise<boolean> {
  const absent = (errors: string) => errors.trim() === '';
  return (await run(['manifest', 'exists', reference], `look at ${reference}`, { absent })) !== undefined;
}

export async function listedDigests(
  run: RunWords,
  images: readonly LocalImage[],
): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for (const { names, size } of images) {
    const [name] = names;
    if (name === undefined || size > largestList || !(await isList(run, name))) continue;
    const list = objectOf(parseEngineJson(await run(['manifest', 'inspect', name], `look at ${name}`)));
    for (const entry of listOf(list.manifests)) digests.add(textOf(objectOf(entry).digest));
  }
  return digests;
}
