import { createLimiter } from '../async/limiter.js';
import type { CatalogEntry, CatalogTarget, Registration } from '../catalog/catalog-target.js';
import { openJournal } from '../catalog/journal.js';
import { type RegisterOptions, registerWorkflow, settleJournal } from '../catalog/register-workflow.js';
import type { CallOptions } from '../content/store.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { reportedError } from '../publish/reported-error.js';
import { workflowNote } from './audit-notes.js';
import type { BundleReport } from './bundle/ensure-bundle.js';
import type { BundleResult } from './result.js';
import type { Run } from './run.js';

/** Enough for a catalog to be busy, few enough for a small one. */
const registeredAtOnce = 8;

/**
 * Registers the workflows of what the run made sure of, or under `check` tells what would be registered. A bundle whose
 * registration fails keeps its outcome and gets the error.
 */
export async function registerBundles(
  run: Run,
  reports: readonly BundleReport[],
  options: CallOptions = {},
): Promise<readonly BundleResult[]> {
  const { catalog } = run;
  const results = reports.map(({ result }) => result);
  if (!catalog) return results;
  const journal = openJournal(run.stateDirectory);
  const onRegistered: RegisterOptions['onRegistered'] = (entry, { action, workflowId }) =>
    action === 'created'
      ? run.audit?.record(workflowNote(entry, { workflowId, place: catalog.place }))
      : undefined;
  const call: RegisterOptions = { journal, clock: run.clock, onRegistered, ...options };
  const limiter = createLimiter(registeredAtOnce);
  const registered = await Promise.all(
    reports.map((report) =>
      limiter.run(() => registerBundle(run, { report, catalog, call }), options.signal),
    ),
  );
  if (run.mode === 'ensure' && !isSkipped(run, catalog)) await tidyUp(run, { reports, catalog, call });
  return registered;
}

interface Registering {
  readonly report: BundleReport;
  readonly catalog: CatalogTarget;
  readonly call: RegisterOptions;
}

async function registerBundle(run: Run, { report, catalog, call }: Registering): Promise<BundleResult> {
  const { result } = report;
  const entry = entryOf(run, report);
  if (!entry || !result.workflow || result.outcome === 'failed' || result.plan === 'fail') return result;
  const { workflow } = result;
  const fellBack = result.outcome === 'fallback' || result.plan === 'fallback';
  if (isSkipped(run, catalog) || (fellBack && !catalog.takesFallbacks))
    return { ...result, workflow: { ...workflow, action: 'skipped' } };
  try {
    const state = await registration(run, entry, { catalog, call });
    if (state === 'would-create') return { ...result, changes: [...result.changes, 'catalog'] };
    const { action, workflowId, warnings } = state;
    for (const message of warnings) run.onEvent({ type: 'warning', bundle: result.name, message });
    run.onEvent({ type: 'registered', bundle: result.name, workflow: workflow.name, action });
    return {
      ...result,
      changes: action === 'created' ? [...result.changes, 'catalog'] : result.changes,
      workflow: { ...workflow, workflowId, action },
      warnings: [...result.warnings, ...warnings],
    };
  } catch (error) {
    call.signal?.throwIfAborted();
    return { ...result, error: reportedError(error) };
  }
}

async function registration(
  run: Run,
  entry: CatalogEntry,
  { catalog, call }: Pick<Registering, 'catalog' | 'call'>,
): Promise<Registration | 'would-create'> {
  const frozen = run.frozen && !catalog.remote;
  if (run.mode === 'ensure' && !frozen) return registerWorkflow(catalog, entry, call);
  const state = await catalog.look(entry, call);
  if (state.is === 'different') throw state.error;
  if (state.is === 'same') return { ...state, action: 'unchanged' };
  if (!frozen) return 'would-create';
  throw new BundlesError(
    'FROZEN',
    `Cannot ensure ${JSON.stringify(entry.bundle)} frozen: its files in ${JSON.stringify(catalog.place)} would change`,
    { hint: 'Run ensure without --frozen, look at what changed, and commit it' },
  );
}

/** Nothing is asked offline; files of the project need no network. */
function isSkipped(run: Run, catalog: CatalogTarget): boolean {
  return catalog.remote && run.offline;
}

/** What no declared bundle stands for any more; a catalog that fails here is asked again by the next run. */
async function tidyUp(
  run: Run,
  { reports, catalog, call }: Omit<Registering, 'report'> & { readonly reports: readonly BundleReport[] },
): Promise<void> {
  if (run.names.length > 0) return;
  const entries = reports.map((report) => entryOf(run, report)).filter((entry) => entry !== undefined);
  try {
    await settleJournal(catalog, entries, call);
  } catch (error) {
    call.signal?.throwIfAborted();
    if (!isBundlesError(error) || !error.code.startsWith('CATALOG_')) throw error;
  }
  // A bundle that failed has no entry, and its files must stay.
  const whole = reports.every((report) => !report.result.workflow || entryOf(run, report) !== undefined);
  if (whole && !run.frozen) await catalog.prune?.(entries, { ...call, dryRun: false });
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
