import { readContent } from '../content/read-content.js';
import type { ReadableStore } from '../content/store.js';
import { keyLabel } from '../engine/image-key.js';
import type { Descriptor } from '../oci/descriptor.js';
import { parseImageConfig } from '../oci/image-config.js';
import { parseManifest } from '../oci/manifest.js';
import { type Verdict, verdictOfError } from '../publish/verdict.js';

/** Whether a tag holds an image of this key: what its label says counts, not the name of the tag. */
export async function askImage(
  store: ReadableStore,
  { tag, key, signal }: { readonly tag: string; readonly key: string; readonly signal: AbortSignal },
): Promise<Verdict> {
  try {
    const descriptor = await store.resolve(tag, { signal });
    const found = await labelOf(store, descriptor, signal);
    if (found === key) return { name: 'present', digest: descriptor.digest };
    const what =
      found === undefined ? 'it was not built by bundles' : `it was built from something else (key ${found})`;
    return { name: 'different', digest: descriptor.digest, differences: [what] };
  } catch (error) {
    signal.throwIfAborted();
    return verdictOfError(error);
  }
}

async function labelOf(
  store: ReadableStore,
  descriptor: Descriptor,
  signal: AbortSignal,
): Promise<string | undefined> {
  const manifest = parseManifest(await readContent(store, descriptor, { signal }), descriptor.mediaType);
  if (manifest.type === 'image')
    return parseImageConfig(await readContent(store, manifest.config, { signal })).labels[keyLabel];
  // All images of a list are of one build.
  const [first] = manifest.manifests;
  if (first === undefined || manifest.manifests.length > 50) return undefined;
  const { mediaType } = first;
  return /manifest\.v1\+json|manifest\.v2\+json/.test(mediaType) ? labelOf(store, first, signal) : undefined;
}
