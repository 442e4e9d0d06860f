import { readContent } from '../../content/read-content.js';
import type { CallOptions, ReadableStore } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import type { Descriptor } from '../../oci/descriptor.js';
import type { Digest } from '../../oci/digest.js';
import type { Image } from '../../oci/image.js';
import { parseManifest } from '../../oci/manifest.js';
import { mediaTypes } from '../../oci/media-types.js';
import { contentOf } from '../attach-artifact.js';
import { parseTrustedTasks, type TrustedTasks } from './trusted-tasks.js';

/** Of data for policies: Conforma unpacks such a layer to the path in its title. */
const dataType = 'application/vnd.cncf.openpolicyagent.data.layer.v1+json';
const titleAnnotation = 'org.opencontainers.image.title';
const title = 'data/data/trusted_tekton_tasks.yml';
/** Bytes; a list of 10,000 bundles with four digests each has about 8 MiB. */
const longestList = 16 * 1024 * 1024;

/**
 * The image in which Conforma finds a list, as `ec track bundle --output oci:…` makes it. The same text gives the same digest.
 *
 * @example
 * ```ts
 * import { createMemoryStore, writeImage } from 'tekton-bundles/bundle';
 * import { formatTrustedTasks, noTrustedTasks, readTrustedTasksImage, trustedTasksImage } from 'tekton-bundles/signing';
 *
 * const store = createMemoryStore();
 * await writeImage(store, trustedTasksImage(formatTrustedTasks(noTrustedTasks)), { tag: 'latest' });
 * const { list } = await readTrustedTasksImage(store, { wanted: 'latest', shown: 'quay.io/acme/trusted:latest' });
 * console.log(list.tasks.size); // 0
 * ```
 */
export function trustedTasksImage(text: string): Image {
  const data = contentOf(text, dataType);
  const layer = { ...data, descriptor: { ...data.descriptor, annotations: { [titleAnnotation]: title } } };
  const config = contentOf(
    JSON.stringify({
      architecture: '',
      created: '1970-01-01T00:00:00Z',
      history: [{ created: '1970-01-01T00:00:00Z', created_by: 'trusted-tasks of tekton-bundles' }],
      os: '',
      rootfs: { type: 'layers', diff_ids: [data.descriptor.digest] },
      config: {},
    }),
    mediaTypes.ociConfig,
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: config.descriptor,
    layers: [layer.descriptor],
  };
  return { manifest: contentOf(JSON.stringify(manifest), mediaTypes.ociManifest), config, layers: [layer] };
}

/** A list, and the digest of the image that holds it. */
export interface StoredTrustedTasks {
  readonly list: TrustedTasks;
  readonly digest: Digest;
}

/**
 * Reads the list of an image: `wanted` is its tag or digest, `shown` its name in errors.
 *
 * @throws NOT_FOUND, TRUSTED_TASKS_INVALID, TOO_LARGE, and what the store throws
 * @example
 * ```ts
 * import { createMemoryStore, writeImage } from 'tekton-bundles/bundle';
 * import { readTrustedTasksImage, trustedTasksImage } from 'tekton-bundles/signing';
 *
 * const store = createMemoryStore();
 * await writeImage(store, trustedTasksImage('trusted_tasks: {}\n'), { tag: 'latest' });
 * const stored = await readTrustedTasksImage(store, { wanted: 'latest', shown: 'quay.io/acme/trusted:latest' });
 * console.log(stored.digest.startsWith('sha256:')); // true
 * ```
 */
export async function readTrustedTasksImage(
  store: ReadableStore,
  { wanted, shown }: { readonly wanted: string; readonly shown: string },
  options: CallOptions = {},
): Promise<StoredTrustedTasks> {
  const descriptor = await store.resolve(wanted, options);
  const manifest = parseManifest(await readContent(store, descriptor, options), descriptor.mediaType);
  const layers = manifest.type === 'image' ? manifest.layers.filter(isData) : [];
  const [layer, ...others] = layers;
  if (!layer || others.length > 0) {
    throw new BundlesError(
      'TRUSTED_TASKS_INVALID',
      `Cannot read the list of trusted tasks, ${JSON.stringify(shown)}: found ${layers.length} layers of the type ${dataType}, wanted one`,
      { hint: 'Name an image that trusted-tasks or ec track bundle wrote', details: { place: shown } },
    );
  }
  const bytes = await readContent(store, layer, { limit: longestList, ...options });
  const text = new TextDecoder().decode(bytes);
  return { list: parseTrustedTasks(text, shown), digest: descriptor.digest };
}

function isData({ mediaType }: Descriptor): boolean {
  return mediaType === dataType;
}
