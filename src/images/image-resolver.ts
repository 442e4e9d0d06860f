import type { CallOptions } from '../content/store.js';
import { BundlesError, isBundlesError } from '../errors.js';
import type { Digest } from '../oci/digest.js';
import { formatReference } from '../oci/reference.js';
import type { RegistryClient } from '../registry/client.js';
import type { StepImage } from '../tekton/images/step-image.js';

export type TaggedImage = Extract<StepImage, { form: 'tag' }>;

export interface ResolveImageOptions extends CallOptions {
  readonly onRequest?: (() => void) | undefined;
}

/** The digest that the tag of a step image names now. */
export type ImageResolver = (image: TaggedImage, options?: ResolveImageOptions) => Promise<Digest>;

/**
 * Asks each registry once for each tag of a run, by a HEAD; offline, nothing can be found.
 * @throws from the resolver: IMAGE_NOT_FOUND where the tag does not exist, IMAGE_NOT_PINNED when offline, REGISTRY_DENIED, REGISTRY_UNREACHABLE
 */
export function createImageResolver(client: RegistryClient | undefined): ImageResolver {
  const asked = new Map<string, Promise<Digest>>();
  return (image, options = {}) => {
    if (!client) return Promise.reject(offline(image));
    const key = formatReference(image.reference);
    let answer = asked.get(key);
    if (!answer) {
      answer = ask(client, image, options);
      asked.set(key, answer);
    }
    return answer;
  };
}

async function ask(
  client: RegistryClient,
  { name, reference }: TaggedImage,
  { onRequest, ...options }: ResolveImageOptions,
): Promise<Digest> {
  const repository = client.repository(reference, onRequest ? { onRequest } : {});
  try {
    return (await repository.resolve(reference.tag, options)).digest;
  } catch (error) {
    if (!isBundlesError(error, 'NOT_FOUND')) throw error;
    throw new BundlesError(
      'IMAGE_NOT_FOUND',
      `Cannot pin the image ${JSON.stringify(name)}: there is no such tag`,
      {
        hint: 'Correct the image in the sources; a step that names it cannot run',
        details: { image: name },
        cause: error,
      },
    );
  }
}

function offline({ name }: TaggedImage): BundlesError {
  return new BundlesError(
    'IMAGE_NOT_PINNED',
    `Cannot pin the image ${JSON.stringify(name)} offline: the lock has no digest for it`,
    { hint: 'Run once with a network: npx tekton-bundles pin', details: { image: name } },
  );
}
