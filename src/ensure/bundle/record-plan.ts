import { formatReference } from '../../oci/reference.js';
import { type LockEntry, sameLockEntry } from '../../project/lock/lock.js';
import type { SchemaObject } from '../../workflow/parameters/pipeline-params.js';
import type { Change } from '../result.js';
import { type PlannedFile, type PlannedSchema, planSchema } from '../schemas/plan-schema.js';
import type { BundleFiles } from '../schemas/schema-file.js';
import type { LocalBundle } from './local-bundle.js';
import type { Pinned } from './next-entry.js';

/** The planned content of the committed files for one bundle. */
export interface RecordPlan {
  /** Canonical reference with its digest. */
  readonly pinned: string;
  readonly entry: LockEntry;
  readonly schema: PlannedSchema | undefined;
  /** The documents that are news to their files. */
  readonly files: readonly PlannedFile[];
  /** Which of lock and schema is news. */
  readonly changes: readonly Change[];
  /** What other workflows of the bundle are derived from. */
  readonly objects: readonly SchemaObject[];
}

/** What is left to write once a bundle is served; nothing where it failed. */
export interface Recorded {
  readonly entry: LockEntry | undefined;
  readonly files: readonly PlannedFile[];
  /** What is registered in a catalog. */
  readonly schema: PlannedSchema | undefined;
}

export interface RecordRequest {
  /** For messages. */
  readonly projectFile: string;
  readonly local: LocalBundle;
  readonly pinned: Pinned;
  /** The bundle's entry in the lock as it is. */
  readonly locked: LockEntry | undefined;
  /** Undefined for a bundle that has no schema. */
  readonly files: BundleFiles | undefined;
  /** What the schema is derived from: our objects, or those of a foreign bundle that is reused. */
  readonly objects: readonly SchemaObject[];
  /** What these objects pin. */
  readonly images: LockEntry['images'];
}

/** @throws SCHEMA_INVALID, SCHEMA_MISMATCH */
export async function planRecord(request: RecordRequest): Promise<RecordPlan> {
  const { projectFile, local, pinned, locked, files: known, objects, images } = request;
  const { name, workflow } = local.spec;
  const reference = formatReference(local.spec.reference);
  const canonical = `${reference}@${pinned.digest}`;
  const described =
    known && workflow
      ? await planSchema(workflow, {
          objects,
          pinned: canonical,
          bundle: name,
          file: projectFile,
          files: known,
        })
      : undefined;
  const { schema, files = [] } = described ?? {};
  const entry: LockEntry = {
    reference,
    digest: pinned.digest,
    created: pinned.created,
    sources: local.sources,
    objects: pinned.objects,
    schema: schema ? { path: schema.path, contentHash: schema.contentHash } : undefined,
    images,
  };
  const changes: Change[] = [];
  if (!locked || !sameLockEntry(locked, entry)) changes.push('lock');
  if (files.length > 0) changes.push('schema');
  return { pinned: canonical, entry, schema, files, changes, objects };
}
