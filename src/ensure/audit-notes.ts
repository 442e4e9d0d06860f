import type { AuditNote } from '../catalog/audit/audit-event.js';
import type { CatalogEntry, Registration } from '../catalog/catalog-target.js';
import type { BundleResult } from './result.js';

const severities = {
  published: 'info',
  reused: 'info',
  fallback: 'warning',
  failed: 'error',
} as const;

/** What the audit trail gets about a bundle; undefined for what was only planned. */
export function bundleNote(result: BundleResult): AuditNote | undefined {
  const { outcome, name, reference, pinned, digest, built, verdict, reason, visibility, served, error } =
    result;
  if (outcome === 'planned') return undefined;
  return {
    type: `bundle.${outcome}`,
    outcome: outcome === 'failed' ? 'failure' : 'success',
    severity: severities[outcome],
    resource: { type: 'Bundle', id: reference },
    data: {
      bundle: name,
      reference,
      pinned,
      digest,
      built,
      verdict,
      reason,
      visibility,
      served: served?.reference ?? null,
      error: error && { code: error.code, message: error.message },
    },
  };
}

/** What the audit trail gets about a workflow that was registered in the catalog at `place`. */
export function workflowNote(
  { bundle, name, image, contentHash }: CatalogEntry,
  {
    version,
    workflowId,
    place,
  }: Pick<Registration, 'workflowId'> & { readonly version: string; readonly place: string },
): AuditNote {
  return {
    type: 'workflow.registered',
    outcome: 'success',
    severity: 'info',
    resource: { type: 'Workflow', id: workflowId ?? `${name}:${version}` },
    data: {
      bundle,
      catalog: place,
      workflow: name,
      workflow_version: version,
      workflow_id: workflowId,
      content_hash: contentHash,
      container_image: image,
    },
  };
}
