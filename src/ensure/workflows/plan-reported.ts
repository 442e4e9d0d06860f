import type { CallOptions } from '../../content/store.js';
import type { Lock } from '../../project/lock/lock.js';
import type { BundleReport } from '../bundle/ensure-bundle.js';
import type { Run } from '../run.js';
import { planWorkflows, type ServedBundle, type WorkflowReport } from './plan-workflows.js';
import { selectDeclared } from './select-declared.js';

/** Plans the workflows of a run that are declared by themselves, given what came of its bundles. */
export async function planReported(
  run: Run,
  { lock, reports }: { readonly lock: Lock; readonly reports: readonly BundleReport[] },
  options: CallOptions,
): Promise<readonly WorkflowReport[]> {
  const { workflows: specs } = selectDeclared(run.project, run.names);
  const bundles = new Map<string, ServedBundle>();
  for (const { result, entry, objects } of reports) {
    const { name, reference, pinned, outcome, plan } = result;
    if (!entry || pinned === null) continue;
    const fellBack = outcome === 'fallback' || plan === 'fallback';
    bundles.set(name, { reference, pinned, digest: entry.digest, objects, fellBack });
  }
  const planned = await planWorkflows(run, { specs, lock, bundles }, options);
  for (const { result } of planned)
    for (const message of result.warnings) run.onEvent({ type: 'warning', bundle: result.name, message });
  return planned;
}
