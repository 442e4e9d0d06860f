import { join } from 'node:path';
import { spoolDirectory } from '../catalog/audit/audit-spool.js';
import { type AuditTrail, createAuditTrail } from '../catalog/audit/audit-trail.js';
import type { CatalogTarget } from '../catalog/catalog-target.js';
import { createDataStorageClient } from '../catalog/data-storage/data-storage-client.js';
import { dataStorageTarget } from '../catalog/data-storage/data-storage-target.js';
import type { EmbeddedFetch } from '../catalog-server/embedded-fetch.js';
import { requireInside } from '../fs/is-inside.js';
import { sendTo } from '../http/serve/handler-transport.js';
import type { Catalog, Project } from '../project/project.js';
import { version } from '../version.js';
import { toActionType } from '../workflow/action-type.js';
import { type CatalogTokenOptions, catalogToken } from './catalog-token.js';
import type { Connection } from './connect.js';
import { optionOr, type RunContext } from './machine.js';
import { openKubeconfig } from './open-kubeconfig.js';

export interface CatalogOptions extends CatalogTokenOptions {
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
  /** After the audit trail. */
  close?(): Promise<void>;
}

/** The catalog that a project declares, and its audit trail. @throws CONFIG_INVALID, USAGE, NOT_READABLE, NOT_WRITABLE */
export async function openCatalog(
  context: RunContext,
  { project, mode, options, connection, stateDirectory }: OpenCatalogRequest,
): Promise<OpenedCatalog> {
  const { catalog, audit } = project;
  if (catalog.kind === 'none') return { catalog: undefined, audit: undefined };
  if (catalog.kind !== 'data-storage' && catalog.kind !== 'embedded') {
    const request = { project, connection, stateDirectory, options };
    const target =
      catalog.kind === 'manifests' ? manifestsOf(catalog, request) : clusterOf(context, catalog, request);
    return { catalog: await target, audit: undefined };
  }
  const { clock } = context;
  const offline = () => Promise.reject(new Error('offline: no request is sent'));
  const embedded = catalog.kind === 'embedded' ? await embeddedOf(context, stateDirectory) : undefined;
  const send = connection ? (embedded ? sendTo(embedded.fetch) : connection.send) : offline;
  const { url, versionPrefix } = catalog.kind === 'embedded' ? embeddedCatalog : catalog;
  const settings = {
    clock,
    send,
    url,
    // Who serves the embedded catalog is found by a note in the checkout: it gets no token.
    token: embedded ? undefined : await catalogToken(context, url, { options, connection }),
    userAgent: `tekton-bundles/${version}`,
    timeoutMs: options.timeout === undefined ? undefined : Math.round(options.timeout * 1000),
  };
  const client = createDataStorageClient(settings);
  const remote = dataStorageTarget({ client, clock, versionPrefix, takesFallbacks: embedded !== undefined });
  const target = embedded ? embeddedTarget(remote, { embedded, stateDirectory, mode }) : remote;
  const close = embedded ? { close: () => embedded.close() } : {};
  if (!audit || mode === 'check') return { catalog: target, audit: undefined, ...close };
  const trail = await createAuditTrail({
    client: createDataStorageClient({ ...settings, attempts: 1 }),
    directory: spoolDirectory(stateDirectory),
    clock,
  });
  return { catalog: target, audit: trail, ...close };
}

/** A placeholder for the address that the embedded catalog gets when it is first needed. */
const embeddedCatalog = { url: 'http://127.0.0.1', versionPrefix: '' } as const;

async function embeddedOf(context: RunContext, stateDirectory: string): Promise<EmbeddedFetch> {
  const { createEmbeddedFetch } = await import('../catalog-server/embedded-fetch.js');
  return createEmbeddedFetch({
    root: join(stateDirectory, 'catalog'),
    clock: context.clock,
    database: optionOr(undefined, context, 'BUNDLES_CATALOG_DATABASE'),
    signal: context.signal,
  });
}

/** Named by its directory, whatever port it has today. A check makes no directory just to look. */
function embeddedTarget(
  target: CatalogTarget,
  {
    embedded,
    stateDirectory,
    mode,
  }: { readonly embedded: EmbeddedFetch } & Pick<OpenCatalogRequest, 'stateDirectory' | 'mode'>,
): CatalogTarget {
  return {
    ...target,
    place: `the embedded catalog in ${join(stateDirectory, 'catalog')}`,
    async look(entry, options) {
      if (mode === 'check' && !(await embedded.exists())) return { is: 'absent' };
      return target.look(entry, options);
    },
  };
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
  context: RunContext,
  { context: name, namespace, webhook }: Extract<Catalog, { kind: 'kubernetes' }>,
  { project, connection, options }: Omit<OpenCatalogRequest, 'mode' | 'stateDirectory'>,
): Promise<CatalogTarget> {
  const asked = () => Promise.reject(new Error('offline: no request is sent'));
  if (!connection)
    return {
      place: 'kubernetes',
      format: 'remediation-workflow',
      remote: true,
      takesFallbacks: false,
      look: asked,
      register: asked,
    };
  const { kubernetesTarget } = await import('../catalog/kubernetes-target.js');
  const { timeout } = options;
  return kubernetesTarget(await openKubeconfig(context, name), {
    clock: context.clock,
    namespace,
    webhook,
    actionTypes: project.actionTypes.map(toActionType),
    timeoutMs: timeout === undefined ? undefined : Math.round(timeout * 1000),
  });
}
