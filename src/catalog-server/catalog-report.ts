import type { Clock } from '../async/clock.js';
import type { AuditEvent, Workflow } from '../catalog/data-storage/data-storage-api.js';
import type { DataStorageClient } from '../catalog/data-storage/data-storage-client.js';
import type { WorkflowData } from '../catalog-page/page-data.js';
import { reportPage } from '../catalog-page/report.js';
import { version } from '../version.js';
import type { BundleLookup } from './bundle-lookup.js';

export interface CatalogReportOptions {
  readonly client: DataStorageClient;
  /** Where the bundles are looked for. */
  readonly bundles: BundleLookup;
  /** What was read, for people. */
  readonly source: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

export interface CatalogReport {
  /** One file that needs nothing else. */
  readonly html: string;
  readonly workflows: number;
  readonly versions: number;
  readonly events: number;
}

/** More make a file that no browser likes; the newest are shown. */
const mostEntries = 5_000;
const pageSize = 100;
const mostEvents = 200;
/** Of the documents of all workflows together, in characters. */
const mostText = 32 * 1024 * 1024;
/** For asking registries and reading bundles in all; what is not known by then is not shown. */
const patienceMs = 10_000;

/** What a catalog holds, as one page: workflows with their versions and task graphs, and the latest of the audit trail. */
export async function createCatalogReport(options: CatalogReportOptions): Promise<CatalogReport> {
  const { client, source, clock } = options;
  const call = options.signal ? { signal: options.signal } : {};
  const entries = await readEntries(client, call);
  const audit = await client.queryAuditEvents({ limit: mostEvents }, call);
  const names = new Map<string, Workflow[]>();
  for (const entry of entries)
    names.set(entry.workflow_name, [...(names.get(entry.workflow_name) ?? []), entry]);
  const patience = AbortSignal.timeout(patienceMs);
  const signal = options.signal ? AbortSignal.any([options.signal, patience]) : patience;
  const workflows = await Promise.all(
    [...names.values()].map((versions) => dataOf(versions, audit.data, { ...options, signal })),
  );
  options.signal?.throwIfAborted();
  const html = reportPage({
    source,
    time: new Date(clock.now()).toISOString(),
    workflows: withinText(workflows.filter((data) => data !== undefined)),
    audit: { events: audit.data, total: audit.pagination.total },
    footer: `bundles ${version}`,
  });
  return { html, workflows: names.size, versions: entries.length, events: audit.pagination.total };
}

/** Beyond the limit a workflow is shown without its document. */
function withinText(workflows: readonly WorkflowData[]): readonly WorkflowData[] {
  let text = 0;
  return workflows.map((data) => {
    const { content } = data.workflow;
    if (text + content.length > mostText) {
      return { ...data, workflow: { ...data.workflow, content: 'left out: this page would be too large' } };
    }
    text += content.length;
    return data;
  });
}

/** Newest first. What is registered meanwhile moves entries to later pages: one that comes twice counts once. */
async function readEntries(
  client: DataStorageClient,
  call: { readonly signal?: AbortSignal },
): Promise<readonly Workflow[]> {
  const entries = new Map<string, Workflow>();
  for (let offset = 0; offset < mostEntries; offset += pageSize) {
    const { workflows, total } = await client.listWorkflows({ limit: pageSize, offset }, call);
    for (const workflow of workflows) entries.set(workflow.workflow_id, workflow);
    if (workflows.length === 0 || offset + pageSize >= total) break;
  }
  return [...entries.values()];
}

async function dataOf(
  versions: readonly Workflow[],
  events: readonly AuditEvent[],
  { bundles, signal }: CatalogReportOptions,
): Promise<WorkflowData | undefined> {
  const workflow = versions.find((one) => one.is_latest_version) ?? versions[0];
  if (workflow === undefined) return undefined;
  const { container_image: image, workflow_id, workflow_name } = workflow;
  const call = signal ? { signal } : {};
  const [served, graph] = await Promise.all([bundles.served(image, call), bundles.graph(image, call)]);
  const own = [workflow_id, workflow_name, `${workflow_name}:${workflow.version}`];
  return {
    workflow,
    versions,
    served,
    graph,
    events: events.filter(({ resource_id }) => own.includes(resource_id ?? '')).slice(0, 20),
  };
}
