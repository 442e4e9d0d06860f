import type { CallOptions } from '../content/store.js';
import { recordCommitted } from '../ensure/bundle/record-committed.js';
import type { Run } from '../ensure/run.js';
import { toPin, type WorkflowPin } from '../ensure/workflows/pin-workflow.js';
import { planWorkflows } from '../ensure/workflows/plan-workflows.js';
import type { WorkflowResult } from '../ensure/workflows/workflow-result.js';
import type { ImageResult } from '../images/image-result.js';
import { readLock } from '../project/lock/lock-file.js';

/**
 * Pins the workflows that run images which a run made sure of, in the lock and in their documents. An image that is on no
 * registry pins none.
 *
 * @throws LOCK_INVALID, NOT_READABLE, NOT_WRITABLE, and the signal's reason
 */
export async function pinImages(
  run: Run,
  results: readonly ImageResult[],
  options: CallOptions = {},
): Promise<readonly WorkflowResult[]> {
  const images = new Map<string, WorkflowPin>();
  for (const { name, tagged, reference, digest, error } of results) {
    const shown = tagged ?? reference;
    if (!error && digest !== null && shown !== null) images.set(name, toPin(shown, digest));
  }
  const specs = run.project.workflows.filter(
    ({ source }) => source.kind === 'image' && images.has(source.image),
  );
  if (specs.length === 0) return [];
  const lock = await readLock(run.lock.read, options);
  const planned = await planWorkflows(run, { specs, lock, bundles: new Map(), images }, options);
  const own = planned.map(({ result: { name }, entry, files }) => ({ name, entry, files }));
  await recordCommitted({ ...run, names: specs.map(({ name }) => name) }, [], options, own);
  return planned.map(({ result }) => result);
}
