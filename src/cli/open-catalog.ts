import type { CatalogTarget } from '../catalog/catalog-target.js';
import { createDataStorageClient } from '../catalog/data-storage-client.js';
import { dataStorageTarget } from '../catalog/data-storage-target.js';
import { BundlesError } from '../errors.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import type { Project } from '../project/project.js';
import { version } from '../version.js';
import type { Connection } from './connect.js';
import type { Context } from './context.js';

export interface CatalogOptions {
  readonly catalogTokenFile?: string;
  /** Seconds. */
  readonly timeout?: number;
}

export interface OpenCatalogRequest {
  readonly project: Project;
  readonly options: CatalogOptions;
  /** Undefined when offline. */
  readonly connection: Connection | undefined;
}

/** A token, or a file mounted by a cluster, is never longer. */
const longestToken = 64 * 1024;

/** The catalog that a project declares; undefined where there is none. @throws CONFIG_INVALID, USAGE, NOT_READABLE */
export async function openCatalog(
  context: Context,
  { project: { catalog, audit, file }, options, connection }: OpenCatalogRequest,
): Promise<CatalogTarget | undefined> {
  if (catalog.kind === 'none') return undefined;
  if (catalog.kind !== 'data-storage' || audit) {
    const what = audit ? 'audit' : catalog.kind;
    throw new BundlesError(
      'CONFIG_INVALID',
      `Cannot use ${JSON.stringify(file)}: this version has no ${what} yet`,
    );
  }
  const { clock } = context;
  const offline = () => Promise.reject(new Error('offline: nothing is asked'));
  const client = createDataStorageClient({
    ...{ clock, fetch: connection?.fetch ?? offline, url: catalog.url },
    token: await readToken(context, options),
    userAgent: `tekton-bundles/${version}`,
    timeoutMs: options.timeout === undefined ? undefined : Math.round(options.timeout * 1000),
  });
  return dataStorageTarget({ client, clock, versionPrefix: catalog.versionPrefix });
}

/** Of --catalog-token-file, else of DATASTORAGE_TOKEN. */
async function readToken(
  { environment, signal }: Context,
  { catalogTokenFile: file }: CatalogOptions,
): Promise<string | undefined> {
  if (file === undefined) return environment.DATASTORAGE_TOKEN?.trim() || undefined;
  const limits = { limit: longestToken, missing: 'USAGE', tooLarge: 'USAGE' } as const;
  const token = new TextDecoder().decode(await readFileCapped(file, { ...limits, signal })).trim();
  if (token !== '') return token;
  throw new BundlesError('USAGE', `Cannot use the token in ${JSON.stringify(file)}: the file is empty`, {
    hint: 'Put the bearer token of the catalog into it, or leave out --catalog-token-file',
  });
}
