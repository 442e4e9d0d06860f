import { formatReference } from '../../oci/reference.js';
import { type LockEntry, sameLockEntry } from '../../project/lock/lock.js';
import { nextDocument } from '../../schema/next-document.js';
import type { SourceWarning } from '../../tekton/objects/object.js';
import { toActionType } from '../../workflow/action-type.js';
import { deriveWorkflow } from '../../workflow/derive-workflow.js';
import type { SchemaObject } from '../../workflow/pipeline-params.js';
import { contentHash, schemaDocument } from '../../workflow/schema-document.js';
import type { Workflow } from '../../workflow/workflow.js';
import type { Change } from '../result.js';
import type { BundleFiles } from '../schemas/schema-file.js';
import type { LocalBundle } from './local-bundle.js';
import type { Pinned } from './next-entry.js';

/** What the committed files are to say about one bundle. */
export interface RecordPlan {
  /** Canonical reference with its digest. */
  readonly pinned: string;
  readonly entry: LockEntry;
  readonly schema: PlannedSchema | undefined;
  /** The documents that are news to their files. */
  readonly files: readonly PlannedFile[];
  /** Which of lock and schema is news. */
  readonly changes: readonly Change[];
}

/** What is left to write once a bundle is served; nothing where it failed. */
export interface Recorded {
  readonly entry: LockEntry | undefined;
  readonly files: readonly PlannedFile[];
  /** What a catalog is to know of it. */
  readonly schema: PlannedSchema | undefined;
}

export interface PlannedFile {
  /** As shown and recorded. */
  readonly path: string;
  readonly file: string;
  readonly text: string;
}

export interface PlannedSchema extends PlannedFile {
  readonly contentHash: string;
  readonly workflow: Workflow;
  readonly warnings: readonly SourceWarning[];
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
  const { local, pinned, locked, images } = request;
  const reference = formatReference(local.spec.reference);
  const canonical = `${reference}@${pinned.digest}`;
  const schema = await planSchema(request, canonical);
  const entry: LockEntry = {
    reference,
    digest: pinned.digest,
    created: pinned.created,
    sources: local.sources,
    objects: pinned.objects,
    schema: schema ? { path: schema.path, contentHash: schema.contentHash } : undefined,
    images,
  };
  const files = await newsOf(request, schema);
  const changes: Change[] = [];
  if (!locked || !sameLockEntry(locked, entry)) changes.push('lock');
  if (files.length > 0) changes.push('schema');
  return { pinned: canonical, entry, schema, files, changes };
}

async function planSchema(
  { projectFile, local: { spec }, files, objects }: RecordRequest,
  canonical: string,
): Promise<PlannedSchema | undefined> {
  if (!files || !spec.workflow) return undefined;
  const { workflow, warnings } = deriveWorkflow(spec.workflow, {
    objects,
    pinned: canonical,
    bundle: spec.name,
    file: projectFile,
  });
  const { path, file, text: now } = files.schema;
  const text = await nextDocument(now, { document: schemaDocument(workflow, files.format), file: path });
  return { path, file, text, contentHash: contentHash(text), workflow, warnings };
}

async function newsOf({ files }: RecordRequest, schema: PlannedSchema | undefined): Promise<PlannedFile[]> {
  if (!files || !schema) return [];
  const news = ({ path, file, text }: PlannedFile, now: string | undefined): PlannedFile[] => {
    const current = now?.replaceAll('\r\n', '\n');
    if (text === current) return [];
    // A file keeps its own line ends; what is hashed and registered has line feeds.
    return [{ path, file, text: current === now ? text : text.replaceAll('\n', '\r\n') }];
  };
  const found = news(schema, files.schema.text);
  if (!files.actionType) return found;
  const { declaration, file } = files.actionType;
  const text = await nextDocument(file.text, { document: toActionType(declaration), file: file.path });
  return [...found, ...news({ ...file, text }, file.text)];
}
