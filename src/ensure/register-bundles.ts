import { createLimiter } from '../async/limiter.js';
import {
  type CatalogEntry,
  type CatalogTarget,
  lookFor,
  type Registration,
  registerWorkflow,
} from '../catalog/catalog-target.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import { reportedError } from '../publish/reported-error.js';
import { parseDocument } from '../schema/parse-document.js';
import { workflowIdentity } from '../workflow/workflow-id.js';
import { workflowNote } from './audit-notes.js';
import type { BundleReport } from './bundle/ensure-bundle.js';
import type { BundleResult } from './result.js';
import type { Run } from './run.js';
import type { WorkflowReport } from './workflows/plan-workflows.js';
import type { WorkflowResult } from './workflows/workflow-result.js';

/** Enough for a catalog to be busy, few enough for a small one. */
const registeredAtOnce = 8;

/** What came of bundles, and of workflows that are declared by themselves. */
export interface Results {
  readonly bundles: readonly BundleResult[];
  readonly workflows: readonly WorkflowResult[];
}

/**
 * Registers the workflows of the bundles that the run ensured, or with `check` reports what would be registered. A
 * bundle whose registration fails keeps its outcome and gets the error.
 */
export async function registerAll(
  run: Run,
  {
    bundles,
    workflows,
  }: { readonly bundles: readonly BundleReport[]; readonly workflows: readonly WorkflowReport[] },
  options: CallOptions = {},
): Promise<Results> {
  const { catalog } = run;
  const identified = bundles.map((report) => withWorkflowId(run, report));
  if (!catalog) {
    return {
      bundles: identified.map(({ result }) => result),
      workflows: workflows.map(({ result }) => result),
    };
  }
  const limiter = createLimiter(registeredAtOnce);
  const registered = {
    bundles: await Promise.all(
      identified.map((report) =>
        limiter.run(() => registerBundle(run, catalog, report, options), options.signal),
      ),
    ),
    workflows: await Promise.all(
      workflows.map(({ result, catalog: entry, fellBack }) =>
        limiter.run(() => registerOne(run, catalog, { result, entry, fellBack }, options), options.signal),
      ),
    ),
  };
  if (run.mode === 'ensure' && !run.frozen && !isSkipped(run, catalog))
    await pruneUndeclared(run, catalog, { bundles, workflows }, options);
  return registered;
}

/** A RemediationWorkflow has its id by its content, whatever becomes of it in a catalog. */
function withWorkflowId(run: Run, report: BundleReport): BundleReport {
  const { result, schema } = report;
  if (run.project.schemas.format !== 'remediation-workflow' || !schema || !result.workflow) return report;
  const { workflowId } = workflowIdentity(parseDocument(schema.text, schema.path));
  return { ...report, result: { ...result, workflow: { ...result.workflow, workflowId } } };
}

async function registerBundle(
  run: Run,
  catalog: CatalogTarget,
  report: BundleReport,
  options: CallOptions,
): Promise<BundleResult> {
  const { result } = report;
  if (result.outcome === 'failed' || result.plan === 'fail') return asInCatalog(result, catalog);
  const fellBack = result.outcome === 'fallback' || result.plan === 'fallback';
  return registerOne(run, catalog, { result, entry: entryOf(run, report), fellBack }, options);
}

/** The part of a result that registering changes. */
type Registrable = Pick<BundleResult, 'name' | 'workflow' | 'changes' | 'warnings' | 'error'>;

async function registerOne<Result extends Registrable>(
  run: Run,
  catalog: CatalogTarget,
  {
    result: declared,
    entry,
    fellBack,
  }: { readonly result: Result; readonly entry: CatalogEntry | undefined; readonly fellBack: boolean },
  options: CallOptions,
): Promise<Result> {
  const result = asInCatalog(declared, catalog);
  const { workflow } = result;
  if (!entry || !workflow) return result;
  if (isSkipped(run, catalog) || (fellBack && !catalog.takesFallbacks))
    return { ...result, workflow: { ...workflow, action: 'skipped' } };
  try {
    const registration = await register(run, catalog, entry, options);
    if (registration === 'would-create') return { ...result, changes: [...result.changes, 'catalog'] };
    const { action, workflowId, warnings } = registration;
    if (action === 'created')
      await run.audit?.record(workflowNote(entry, { ...workflow, workflowId, place: catalog.place }));
    for (const message of warnings) run.onEvent({ type: 'warning', bundle: result.name, message });
    run.onEvent({ type: 'registered', bundle: result.name, workflow: workflow.name, action });
    return {
      ...result,
      changes: action === 'created' ? [...result.changes, 'catalog'] : result.changes,
      workflow: { ...workflow, workflowId, action },
      warnings: [...result.warnings, ...warnings],
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { ...result, error: reportedError(error) };
  }
}

/** The workflow's version as the catalog has it. */
function asInCatalog<Result extends Registrable>(
  result: Result,
  { versionPrefix = '' }: CatalogTarget,
): Result {
  const { workflow } = result;
  if (!workflow || versionPrefix === '' || workflow.version.startsWith(versionPrefix)) return result;
  return { ...result, workflow: { ...workflow, version: versionPrefix + workflow.version } };
}

async function register(
  run: Run,
  catalog: CatalogTarget,
  entry: CatalogEntry,
  options: CallOptions,
): Promise<Registration | 'would-create'> {
  const frozen = run.frozen && !catalog.remote;
  if (run.mode === 'ensure' && !frozen) return registerWorkflow(catalog, entry, options);
  const state = await lookFor(catalog, entry, options);
  if (state.is === 'different') throw state.error;
  if (state.is === 'same') return { ...state, action: 'unchanged' };
  if (!frozen) return 'would-create';
  throw new BundlesError(
    'FROZEN',
    `Cannot ensure ${JSON.stringify(entry.bundle)} frozen: its files in ${JSON.stringify(catalog.place)} would change`,
    { hint: 'Run ensure without --frozen, review the change, and commit it' },
  );
}

/** No request is sent offline; files of the project need no network. */
function isSkipped(run: Run, catalog: CatalogTarget): boolean {
  return catalog.remote && run.offline;
}

/** Removes what earlier runs wrote for workflows that are no longer declared. */
async function pruneUndeclared(
  run: Run,
  catalog: CatalogTarget,
  {
    bundles,
    workflows,
  }: { readonly bundles: readonly BundleReport[]; readonly workflows: readonly WorkflowReport[] },
  options: CallOptions,
): Promise<void> {
  if (run.names.length > 0 || run.shard || !catalog.prune) return;
  const entries = [
    ...bundles.map((report) => entryOf(run, report)),
    ...workflows.map(({ catalog: entry }) => entry),
  ].filter((entry) => entry !== undefined);
  // What failed has no entry, and its files must stay.
  const whole =
    bundles.every((report) => !report.result.workflow || entryOf(run, report) !== undefined) &&
    workflows.every(({ catalog: entry, result }) => entry !== undefined || result.schema === null) &&
    workflows.every(({ result }) => result.outcome !== 'failed' && result.outcome !== 'skipped');
  if (whole) await catalog.prune(entries, { ...options, dryRun: false });
}

function entryOf(run: Run, { result, entry, schema }: BundleReport): CatalogEntry | undefined {
  const { format } = run.project.schemas;
  if (!entry || !schema || !result.workflow || !result.pinned || format === 'none') return undefined;
  const { name, version } = result.workflow;
  return {
    bundle: result.name,
    name,
    version,
    format,
    content: schema.text,
    contentHash: schema.contentHash,
    image: result.pinned,
    digest: entry.digest,
  };
}
