import { join } from 'node:path';
import { buildLocalBundle } from '../../../ensure/bundle/local-bundle.js';
import { pin } from '../../../ensure/bundle/next-entry.js';
import { createRun } from '../../../ensure/create-run.js';
import type { Run } from '../../../ensure/run.js';
import type { ServedBundle } from '../../../ensure/workflows/plan-workflows.js';
import type { WorkflowResult } from '../../../ensure/workflows/workflow-result.js';
import { formatReference } from '../../../oci/reference.js';
import type { Lock, LockEntry } from '../../../project/lock/lock.js';
import { readLock } from '../../../project/lock/lock-file.js';
import type { BundleSpec, Project } from '../../../project/project.js';
import { type ReportedError, reportedError } from '../../../publish/reported-error.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Mark, type Row } from '../../output/rows.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';

/** A declared bundle, what its sources give, and whether that is what the lock holds. */
export interface ListedBundle {
  readonly name: string;
  readonly reference: string;
  readonly tag: string;
  /** The digest that the sources give. */
  readonly digest: string | null;
  /** Since the lock was written; `new` if the lock does not have the bundle. */
  readonly state: 'unchanged' | 'changed' | 'new' | 'failed';
  readonly locked: string | null;
  readonly error: ReportedError | null;
}

/** A workflow of `workflows:`, and whether lock and document match what it runs. */
export interface ListedWorkflow {
  readonly name: string;
  /** The bundle that it runs, by its name here. */
  readonly bundle: string | null;
  readonly engine: string | null;
  readonly reference: string | null;
  /** The digest of what it runs; null until it is pinned. */
  readonly digest: string | null;
  /** The file that describes it. */
  readonly document: string | null;
  /** `skipped` where its bundle failed. */
  readonly state: 'unchanged' | 'changed' | 'new' | 'failed' | 'skipped';
  readonly locked: string | null;
  readonly error: ReportedError | null;
}

/** Lists the declared bundles and workflows: builds them without a registry. */
export async function listDeclared(
  session: Session,
  options: Omit<ProjectOptions, 'output'> & { readonly output: string },
): Promise<void> {
  const { context } = session;
  const { signal } = context;
  const { project, lockFile, stateDirectory } = await openProject(context, options);
  const lock = await readLock(lockFile ?? join(project.directory, 'bundles.lock'), { signal });
  const bundles: ListedBundle[] = [];
  const built = new Map<string, ServedBundle>();
  for (const spec of project.bundles) {
    const { listed, served } = await listBundle(
      project,
      { spec, entry: lock.entries.get(spec.name) },
      signal,
    );
    bundles.push(listed);
    if (served) built.set(spec.name, served);
  }
  const settings = { mode: 'check', stateDir: stateDirectory, lock: lockFile } as const;
  const run = createRun(project, settings, { clock: context.clock, registries: undefined });
  const workflows = project.workflows.length === 0 ? [] : await listWorkflows(run, { lock, built }, signal);
  const all = [...bundles, ...workflows];
  session.exitCode = worstExitCode(all.flatMap(({ error }) => (error ? [exitCodes[error.code]] : [])));
  if (options.output === 'json') {
    const nothing = { reference: null, digest: null, objects: [] };
    context.stdout.json({ version: 1, ...nothing, bundles, workflows, error: null });
  } else if (options.output === 'name') context.stdout.lines(bundles.map(({ name }) => name));
  else if (options.output === 'yaml') {
    const { writeYaml } = await import('../../../tekton/yaml/write-yaml.js');
    const { fromJson } = await import('../../../tekton/objects/from-json.js');
    await context.stdout.yaml(writeYaml(fromJson(JSON.stringify({ bundles, workflows }))));
  } else {
    const screen = createScreen(context, 'stdout', options);
    const verbose = options.verbose === true;
    const rows = [
      ...bundles.map((bundle) => rowOf(bundle, verbose)),
      ...workflows.map((workflow) => workflowRow(workflow, verbose)),
    ];
    const sums = [
      summary('bundle', bundles),
      ...(workflows.length > 0 ? [summary('workflow', workflows)] : []),
    ];
    context.stdout.lines([...formatRows(rows, screen), screen.paint('bold', sums.join('; '))]);
  }
}

