import { formatReference } from '../oci/reference.js';
import { type LockEntry, sameLockEntry } from '../project/lock.js';
import type { SourceWarning } from '../tekton/object.js';
import { contentHash } from '../workflow/content-hash.js';
import { deriveWorkflowSchema } from '../workflow/derive-schema.js';
import type { SchemaObject } from '../workflow/pipeline-params.js';
import { writeFlatSchema } from '../workflow/write-flat-schema.js';
import type { Candidate } from './candidate.js';
import type { Pinned } from './next-entry.js';
import type { Change } from './result.js';
import type { SchemaFile } from './schema-file.js';

/** What the committed files are to say about one bundle. */
export interface RecordPlan {
  /** Canonical reference with its digest. */
  readonly pinned: string;
  readonly entry: LockEntry;
  readonly schema: PlannedSchema | undefined;
  /** Which of the files that is news to. */
  readonly changes: readonly Change[];
}

/** What is left to write once a bundle is served; nothing where it failed. */
export interface Recorded {
  readonly entry: LockEntry | undefined;
  readonly schema: PlannedSchema | undefined;
}

export interface PlannedSchema {
  readonly path: string;
  readonly file: string;
  readonly text: string;
  readonly contentHash: string;
  readonly warnings: readonly SourceWarning[];
}

export interface RecordRequest {
  /** For messages. */
  readonly projectFile: string;
  readonly candidate: Candidate;
  readonly pinned: Pinned;
  /** The bundle's entry in the lock as it is. */
  readonly locked: LockEntry | undefined;
  /** Undefined for a bundle that has no schema. */
  readonly schemaFile: SchemaFile | undefined;
  /** What the schema is derived from: the candidate's objects, or those of a reused foreign bundle. */
  readonly objects: readonly SchemaObject[];
}

/** @throws SCHEMA_INVALID, SCHEMA_MISMATCH */
export function planRecord({
  projectFile,
  candidate,
  pinned,
  locked,
  schemaFile,
  objects,
}: RecordRequest): RecordPlan {
  const { spec, sources } = candidate;
  const reference = formatReference(spec.reference);
  const canonical = `${reference}@${pinned.digest}`;
  const schema = planSchema({ projectFile, candidate, schemaFile, objects, canonical });
  const entry: LockEntry = {
    reference,
    digest: pinned.digest,
    created: pinned.created,
    sources,
    objects: pinned.objects,
    schema: schema ? { path: schema.path, contentHash: schema.contentHash } : undefined,
    images: locked?.images ?? new Map(),
  };
  const changes: Change[] = [];
  if (!locked || !sameLockEntry(locked, entry)) changes.push('lock');
  if (schema && schema.text !== schemaFile?.text) changes.push('schema');
  return { pinned: canonical, entry, schema, changes };
}

function planSchema({
  projectFile,
  candidate: { spec },
  schemaFile,
  objects,
  canonical,
}: Pick<RecordRequest, 'projectFile' | 'candidate' | 'schemaFile' | 'objects'> & { canonical: string }):
  | PlannedSchema
  | undefined {
  if (!schemaFile || !spec.workflow) return undefined;
  const { schema, warnings } = deriveWorkflowSchema(spec.workflow, {
    objects,
    pinned: canonical,
    bundle: spec.name,
    file: projectFile,
  });
  const text = writeFlatSchema(schema);
  return { path: schemaFile.path, file: schemaFile.file, text, contentHash: contentHash(text), warnings };
}
