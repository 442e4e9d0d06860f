import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createDataStorageClient,
  type DataStorageClient,
} from '../../../catalog/data-storage/data-storage-client.js';
import { createBundleLookup } from '../../../catalog-server/bundle-lookup.js';
import { createEmbeddedFetch } from '../../../catalog-server/embedded-fetch.js';
import { registryRoot } from '../../../ensure/create-run.js';
import { BundlesError } from '../../../errors.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import { sendTo } from '../../../http/serve/handler-transport.js';
import { catalogToken } from '../../../open/catalog-token.js';
import type { Connection } from '../../../open/connect.js';
import { optionOr } from '../../../open/machine.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { keepProject } from '../../../open/own-values.js';
import type { Catalog } from '../../../project/project.js';
import { readProject } from '../../../project/read-project.js';
import { version } from '../../../version.js';
import type { Context } from '../../context.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import type { Session } from '../../session.js';

export interface ReportOptions extends CommonOptions, NetworkOptions {
  readonly html: string;
  readonly catalog?: string;
  readonly config?: string;
  readonly stateDir?: string;
  readonly catalogTokenFile?: string;
  readonly offline?: boolean;
}

/** Writes the page of the catalog that is named, else of the project's, else of the embedded one. */
export async function runReport({ context }: Session, options: ReportOptions): Promise<void> {
  const { clock, signal, stdout } = context;
  const { catalog, directory } = await chooseCatalog(context, options);
  const state = optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR') ?? join(directory, '.bundles');
  const { createCatalogReport } = await import('../../../catalog-server/catalog-report.js');
  const connection = await openConnection(context, { options, patience: 'brief', registries: [] });
  const opened = await openSource(context, { catalog, state, connection, options });
  try {
    const { html, ...counts } = await createCatalogReport({
      client: opened.client,
      source: opened.source,
      clock,
      signal,
      bundles: createBundleLookup({
        registry: options.offline ? undefined : connection.registry,
        layouts: registryRoot(state),
        clock,
      }),
    });
    await writeFileAtomic(options.html, html, { signal });
    const { workflows, versions, events } = counts;
    if (options.output === 'json')
      stdout.json(
        { version: 1, html: options.html, source: opened.source, workflows, versions, events, error: null },
        { indent: 0 },
      );
    else
      stdout.line(
        `${options.html}: ${count(workflows, 'workflow')}, ${count(versions, 'version')}, ${count(events, 'audit event')} of ${opened.source}`,
      );
  } finally {
    await opened.close();
    await connection.close();
  }
}

type ReadableCatalog = Extract<Catalog, { kind: 'embedded' | 'data-storage' }>;

async function chooseCatalog(
  context: Context,
  options: ReportOptions,
): Promise<{ readonly catalog: ReadableCatalog; readonly directory: string }> {
  const named = optionOr(options.catalog, context, 'BUNDLES_CATALOG');
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG');
  const exists = await stat(file ?? 'bundles.yaml').catch(() => undefined);
  if (file !== undefined || exists) {
    const overrides = named === undefined ? {} : { catalog: named };
    const project = keepProject(
      context,
      await readProject(file ?? 'bundles.yaml', overrides, { signal: context.signal }),
    );
    const { catalog, directory } = project;
    if (catalog.kind === 'embedded' || catalog.kind === 'data-storage') return { catalog, directory };
    if (catalog.kind === 'none' && named === undefined) return { catalog: { kind: 'embedded' }, directory };
    throw unreadable(catalog.kind);
  }
  if (named === undefined || named === 'embedded') return { catalog: { kind: 'embedded' }, directory: '.' };
  if (!/^https?:\/\//i.test(named) || !URL.canParse(named)) throw unreadable(named);
  return { catalog: { kind: 'data-storage', url: named, api: '2026-01', versionPrefix: '' }, directory: '.' };
}

function unreadable(found: string): BundlesError {
  return new BundlesError('USAGE', `Cannot report on the catalog ${JSON.stringify(found.slice(0, 100))}`, {
    hint: 'Give --catalog embedded, or --catalog with the address of a DataStorage service',
  });
}

interface Source {
  readonly client: DataStorageClient;
  /** For people. */
  readonly source: string;
  close(): Promise<void>;
}

async function openSource(
  context: Context,
  {
    catalog,
    state,
    connection,
    options,
  }: {
    readonly catalog: ReadableCatalog;
    readonly state: string;
    readonly connection: Connection;
    readonly options: ReportOptions;
  },
): Promise<Source> {
  const { clock, signal } = context;
  const settings = { clock, userAgent: `tekton-bundles/${version}` };
  if (catalog.kind === 'data-storage') {
    const { url } = catalog;
    const token = await catalogToken(context, url, { options, connection });
    const client = createDataStorageClient({ ...settings, send: connection.send, url, token });
    return { client, source: client.url, close: async () => undefined };
  }
  const root = join(state, 'catalog');
  const database = optionOr(undefined, context, 'BUNDLES_CATALOG_DATABASE');
  const embedded = createEmbeddedFetch({ root, clock, database, signal });
  if (!(await embedded.exists())) {
    throw new BundlesError(
      'NOT_FOUND',
      `Cannot report on the embedded catalog: there is no catalog in ${JSON.stringify(root)}`,
      {
        hint: 'Name its state directory with --state-dir, or another catalog with --catalog',
        details: { root },
      },
    );
  }
  const client = createDataStorageClient({
    ...settings,
    send: sendTo(embedded.fetch),
    url: 'http://127.0.0.1',
  });
  return { client, source: `the embedded catalog in ${root}`, close: () => embedded.close() };
}