async function listBundle(
  project: Project,
  { spec, entry }: { readonly spec: BundleSpec; readonly entry: LockEntry | undefined },
  signal: AbortSignal,
): Promise<{ readonly listed: ListedBundle; readonly served: ServedBundle | undefined }> {
  const { name } = spec;
  const reference = formatReference(spec.reference);
  const known = { name, reference, tag: spec.reference.tag, locked: entry?.digest ?? null };
  try {
    const { digest, previous, built } = await buildLocalBundle(
      { project, spec, entry, created: undefined },
      { signal },
    );
    const state = entry === undefined ? 'new' : previous === undefined ? 'changed' : 'unchanged';
    const wanted = pin({ built, previous, verdict: undefined, remote: undefined, intent: 'other' }).digest;
    const pinned = { reference, digest: wanted, pinned: `${reference}@${wanted}` };
    return {
      listed: { ...known, digest, state, error: null },
      served: { ...pinned, objects: built.schemaObjects, fellBack: false },
    };
  } catch (error) {
    signal.throwIfAborted();
    const listed = { ...known, digest: null, state: 'failed', error: reportedError(error) } as const;
    return { listed, served: undefined };
  }
}

/** Loaded only where there are some. */
async function listWorkflows(
  run: Run,
  { lock, built }: { readonly lock: Lock; readonly built: ReadonlyMap<string, ServedBundle> },
  signal: AbortSignal,
): Promise<readonly ListedWorkflow[]> {
  const { planWorkflows } = await import('../../../ensure/workflows/plan-workflows.js');
  const specs = run.project.workflows;
  const planned = await planWorkflows(run, { specs, lock, bundles: built }, { signal });
  return planned.map(({ result }, index) => {
    const { name, bundle, engine, reference, digest, schema } = result;
    const content = specs[index]?.content;
    const document = content?.kind === 'document' ? content.path : (schema?.path ?? null);
    const state = stateOf(result);
    const error = state === 'failed' ? result.error : null;
    return { name, bundle, engine, reference, digest, document, state, locked: result.previousDigest, error };
  });
}

function stateOf({ outcome, previousDigest, changes, error }: WorkflowResult): ListedWorkflow['state'] {
  // What the first run with a network pins is not a failure here.
  if (previousDigest === null && (error === null || error.code === 'IMAGE_NOT_PINNED')) {
    return outcome === 'skipped' ? 'skipped' : 'new';
  }
  if (error) return 'failed';
  if (outcome === 'skipped') return 'skipped';
  return changes.length > 0 ? 'changed' : 'unchanged';
}

const marks: Readonly<Record<ListedWorkflow['state'], Mark>> = {
  skipped: 'none',
  unchanged: 'ok',
  changed: 'planned',
  new: 'planned',
  failed: 'failed',
};

function rowOf({ name, reference, tag, digest, state, locked, error }: ListedBundle, verbose: boolean): Row {
  const before = state === 'changed' && locked !== null && verbose ? [`locked: ${locked}`] : [];
  return {
    mark: marks[state],
    name,
    outcome: state,
    digest,
    text: verbose ? reference : tag,
    more: error ? errorTexts(error) : [],
    wide: verbose && digest !== null ? [`${reference}@${digest}`, ...before] : [],
  };
}

function workflowRow(listed: ListedWorkflow, verbose: boolean): Row {
  const { name, bundle, reference, digest, document, state, locked, error } = listed;
  const before = state === 'changed' && locked !== null && locked !== digest ? [`locked: ${locked}`] : [];
  const runs = state === 'skipped' ? `the bundle ${bundle} failed` : verbose ? reference : bundle;
  return {
    mark: marks[state],
    name,
    outcome: state,
    digest,
    text: [runs, document].filter((part) => part !== null).join('  '),
    more: error ? errorTexts(error) : [],
    wide: verbose && digest !== null ? [`${reference}@${digest}`, ...before] : [],
  };
}

function summary(what: string, listed: readonly Pick<ListedWorkflow, 'state'>[]): string {
  const states = ['unchanged', 'changed', 'new', 'failed', 'skipped'] as const;
  const parts = states.flatMap((state) => {
    const number = listed.filter((one) => one.state === state).length;
    return number > 0 ? [`${number} ${state}`] : [];
  });
  return `${count(listed.length, what)}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}
