import type { CatalogEntry } from '../../catalog/catalog-target.js';
import type { CallOptions } from '../../content/store.js';
import { BundlesError } from '../../errors.js';
import type { WorkflowContent, WorkflowSpec } from '../../project/config/parse-workflows.js';
import { type Lock, type LockedWorkflow, sameLockedWorkflow } from '../../project/lock/lock.js';
import { reportedError } from '../../publish/reported-error.js';
import { parseDocument } from '../../schema/parse-document.js';
import type { SchemaObject } from '../../workflow/parameters/pipeline-params.js';
import { workflowIdentity } from '../../workflow/workflow-id.js';
import { showText } from '../../yaml-file/show-text.js';
import type { Run } from '../run.js';
import { type PlannedFile, planSchema } from '../schemas/plan-schema.js';
import { readBundleFiles } from '../schemas/schema-file.js';
import { type Described, describeKept, type PinnedWorkflow } from './describe-kept.js';
import { type PinSituation, pinSource, type WorkflowPin } from './pin-workflow.js';
import type { WorkflowResult } from './workflow-result.js';

/** A bundle of the run, as its workflows need it. */
export interface ServedBundle extends WorkflowPin {
  /** The objects of the pinned bundle, from which a workflow may be derived. */
  readonly objects: readonly SchemaObject[];
  readonly fellBack: boolean;
}

export interface WorkflowsRequest {
  readonly specs: readonly WorkflowSpec[];
  readonly lock: Lock;
  /** By name; a bundle that failed is not there. */
  readonly bundles: ReadonlyMap<string, ServedBundle>;
  /** Bundles whose sources would change, so that what they become is not known. */
  readonly undecided?: ReadonlySet<string>;
  /** What `images ensure` found just now. */
  readonly images?: ReadonlyMap<string, WorkflowPin>;
}

/** The content of the committed files and of a catalog for a workflow. */
export interface WorkflowReport {
  readonly result: WorkflowResult;
  /** Undefined where nothing is recorded. */
  readonly entry: LockedWorkflow | undefined;
  /** Its document, as a catalog gets it; undefined where it has none. */
  readonly text: string | undefined;
  /** What is news to its files. Workflows of one document share it. */
  readonly files: readonly PlannedFile[];
  readonly catalog: CatalogEntry | undefined;
  /** Only a fallback serves what it runs. */
  readonly fellBack: boolean;
}

/**
 * Plans what becomes of workflows that are declared by themselves, once their bundles are served: pins, documents, lock.
 * One workflow's failure stops no other. Writes nothing.
 */
export async function planWorkflows(
  run: Run,
  request: WorkflowsRequest,
  options: CallOptions = {},
): Promise<readonly WorkflowReport[]> {
  const pinned = await Promise.all(request.specs.map((spec) => pinOne(run, request, spec, options)));
  const kept = new Map<string, PinnedWorkflow[]>();
  for (const { spec, pin } of pinned) {
    const { content } = spec;
    if (pin && content.kind === 'document')
      kept.set(content.path, [...(kept.get(content.path) ?? []), { spec, pin }]);
  }
  const results = new Map<string, Described>();
  const failures = new Map<string, unknown>();
  const fail = (name: string, error: unknown) => {
    options.signal?.throwIfAborted();
    failures.set(name, error);
  };
  for (const [path, ones] of kept) {
    try {
      const found = await describeKept(run, request.lock, path, ones, options);
      for (const [name, one] of found.described) results.set(name, one);
      for (const [name, error] of found.failures) fail(name, error);
    } catch (error) {
      for (const { spec } of ones) fail(spec.name, error);
    }
  }
  for (const { spec, pin, bundle } of pinned) {
    if (pin === undefined || bundle === undefined || spec.content.kind !== 'derived') continue;
    try {
      results.set(spec.name, await describeDerived(run, spec, spec.content, bundle));
    } catch (error) {
      fail(spec.name, error);
    }
  }
  return pinned.map((one) => reportOf(run, request, one, results, failures));
}

interface PinnedSpec {
  readonly spec: WorkflowSpec;
  readonly pin: WorkflowPin | undefined;
  /** Of a workflow of a bundle. */
  readonly bundle: ServedBundle | undefined;
  readonly requests: number;
  /** What kept it from being pinned. */
  readonly error: unknown;
}

async function pinOne(
  run: Run,
  { lock, bundles, images = new Map() }: WorkflowsRequest,
  spec: WorkflowSpec,
  options: CallOptions,
): Promise<PinnedSpec> {
  const { source } = spec;
  if (source.kind === 'bundle') {
    const bundle = bundles.get(source.bundle);
    return { spec, pin: bundle, bundle, requests: 0, error: undefined };
  }
  let requests = 0;
  const refresh = run.refreshImages === true;
  const situation: PinSituation = { lock, refresh, images, resolve: run.images };
  try {
    const onRequest = () => void requests++;
    const pin = await pinSource(spec, situation, { ...options, onRequest });
    return { spec, pin, bundle: undefined, requests, error: undefined };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { spec, pin: undefined, bundle: undefined, requests, error };
  }
}

