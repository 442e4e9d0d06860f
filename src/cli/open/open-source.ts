import { openSourceLocation } from '../../content/open-location.js';
import type { ReadableStore } from '../../content/store.js';
import type { ImageLocation } from '../../oci/image-location.js';
import type { NetworkOptions } from '../../open/network-options.js';
import { openConnection } from '../../open/open-connection.js';
import type { Context } from '../context.js';
import type { CommonOptions } from '../options/common-options.js';

/** A place that a command reads from. */
export interface OpenedSource {
  readonly store: ReadableStore;
  /** What to resolve there. */
  readonly wanted: string;
  close(): Promise<void>;
}

/** Opens a place to read from; a connection is made for registries alone. @throws what openSourceLocation throws */
export async function openSource(
  context: Context,
  place: ImageLocation,
  options: NetworkOptions & Pick<CommonOptions, 'verbose'>,
): Promise<OpenedSource> {
  const { signal } = context;
  if (place.kind !== 'registry') {
    const noRepository = () => {
      throw new TypeError('A layout or archive does not need a repository');
    };
    return {
      ...(await openSourceLocation(place, { repository: noRepository, signal })),
      close: async () => undefined,
    };
  }
  // Refused before the first request.
  const { registry } = place.reference;
  const connection = await openConnection(context, { options, patience: 'full', registries: [registry] });
  try {
    const repository = (reference: typeof place.reference) => connection.registry.repository(reference);
    return { ...(await openSourceLocation(place, { repository, signal })), close: () => connection.close() };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
