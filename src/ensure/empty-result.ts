import { formatReference } from '../oci/reference.js';
import type { BundleSpec } from '../project/project.js';
import type { BundleResult } from './result.js';

/** The result of a bundle of which nothing is known yet but its declaration. */
export function emptyResult({ name, reference, workflow }: BundleSpec): BundleResult {
  return {
    name,
    verdict: null,
    firstVerdict: null,
    outcome: 'failed',
    plan: null,
    changes: [],
    reference: formatReference(reference),
    pinned: null,
    digest: null,
    built: null,
    configDigest: null,
    visibility: null,
    requests: 0,
    reason: null,
    differences: [],
    served: null,
    schema: null,
    workflow: workflow
      ? { name: workflow.id, version: workflow.version, workflowId: null, action: 'none' }
      : null,
    warnings: [],
    error: null,
  };
}