async function describeDerived(
  run: Run,
  { name }: WorkflowSpec,
  { declaration }: Extract<WorkflowContent, { kind: 'derived' }>,
  { objects, pinned }: ServedBundle,
): Promise<Described> {
  const known = await readBundleFiles(run, { name, workflow: declaration });
  const { id, version } = declaration;
  const facts = { id, version, raisedFrom: null, engine: 'tekton' };
  if (!known)
    return { ...facts, format: undefined, schema: undefined, files: [], accompanying: [], warnings: [] };
  const { schema, files } = await planSchema(declaration, {
    ...{ objects, pinned, bundle: name, file: run.project.file, files: known },
    declaredAt: `workflows.${name}`,
  });
  const warnings = schema.warnings.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  return { ...facts, format: known.format, schema, files, accompanying: [], warnings };
}

function reportOf(
  run: Run,
  { lock, undecided }: WorkflowsRequest,
  { spec, pin, bundle, requests, error: unpinned }: PinnedSpec,
  described: ReadonlyMap<string, Described>,
  failures: ReadonlyMap<string, unknown>,
): WorkflowReport {
  const { name, source } = spec;
  const locked = lock.workflows.get(name);
  const found = described.get(name);
  const failure = unpinned ?? failures.get(name);
  const known: WorkflowResult = {
    name,
    outcome: failure === undefined ? 'skipped' : 'failed',
    bundle: source.kind === 'bundle' ? source.bundle : null,
    engine: found?.engine ?? null,
    reference: pin?.reference ?? null,
    pinned: pin?.pinned ?? null,
    digest: pin?.digest ?? null,
    previousDigest: locked?.digest ?? null,
    raisedFrom: found?.raisedFrom ?? null,
    changes: [],
    schema: null,
    workflow: null,
    requests,
    reason: pin === undefined && failure === undefined ? skippedFor(spec, undecided) : null,
    warnings: found?.warnings ?? [],
    error: failure === undefined ? null : reportedError(failure),
  };
  const nothing = { entry: undefined, text: undefined, files: [], catalog: undefined, fellBack: false };
  if (failure !== undefined || pin === undefined || found === undefined) return { result: known, ...nothing };
  const { reference, digest } = pin;
  const { id, version, schema, format, files, accompanying } = found;
  const entry: LockedWorkflow = {
    ...{ reference, digest, version },
    schema: schema && { path: schema.path, contentHash: schema.contentHash },
  };
  const changes: ('lock' | 'schema')[] = [];
  if (!locked || !sameLockedWorkflow(locked, entry)) changes.push('lock');
  if (files.length > 0) changes.push('schema');
  const result: WorkflowResult = {
    ...known,
    outcome: run.mode === 'check' ? 'planned' : 'recorded',
    changes,
    schema: entry.schema ?? null,
    workflow: { name: id, version, workflowId: idOf(found), action: 'none' },
  };
  if (run.frozen && changes.length > 0) {
    const error = reportedError(frozen(name, changes, pin, locked));
    return { result: { ...result, outcome: 'failed', error }, ...nothing };
  }
  const content =
    schema && format ? { format, content: schema.text, contentHash: schema.contentHash } : undefined;
  // A document of an older generation may have the prefix that a catalog puts before its versions.
  const bare = run.catalog?.versionPrefix ? version.replace(/^v(?=\d)/, '') : version;
  const own = { bundle: name, name: id, version: bare, image: pin.pinned, digest, accompanying };
  const catalog = content && { ...own, ...content };
  return { result, entry, text: schema?.text, files, catalog, fellBack: bundle?.fellBack === true };
}

function skippedFor(
  { source }: WorkflowSpec,
  undecided: ReadonlySet<string> = new Set(),
): 'bundle-failed' | 'bundle-would-change' {
  const isUndecided = source.kind === 'bundle' && undecided.has(source.bundle);
  return isUndecided ? 'bundle-would-change' : 'bundle-failed';
}

/** A RemediationWorkflow has its id by its content, whatever becomes of it in a catalog. */
function idOf({ format, schema }: Described): string | null {
  if (format !== 'remediation-workflow' || !schema) return null;
  return workflowIdentity(parseDocument(schema.text, schema.path)).workflowId;
}

function frozen(
  name: string,
  changes: readonly string[],
  { digest }: WorkflowPin,
  locked: LockedWorkflow | undefined,
): BundlesError {
  return new BundlesError(
    'FROZEN',
    `Cannot ensure the workflow ${showText(name)} frozen: the ${changes.join(' and the ')} would change, to ${digest}`,
    {
      hint: 'Run ensure without --frozen, review the change, and commit it',
      details: { changes, digest, locked: locked?.digest ?? null },
    },
  );
}
