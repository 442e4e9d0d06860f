import { join } from 'node:path';
import { systemClock } from '../async/system-clock.js';
import type { CatalogEntry, CatalogTarget } from '../catalog/catalog-target.js';
import { createDataStorageClient } from '../catalog/data-storage/data-storage-client.js';
import { dataStorageTarget } from '../catalog/data-storage/data-storage-target.js';
import { BundlesError } from '../errors.js';
import type { Send } from '../http/message.js';
import { redactUrl } from '../http/redact.js';
import { declaredOr } from '../project/config/parse-catalog.js';
import type { Project } from '../project/project.js';
import { startCatalog } from './start-catalog.js';
import type { SuiteRegistry } from './suite-registry.js';

/** The workflow catalog of a suite. */
export interface SuiteCatalog extends AsyncDisposable {
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** Put before the version of each workflow. */
  readonly versionPrefix?: string;
}

/**
 * The catalog that is given, as the project describes it where it declares the same, or an embedded one for the scope alone;
 * none where it is not wanted. No embedded one where the project has no workflow to register, or its schemas are not the ones that
 * the catalog takes.
 *
 * @throws CONFIG_INVALID for a given one that cannot take them
 */
export async function openSuiteCatalog({
  project,
  catalog,
  catalogToken: token,
  directory,
  allowHosts,
}: {
  readonly project: Project;
  readonly catalog: string | undefined;
  readonly catalogToken: string | undefined;
  readonly directory: string;
  readonly allowHosts: readonly string[] | undefined;
}): Promise<SuiteCatalog | undefined> {
  if (catalog === 'none') return undefined;
  const { format } = project.schemas;
  if (catalog === undefined) {
    if (format !== 'workflow-schema' || !hasWorkflows(project)) return undefined;
    return startCatalog({ root: join(directory, 'catalog'), allowHosts });
  }
  if (format !== 'workflow-schema') {
    throw new BundlesError(
      'CONFIG_INVALID',
      `Cannot register in ${JSON.stringify(redactUrl(catalog))}: it accepts workflow-schema, and schemas.format of ${JSON.stringify(project.file)} is ${format}`,
      { hint: 'Leave out the catalog, or write schemas: {format: workflow-schema}', details: { format } },
    );
  }
  const named = { kind: 'data-storage', url: catalog, api: '2026-01', versionPrefix: '' } as const;
  const known = declaredOr(named, project.catalog);
  const versionPrefix = known.kind === 'data-storage' ? known.versionPrefix : '';
  return { url: catalog, token, versionPrefix, [Symbol.asyncDispose]: async () => undefined };
}

function hasWorkflows({ bundles, workflows }: Project): boolean {
  return workflows.length > 0 || bundles.some(({ workflow }) => workflow !== undefined);
}

/** The catalog as a target whose entries name the bundles where the suite serves them, for the cluster where there is one. */
export function catalogOfServed(
  { url, token, versionPrefix = '' }: SuiteCatalog,
  {
    project,
    served: { push, pull },
    send,
  }: { readonly project: Project; readonly served: SuiteRegistry; readonly send: Send },
): CatalogTarget {
  const client = createDataStorageClient({ clock: systemClock, send, url, token });
  const settings = { client, clock: systemClock, versionPrefix };
  const target = dataStorageTarget({ ...settings, takesFallbacks: true, sameImage: true });
  const places = placesOf(project);
  const place = (entry: CatalogEntry): CatalogEntry => {
    const at = places.get(entry.bundle);
    return at === undefined ? entry : { ...entry, image: `${pull ?? push}/${at}@${entry.digest}` };
  };
  return {
    ...target,
    look: (entry, options) => target.look(place(entry), options),
    register: (entry, options) => target.register(place(entry), options),
  };
}

/** Name and tag under which the suite serves what an entry runs; nothing for what the project does not build. */
function placesOf({ bundles, workflows }: Project): ReadonlyMap<string, string> {
  const places = new Map(bundles.map(({ name, reference }) => [name, `${name}:${reference.tag}`]));
  const own = workflows.map(
    ({ name, source }) => [name, source.kind === 'bundle' ? places.get(source.bundle) : undefined] as const,
  );
  for (const [name, place] of own) {
    if (place === undefined) places.delete(name);
    else places.set(name, place);
  }
  return places;
}
