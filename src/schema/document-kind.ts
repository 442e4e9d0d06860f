import type { SchemaFormat } from '../workflow/schema-document.js';

/** What a document states it is. */
export type DocumentKind = SchemaFormat | 'action-type';

const kinds: readonly (readonly [kind: string, apiVersion: string, is: DocumentKind])[] = [
  ['WorkflowSchema', 'kubernaut.io/v1alpha1', 'workflow-schema'],
  ['RemediationWorkflow', 'kubernaut.ai/v1alpha1', 'remediation-workflow'],
  ['ActionType', 'kubernaut.ai/v1alpha1', 'action-type'],
];

export const kindNames = kinds.map(([kind]) => kind);

/** The kind by `kind`, else by an `apiVersion` that only one kind has; undefined for other documents. */
export function documentKind(value: unknown): DocumentKind | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, apiVersion } = value as { readonly kind?: unknown; readonly apiVersion?: unknown };
  const found = kinds.find(([name]) => name === kind);
  if (found) return found[2];
  return kind === undefined && apiVersion === kinds[0]?.[1] ? 'workflow-schema' : undefined;
}
