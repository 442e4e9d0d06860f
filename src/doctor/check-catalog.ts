import { join } from 'node:path';
import type { Clock } from '../async/clock.js';
import { createDataStorageClient } from '../catalog/data-storage-client.js';
import { findRunningCatalog } from '../catalog-server/find-running-catalog.js';
import type { Cluster } from '../cluster/open-cluster.js';
import type { Send } from '../http/message.js';
import type { Catalog, Project } from '../project/project.js';
import { type CheckOutcome, fine, notConfigured, warning } from './check-result.js';

export interface CatalogQuestion {
  readonly project: Project;
  readonly stateDirectory: string;
  readonly send: Send;
  readonly clock: Clock;
  readonly token: string | undefined;
  /** Opens the cluster of a kubeconfig's context. */
  readonly openCluster: (context: string | undefined) => Promise<Cluster>;
}

/** Whether the declared catalog answers, is well, and speaks the interface of this program. @throws CATALOG_UNREACHABLE, CATALOG_REFUSED, CLUSTER_… */
export async function checkCatalog(question: CatalogQuestion, signal: AbortSignal): Promise<CheckOutcome> {
  const { project, stateDirectory } = question;
  const { catalog } = project;
  switch (catalog.kind) {
    case 'none':
      return notConfigured('no catalog is declared');
    case 'manifests':
      return fine(`written as files into ${catalog.directory}`, { kind: catalog.kind });
    case 'embedded': {
      const running = await findRunningCatalog(join(stateDirectory, 'catalog'), { signal, readOnly: true });
      return fine(`that of the state directory, ${running ? `served at ${running.url}` : 'not served now'}`, {
        kind: catalog.kind,
        url: running?.url ?? null,
      });
    }
    case 'kubernetes':
      return lookAtObjects(catalog, question, signal);
    case 'data-storage':
      return lookAtService(catalog, question, signal);
  }
}

async function lookAtObjects(
  { kind, context: name }: Extract<Catalog, { kind: 'kubernetes' }>,
  { openCluster }: CatalogQuestion,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const cluster = await openCluster(name);
  const { VersionApi } = await import('@kubernetes/client-node');
  const api = cluster.config.makeApiClient(VersionApi);
  const found = await cluster.ask('ask the cluster for its version', () => api.getCode(), { signal });
  const { context, server } = cluster;
  return fine(`objects of ${context}, which answers`, { kind, context, server, version: found?.gitVersion });
}

async function lookAtService(
  { kind, url }: Extract<Catalog, { kind: 'data-storage' }>,
  { send, clock, token }: CatalogQuestion,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const client = createDataStorageClient({ send, clock, url, token, timeoutMs: 5000, attempts: 2 });
  const { healthy, said } = await client.health({ signal });
  // Later generations have health too: only the answer to a question tells which one this is.
  const { total } = await client.listWorkflows({ limit: 1 }, { signal });
  const details = { kind, url: client.url, healthy, status: said?.status ?? null, workflows: total };
  if (healthy) return fine(`${client.url} is well and speaks the interface of January 2026`, details);
  const message = `${client.url} answers, and says of itself that it is not well`;
  return warning(message, 'Look at the database of the catalog, and at its own log', details);
}
