import { join } from 'node:path';
import { spoolDirectory } from '../catalog/audit-spool.js';
import { type AuditTrail, createAuditTrail } from '../catalog/audit-trail.js';
import type { CatalogTarget } from '../catalog/catalog-target.js';
import { createDataStorageClient } from '../catalog/data-storage-client.js';
import { dataStorageTarget } from '../catalog/data-storage-target.js';
import { forgetTold } from '../catalog/forget-told.js';
import { openJournal } from '../catalog/journal.js';
import { requireInside } from '../ensure/schema-file.js';
import type { Catalog, Project } from '../project/project.js';
import { version } from '../version.js';
import { toActionType } from '../workflow/action-type.js';
import type { Connection } from './connect.js';
import type { Context } from './context.js';
import { openKubeconfig } from './open-kubeconfig.js';
import { readTokenFile } from './read-token-file.js';

export interface CatalogOptions {
  readonly catalogTokenFile?: string;
  /** Seconds. */
  readonly timeout?: number;
}

export interface OpenCatalogRequest {
  readonly project: Project;
  readonly options: CatalogOptions;
  readonly mode: 'ensure' | 'check';
  readonly stateDirectory: string;
  /** Undefined when offline. */
  readonly connection: Connection | undefined;
}

export interface OpenedCatalog {
  readonly catalog: CatalogTarget | undefined;
  readonly audit: AuditTrail | undefined;
}

/** The catalog that a project declares, and its audit trail. @throws CONFIG_INVALID, USAGE, NOT_READABLE, NOT_WRITABLE */
export async function openCatalog(
  context: Context,
  { project, mode, options, connection, stateDirectory }: OpenCatalogRequest,
): Promise<OpenedCatalog> {
  const { catalog, audit } = project;
  if (catalog.kind === 'none') return { catalog: undefined, audit: undefined };
  if (catalog.kind !== 'data-storage') {
    const request = { project, connection, stateDirectory, options };
    const target =
      catalog.kind === 'manifests' ? manifestsOf(catalog, request) : clusterOf(context, catalog, request);
    return { catalog: await target, audit: undefined };
  }
  const { clock } = context;
  const { url, versionPrefix } = catalog;
  const offline = () => Promise.reject(new Error('offline: nothing is asked'));
  const settings = {
    ...{ clock, fetch: connection?.fetch ?? offline, url },
    token: await readToken(context, options),
    userAgent: `tekton-bundles/${version}`,
    timeoutMs: options.timeout === undefined ? undefined : Math.round(options.timeout * 1000),
  };
  const client = createDataStorageClient(settings);
  const target = dataStorageTarget({ client, clock, versionPrefix });
  if (!audit || mode === 'check') return { catalog: target, audit: undefined };
  const journal = openJournal(stateDirectory);
  const trail = await createAuditTrail({
    client: createDataStorageClient({ ...settings, attempts: 1 }),
    directory: spoolDirectory(stateDirectory),
    clock,
    onFound: (spool) => forgetTold(spool, journal),
  });
  return { catalog: target, audit: trail };
}

/** Files of an overridden run name what is declared nowhere, so they go to the state directory. */
async function manifestsOf(
  { directory }: Extract<Catalog, { kind: 'manifests' }>,
  { project, stateDirectory }: Pick<OpenCatalogRequest, 'project' | 'stateDirectory'>,
): Promise<CatalogTarget> {
  const { manifestsTarget } = await import('../catalog/manifests-target.js');
  const place = project.overridden ? join(stateDirectory, 'manifests') : join(project.directory, directory);
  if (!project.overridden) await requireInside(project.directory, place);
  const actionTypes = project.actionTypes.map(toActionType);
  return manifestsTarget({ directory: place, shown: project.overridden ? place : directory, actionTypes });
}

async function clusterOf(
  context: Context,
  { context: name, namespace }: Extract<Catalog, { kind: 'kubernetes' }>,
  { project, connection, options }: Omit<OpenCatalogRequest, 'mode' | 'stateDirectory'>,
): Promise<CatalogTarget> {
  const asked = () => Promise.reject(new Error('offline: nothing is asked'));
  if (!connection)
    return { place: 'kubernetes', remote: true, takesFallbacks: false, look: asked, register: asked };
  const { kubernetesTarget } = await import('../catalog/kubernetes-target.js');
  const { timeout } = options;
  return kubernetesTarget(await openKubeconfig(context, name), {
    ...{ clock: context.clock, namespace, actionTypes: project.actionTypes.map(toActionType) },
    timeoutMs: timeout === undefined ? undefined : Math.round(timeout * 1000),
  });
}

/** Of --catalog-token-file, else of DATASTORAGE_TOKEN. */
async function readToken(
  { environment, signal }: Context,
  { catalogTokenFile: file }: CatalogOptions,
): Promise<string | undefined> {
  if (file === undefined) return environment.DATASTORAGE_TOKEN?.trim() || undefined;
  return readTokenFile(file, { option: '--catalog-token-file', signal });
}
