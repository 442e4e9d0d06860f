import { createHash } from 'node:crypto';
import { canonicalContent } from './canonical-content.js';
import { contentHash } from './schema-document.js';

/** The namespace of the catalog's workflow ids. */
const namespace = Buffer.from('6ba7b8109dad51d080b700c04fd430c8', 'hex');

/** The names by which a catalog identifies a RemediationWorkflow; the same content has the same everywhere. */
export interface WorkflowIdentity {
  /** Lower-case hexadecimal sha256 of the canonical content. */
  readonly canonicalHash: string;
  /** UUID of version 5, made of the canonical hash. */
  readonly workflowId: string;
}

/**
 * The id and the hash that a catalog gives a RemediationWorkflow, from the object or from its parsed document. The same content has the same
 * identity everywhere.
 *
 * @example
 * ```ts
 * import { workflowIdentity } from 'tekton-bundles/workflow';
 *
 * const document = { kind: 'RemediationWorkflow', metadata: { name: 'restart' }, spec: { version: '1.0.0' } };
 * const { canonicalHash, workflowId } = workflowIdentity(document);
 * console.log(canonicalHash.length, workflowId.length); // 64 36
 * ```
 */
export function workflowIdentity(document: unknown): WorkflowIdentity {
  const canonicalHash = contentHash(canonicalContent(document));
  return { canonicalHash, workflowId: uuidOf(canonicalHash) };
}

function uuidOf(name: string): string {
  const bytes = createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
