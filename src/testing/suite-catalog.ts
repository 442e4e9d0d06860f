import { join } from 'node:path';
import { systemClock } from '../async/system-clock.js';
import type { CatalogEntry, CatalogTarget } from '../catalog/catalog-target.js';
import { createDataStorageClient } from '../catalog/data-storage-client.js';
import { dataStorageTarget } from '../catalog/data-storage-target.js';
import type { Send } from '../http/message.js';
import type { Project } from '../project/project.js';
import { startCatalog } from './start-catalog.js';
import type { SuiteRegistry } from './suite-registry.js';

/** The workflow catalog of a suite. */
export interface SuiteCatalog extends AsyncDisposable {
  readonly url: string;
}

/**
 * The catalog that is given, or an embedded one for the scope alone; none where it is not wanted, or where the project's
 * schemas are not the ones it takes.
 */
export async function openSuiteCatalog({
  project,
  catalog,
  directory,
  allowHosts,
}: {
  readonly project: Project;
  readonly catalog: string | undefined;
  readonly directory: string;
  readonly allowHosts: readonly string[] | undefined;
}): Promise<SuiteCatalog | undefined> {
  if (catalog === 'none' || project.schemas.format !== 'workflow-schema') return undefined;
  if (catalog !== undefined) return { url: catalog, [Symbol.asyncDispose]: async () => undefined };
  return startCatalog({ root: join(directory, 'catalog'), allowHosts });
}

/** The catalog as a target whose entries name the bundles where the suite serves them, for the cluster where there is one. */
export function catalogOfServed(
  { url }: SuiteCatalog,
  {
    project,
    served: { push, pull },
    send,
  }: { readonly project: Project; readonly served: SuiteRegistry; readonly send: Send },
): CatalogTarget {
  const client = createDataStorageClient({ clock: systemClock, send, url });
  const target = dataStorageTarget({ client, clock: systemClock, takesFallbacks: true });
  const tags = new Map(project.bundles.map(({ name, reference }) => [name, reference.tag]));
  const place = (entry: CatalogEntry): CatalogEntry => ({
    ...entry,
    image: `${pull ?? push}/${entry.bundle}:${tags.get(entry.bundle)}@${entry.digest}`,
  });
  return {
    ...target,
    look: (entry, options) => target.look(place(entry), options),
    register: (entry, options) => target.register(place(entry), options),
  };
}
