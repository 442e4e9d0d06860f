import type { CallOptions } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import { requireInside } from '../../fs/require-inside.js';
import { createImageResolver } from '../../images/image-resolver.js';
import type { LockEntry } from '../../project/lock/lock.js';
import { readLock } from '../../project/lock/lock-file.js';
import type { BundleSpec } from '../../project/project.js';
import type { ReportedError } from '../../publish/reported-error.js';
import { reportedError } from '../../publish/reported-error.js';
import { parseDocument } from '../../schema/parse-document.js';
import type { SchemaFormat } from '../../workflow/schema-document.js';
import { workflowIdentity } from '../../workflow/workflow-id.js';
import { buildDeclared, prepareBundle } from '../bundle/prepare-bundle.js';
import { type CommittedRecord, recordCommitted } from '../bundle/record-committed.js';
import type { Run } from '../run.js';
import { selectBundles } from '../select-bundles.js';

/** The result of `schema generate`: the document that `--output json` prints. */
export interface GenerateResult {
  readonly version: 1;
  /** In the order of their names; bundles without a workflow have none. */
  readonly schemas: readonly GeneratedSchema[];
  /** Paths that were written, or would be. */
  readonly written: readonly string[];
  /** Where nothing could be recorded. */
  readonly error: ReportedError | null;
}

export interface GeneratedSchema {
  readonly name: string;
  readonly format: SchemaFormat;
  /** Relative to the project; null after a failure, like `document` and `contentHash`. */
  readonly path: string | null;
  readonly document: string | null;
  readonly contentHash: string | null;
  /** Of a RemediationWorkflow, like `workflowId`: what a catalog makes of it. */
  readonly canonicalHash: string | null;
  readonly workflowId: string | null;
  readonly warnings: readonly string[];
  readonly error: ReportedError | null;
}

/**
 * Derives the schemas of a project's workflows, or of the named ones, and writes them with the lock, as `ensure` would
 * without a registry: what is pinned is what the lock proved for the same sources, else what they give. One bundle's
 * failure does not stop the others. With `dryRun` nothing is written.
 *
 * @throws USAGE for an unknown name and where the project writes no schemas, LOCK_INVALID, NOT_READABLE, NOT_WRITABLE
 */
export async function generateSchemas(
  run: Run,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
  options: CallOptions = {},
): Promise<GenerateResult> {
  const { schemas: place, project } = run;
  if (place === undefined) throw withoutSchemas(project.file);
  const specs = selectWorkflows(run);
  if (!project.overridden) await requireInside(project.directory, place.directory);
  const lock = await readLock(run.lock.read, options);
  const offline: Run = { ...run, registries: undefined, images: createImageResolver(undefined) };
  const schemas: GeneratedSchema[] = [];
  const records: CommittedRecord[] = [];
  for (const spec of specs) {
    const locked = lock.entries.get(spec.name);
    const { schema, record } = await generate(offline, { spec, locked, format: place.format }, options);
    schemas.push(schema);
    if (record) records.push(record);
  }
  const written = [...new Set(records.flatMap(({ files }) => files.map(({ path }) => path)))];
  const names = specs.map(({ name }) => name);
  try {
    if (!dryRun) await recordCommitted({ ...run, names }, records, options);
    return { version: 1, schemas, written, error: null };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { version: 1, schemas, written: [], error: reportedError(error) };
  }
}

function withoutSchemas(file: string): BundlesError {
  return new BundlesError('USAGE', `Cannot generate schemas: ${file} has schemas.format none`, {
    hint: 'Set schemas: {format: workflow-schema} or {format: remediation-workflow}',
  });
}

function selectWorkflows({ project, names }: Run): BundleSpec[] {
  const specs = selectBundles(project, names);
  const without = specs.find(({ name, workflow }) => names.includes(name) && workflow === undefined);
  if (without === undefined) return specs.filter(({ workflow }) => workflow !== undefined);
  throw new BundlesError(
    'USAGE',
    `Cannot generate the schema of ${JSON.stringify(without.name)}: it is no workflow`,
    {
      hint: `Declare bundles.${without.name}.workflow in ${project.file}`,
      details: { name: without.name },
    },
  );
}

interface GenerateRequest {
  readonly spec: BundleSpec;
  readonly locked: LockEntry | undefined;
  readonly format: SchemaFormat;
}

async function generate(
  run: Run,
  { spec, locked, format }: GenerateRequest,
  options: CallOptions,
): Promise<{ schema: GeneratedSchema; record: CommittedRecord | undefined }> {
  const warnings: string[] = [];
  const hashes = { contentHash: null, canonicalHash: null, workflowId: null };
  const empty = { name: spec.name, format, path: null, document: null, ...hashes };
  try {
    const local = await buildDeclared(run, { spec, locked }, () => undefined, options);
    warnings.push(...local.warnings);
    const { draft } = await prepareBundle(run, local, locked);
    const { entry, files, schema } = draft;
    for (const { file, line, message } of schema?.warnings ?? [])
      warnings.push(`${file}:${line}: ${message}`);
    const facts = schema && {
      path: schema.path,
      document: schema.text,
      contentHash: schema.contentHash,
      ...(format === 'remediation-workflow' ? workflowIdentity(parseDocument(schema.text, schema.path)) : {}),
    };
    return {
      schema: { ...empty, ...facts, warnings, error: null },
      record: { name: spec.name, entry, files },
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { schema: { ...empty, warnings, error: reportedError(error) }, record: undefined };
  }
}
