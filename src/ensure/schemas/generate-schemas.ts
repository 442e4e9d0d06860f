import type { CallOptions } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import { requireInside } from '../../fs/is-inside.js';
import { createImageResolver } from '../../images/image-resolver.js';
import type { WorkflowSpec } from '../../project/config/parse-workflows.js';
import type { Lock, LockEntry } from '../../project/lock/lock.js';
import { readLock } from '../../project/lock/lock-file.js';
import type { BundleSpec } from '../../project/project.js';
import { type ReportedError, reportedError } from '../../publish/reported-error.js';
import { parseDocument } from '../../schema/parse-document.js';
import { contentHash, type SchemaFormat } from '../../workflow/schema-document.js';
import { workflowIdentity } from '../../workflow/workflow-id.js';
import { buildDeclared, prepareBundle } from '../bundle/prepare-bundle.js';
import { type CommittedRecord, type CommittedWorkflow, recordCommitted } from '../bundle/record-committed.js';
import type { Run } from '../run.js';
import { planWorkflows, type ServedBundle } from '../workflows/plan-workflows.js';
import { selectDeclared } from '../workflows/select-declared.js';

/** The result of `schema generate`: the document that `--output json` prints. */
export interface GenerateResult {
  readonly version: 1;
  /** Of bundles, then of `workflows:`, each in the order of their names; a document that people keep is none of them. */
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
 * failure stops only the workflows that run it. With `dryRun` nothing is written.
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
  const { bundles: specs, workflows: derived } = selectDerived(run);
  if (!project.overridden) await requireInside(project.directory, place.directory);
  const lock = await readLock(run.lock.read, options);
  const offline: Run = { ...run, registries: undefined, images: createImageResolver(undefined) };
  const generated: GeneratedBundle[] = [];
  for (const spec of specs) {
    const locked = lock.entries.get(spec.name);
    generated.push(await generate(offline, { spec, locked, format: place.format }, options));
  }
  const own = await generateDerived(
    offline,
    { specs: derived, lock, generated, format: place.format },
    options,
  );
  const schemas = [
    ...generated.flatMap(({ spec, schema }) => (spec.workflow ? [schema] : [])),
    ...own.map(({ schema }) => schema),
  ];
  const records = generated.flatMap(({ record }) => record ?? []);
  const workflows = own.flatMap(({ record }) => record ?? []);
  const files = [...records, ...workflows].flatMap((one) => one.files);
  const written = [...new Set(files.map(({ path }) => path))];
  const names = [...specs, ...derived].map(({ name }) => name);
  try {
    if (!dryRun) await recordCommitted({ ...run, names }, records, options, workflows);
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

interface DerivedParts {
  /** Those that are workflows, and those whose workflows are declared by themselves. */
  readonly bundles: readonly BundleSpec[];
  readonly workflows: readonly WorkflowSpec[];
}

function selectDerived({ project, names }: Run): DerivedParts {
  const selected = selectDeclared(project, names);
  const workflows = selected.workflows.filter(({ content }) => content.kind === 'derived');
  const run = new Set(workflows.map(({ source }) => (source.kind === 'bundle' ? source.bundle : undefined)));
  const bundles = selected.bundles.filter(({ name, workflow }) => workflow !== undefined || run.has(name));
  const known = new Set([...bundles, ...workflows].map(({ name }) => name));
  const without = names.find((name) => !known.has(name));
  if (without === undefined) return { bundles, workflows };
  const kept = selected.workflows.find(({ name }) => name === without)?.content;
  const found =
    kept?.kind === 'document' ? `people keep ${JSON.stringify(kept.path)}` : 'it is not a workflow';
  throw new BundlesError('USAGE', `Cannot generate the schema of ${JSON.stringify(without)}: ${found}`, {
    hint: kept
      ? 'Run: npx tekton-bundles ensure, which writes the pinned reference into it'
      : `Declare bundles.${without}.workflow in ${project.file}`,
    details: { name: without },
  });
}

interface GenerateRequest {
  readonly spec: BundleSpec;
  readonly locked: LockEntry | undefined;
  readonly format: SchemaFormat;
}

/** A bundle with its schema, if it has one, and with what separate workflows need from it. */
interface GeneratedBundle {
  readonly spec: BundleSpec;
  readonly schema: GeneratedSchema;
  readonly record: CommittedRecord | undefined;
  readonly served: ServedBundle | undefined;
}

async function generate(
  run: Run,
  { spec, locked, format }: GenerateRequest,
  options: CallOptions,
): Promise<GeneratedBundle> {
  const warnings: string[] = [];
  const empty = nothingOf(spec.name, format);
  try {
    const local = await buildDeclared(run, { spec, locked }, () => undefined, options);
    warnings.push(...local.warnings);
    const { draft } = await prepareBundle(run, local, locked);
    const { entry, files, schema, pinned, objects } = draft;
    for (const { file, line, message } of schema?.warnings ?? [])
      warnings.push(`${file}:${line}: ${message}`);
    const facts = schema && factsOf(format, { path: schema.path, text: schema.text });
    const { reference, digest } = entry;
    return {
      spec,
      schema: { ...empty, ...facts, warnings, error: null },
      record: { name: spec.name, entry, files },
      served: { reference, digest, pinned, objects, fellBack: false },
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    const schema = { ...empty, warnings, error: reportedError(error) };
    return { spec, schema, record: undefined, served: undefined };
  }
}

function nothingOf(name: string, format: SchemaFormat) {
  const hashes = { contentHash: null, canonicalHash: null, workflowId: null };
  return { name, format, path: null, document: null, ...hashes };
}

function factsOf(format: SchemaFormat, { path, text }: { readonly path: string; readonly text: string }) {
  const hashes = format === 'remediation-workflow' ? workflowIdentity(parseDocument(text, path)) : {};
  return { path, document: text, contentHash: contentHash(text), ...hashes };
}

/** The schemas of workflows that are declared by themselves. Each fails with the bundle that it runs. */
async function generateDerived(
  run: Run,
  {
    specs,
    lock,
    generated,
    format,
  }: {
    readonly specs: readonly WorkflowSpec[];
    readonly lock: Lock;
    readonly generated: readonly GeneratedBundle[];
    readonly format: SchemaFormat;
  },
  options: CallOptions,
): Promise<readonly { readonly schema: GeneratedSchema; readonly record: CommittedWorkflow | undefined }[]> {
  const byName = new Map(generated.map((one) => [one.spec.name, one]));
  const bundles = new Map<string, ServedBundle>();
  for (const [name, { served }] of byName) if (served) bundles.set(name, served);
  const planned = await planWorkflows(run, { specs, lock, bundles }, options);
  return planned.map(({ result: { name, bundle, schema, warnings, error }, entry, files, text }) => {
    const built = byName.get(bundle ?? '');
    // What a bundle that is a workflow itself is warned of is in its own schema.
    const more = built && !built.spec.workflow ? built.schema.warnings : [];
    const facts = schema && text !== undefined ? factsOf(format, { path: schema.path, text }) : {};
    const failure = error ?? built?.schema.error ?? null;
    return {
      schema: { ...nothingOf(name, format), ...facts, warnings: [...more, ...warnings], error: failure },
      record: failure === null ? { name, entry, files } : undefined,
    };
  });
}
