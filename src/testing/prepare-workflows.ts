import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../async/system-clock.js';
import type { Cluster } from '../cluster/open-cluster.js';
import type { CallOptions } from '../content/store.js';
import { createRun } from '../ensure/create-run.js';
import { ensureProject } from '../ensure/ensure-project.js';
import type { BundleResult, EnsureResult } from '../ensure/result.js';
import type { WorkflowResult } from '../ensure/workflows/workflow-result.js';
import { BundlesError, isBundlesError } from '../errors.js';
import { readError } from '../fs/machine-error.js';
import { writeFileAtomic } from '../fs/write-file-atomic.js';
import { createNodeTransport } from '../http/connect/node-transport.js';
import { observeSend, type WireExchange } from '../http/observe.js';
import type { Project } from '../project/project.js';
import { readProject } from '../project/read-project.js';
import { createRegistryClient } from '../registry/client.js';
import { planRun } from '../release/plan-run.js';
import { fromJson } from '../tekton/objects/from-json.js';
import { writeYaml } from '../tekton/yaml/write-yaml.js';
import { schemaPath } from '../workflow/schema-document.js';
import {
  createRefreshState,
  type RefreshedBundle,
  type RefreshState,
  raiseRefused,
  reportChanges,
  withRaised,
} from './refreshed-bundles.js';
import { catalogOfServed, openSuiteCatalog, type SuiteCatalog } from './suite-catalog.js';
import { openSuiteRegistry, type SuiteRegistry } from './suite-registry.js';

/** The project, the servers and the cluster of a test suite. */
export interface PrepareWorkflowsOptions {
  /** Default: `bundles.yaml` in the working directory. */
  readonly project?: string;
  /** Bundles to narrow the work to. Default: all. */
  readonly names?: readonly string[];
  /** A registry that runs already, HOST or HOST/PATH, open to every client. Default: one for this scope alone. */
  readonly registry?: string | undefined;
  /** URL of a workflow catalog that runs already, or `none`. Default: an embedded one for this scope alone, if the project declares a workflow. */
  readonly catalog?: string | undefined;
  /** Bearer token for that catalog. Default: none. */
  readonly catalogToken?: string | undefined;
  /** Names under which clients may address the started servers, besides localhost and this machine's addresses. */
  readonly allowHosts?: readonly string[] | undefined;
  /** The cluster whose resolver is to read the bundles: a registry that it reaches is then found for it. */
  readonly cluster?: Cluster | undefined;
  /** Where everything that is made lies. Default: a temporary directory, gone with the scope. */
  readonly directory?: string | undefined;
  /** For docker and podman, which report the addresses of a cluster's containers. Default: empty. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Receives each request and its response, without secrets. */
  readonly onExchange?: ((exchange: WireExchange) => void) | undefined;
  readonly signal?: AbortSignal;
}

/** Bundles that are served, with all that a suite needs to run them; gone with the scope. */
export interface PreparedWorkflows extends AsyncDisposable {
  /** By the workflow's name; a bundle that declares no workflow by its own. After `refresh` as they are then. */
  readonly workflows: Readonly<Record<string, PreparedWorkflow>>;
  /** As this machine reaches it. */
  readonly registry: string;
  /** URL of the workflow catalog; null without one. */
  readonly catalog: string | null;
  /** A file with `workflows` as JSON. */
  readonly file: string;
  /**
   * Reads bundles.yaml and all sources again, serves what has changed under the tags that it had, and writes `file` again.
   * Gives the bundles that are not what they were. One that fails is served as before.
   * @throws CONFIG_INVALID and what else reading the project throws
   */
  refresh(options?: CallOptions): Promise<readonly RefreshedBundle[]>;
}

/** A workflow that a test can run. */
export interface PreparedWorkflow {
  /** The bundle that it runs, as bundles.yaml names it; the workflow itself where it runs none of the project. */
  readonly bundle: string;
  readonly version: string | null;
  /** Where it is served now, with its digest, as this machine names it. */
  readonly reference: string;
  /** The same as the cluster's resolver finds it; null without a cluster. */
  readonly clusterReference: string | null;
  /** The declared reference with its digest, as lock and schema name it. */
  readonly pinned: string;
  readonly digest: string;
  /** The id in the catalog; null without a catalog, except for a RemediationWorkflow, whose id follows from its content. */
  readonly workflowId: string | null;
  /** File of the workflow schema; null where there is none. */
  readonly schema: string | null;
  /** File of a PipelineRun or TaskRun; null where a param without a default has to be given first. */
  readonly run: string | null;
}

/**
 * Prepares the workflows of a project for a test suite: builds the bundles, serves them from a registry of this machine or of a cluster, writes
 * schemas and runs, and registers the workflows in a catalog. It publishes nothing, asks no declared registry and changes no file of the
 * project. Calls that run at once do not disturb each other.
 *
 * @throws the code of the first bundle that cannot be prepared, all in `details.bundles`; CONFIG_INVALID, CLUSTER_NO_REGISTRY,
 *   CLUSTER_UNREACHABLE
 * @example
 * ```ts
 * import { prepareWorkflows } from 'tekton-bundles/testing';
 *
 * await using prepared = await prepareWorkflows({ project: 'bundles.yaml', catalog: 'none' });
 * console.log(prepared.workflows['sample-hello-world']?.reference); // 127.0.0.1:…/hello-world:v1.0.0@sha256:…
 * ```
 */
export async function prepareWorkflows(options: PrepareWorkflowsOptions = {}): Promise<PreparedWorkflows> {
  const { signal, environment = {}, registry, cluster, allowHosts } = options;
  const call = signal ? { signal } : {};
  const file = options.project ?? 'bundles.yaml';
  const project = await readProject(file, {}, call);
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'bundles-suite-')));
  const remove = async () => {
    if (options.directory === undefined) await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  const opened: AsyncDisposable[] = [];
  const keep = <T extends AsyncDisposable>(one: T): T => {
    opened.push(one);
    return one;
  };
  const end = async () => {
    await Promise.allSettled(opened.map((one) => one[Symbol.asyncDispose]()));
    await remove();
  };
  try {
    const [served, catalog] = await settled([
      openSuiteRegistry({ registry, cluster, environment, directory, allowHosts, ...call }).then(keep),
      openSuiteCatalog({
        project,
        catalog: options.catalog,
        catalogToken: options.catalogToken,
        directory,
        allowHosts,
      }).then((one) => one && keep(one)),
    ]);
    const { names = [], onExchange } = options;
    const suite: Suite = { project, directory: resolve(directory), names, served, catalog, onExchange };
    const result = await ensureAll(suite, call);
    const failed = [...result.bundles, ...result.workflows].filter(({ error }) => error !== null);
    if (failed.length > 0 || result.error) throw notPrepared(result, failed);
    const described: ServedState['described'] = new Map();
    const workflows = await describeAll(suite, result, { workflows: {}, described }, call);
    const state: ServedState = { ...createRefreshState(result), workflows, described };
    const refresh = async (again: CallOptions = {}) => {
      const current = { ...suite, project: await readProject(file, {}, again) };
      return refreshAll(current, { state, mayRaise: options.catalog === undefined }, again);
    };
    return {
      get workflows() {
        return state.workflows;
      },
      registry: served.push,
      catalog: catalog?.url ?? null,
      file: workflowsFile(suite),
      refresh,
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

interface Suite {
  readonly project: Project;
  /** Absolute. */
  readonly directory: string;
  readonly names: readonly string[];
  readonly served: SuiteRegistry;
  readonly catalog: SuiteCatalog | undefined;
  readonly onExchange: PrepareWorkflowsOptions['onExchange'];
}

/** Both, or the first failure once neither is under way any more. */
async function settled<A, B>(both: readonly [Promise<A>, Promise<B>]): Promise<readonly [A, B]> {
  await Promise.allSettled(both);
  return [await both[0], await both[1]];
}

/** Runs `ensure` with the suite's registry as fallback and a separate state; it starts from the committed files. */
async function ensureAll(suite: Suite, call: CallOptions): Promise<EnsureResult> {
  const { project, names, served } = suite;
  await copyCommitted(suite);
  const { stateDirectory, lockFile } = placesOf(suite);
  const fallback = {
    kind: 'registry',
    registry: served.push,
    clusterReference: served.pull ?? undefined,
  } as const;
  const transport = createNodeTransport();
  const send = suite.onExchange ? observeSend(transport, suite.onExchange) : transport;
  try {
    const client = createRegistryClient({ send });
    const run = createRun(
      { ...project, fallback, moving: [], overridden: true },
      { names, push: false, ask: false, stateDir: stateDirectory, lock: lockFile },
      {
        clock: systemClock,
        registries: { send, registry: client, anonymous: client },
        catalog: suite.catalog && catalogOfServed(suite.catalog, { project, served, send }),
      },
    );
    return await ensureProject(run, call);
  } finally {
    await transport.close();
  }
}

function placesOf({ directory }: Suite): { readonly stateDirectory: string; readonly lockFile: string } {
  return { stateDirectory: join(directory, 'state'), lockFile: join(directory, 'bundles.lock') };
}

/** What the lock states of created times, and what people wrote into schemas, holds for suites too. */
async function copyCommitted(suite: Suite): Promise<void> {
  const { project, directory } = suite;
  const { stateDirectory } = placesOf(suite);
  await mkdir(join(stateDirectory, 'schemas'), { recursive: true });
  const copy = async (from: string, to: string) => {
    try {
      await copyFile(from, to);
    } catch (error) {
      const failure = readError(error, `read ${JSON.stringify(from)}`, { path: from });
      if (failure.code !== 'NOT_FOUND') throw failure;
    }
  };
  await copy(join(project.directory, 'bundles.lock'), join(directory, 'bundles.lock'));
  const { directory: schemas, format } = project.schemas;
  if (format === 'none') return;
  const derived = project.workflows.filter(({ content }) => content.kind === 'derived');
  for (const { name } of [...project.bundles, ...derived]) {
    const from = schemaPath(join(project.directory, schemas), name, format);
    await copy(from, schemaPath(join(stateDirectory, 'schemas'), name, format));
  }
}

function workflowsFile({ directory }: Suite): string {
  return join(directory, 'workflows.json');
}

/** Describes what is served, and what failed as it was before, and writes it for others to read. */
async function describeAll(
  suite: Suite,
  { bundles, workflows: declared }: EnsureResult,
  { workflows: before, described }: Pick<ServedState, 'workflows' | 'described'>,
  call: CallOptions,
): Promise<PreparedWorkflows['workflows']> {
  const workflows: Record<string, PreparedWorkflow> = {};
  const specs = new Map(suite.project.bundles.map((spec) => [spec.name, spec]));
  for (const bundle of bundles) {
    if (bundle.error === null) {
      // To describe one is to build it again: not where nothing has changed.
      const { served, digest, pinned, schema, workflow } = bundle;
      const facts = JSON.stringify([
        specs.get(bundle.name),
        { served, digest, pinned, schema, version: workflow?.version, id: workflow?.workflowId },
      ]);
      const known = described.get(bundle.name);
      const one = known?.facts === facts ? known.workflow : await describe(suite, bundle, call);
      described.set(bundle.name, { facts, workflow: one });
      workflows[bundle.workflow?.name ?? bundle.name] = one;
      continue;
    }
    const old = Object.entries(before).find(([, one]) => one.bundle === bundle.name);
    if (old) workflows[old[0]] = old[1];
  }
  for (const one of declared) {
    const served = bundles.find(({ name }) => name === one.bundle);
    const id = one.workflow?.name ?? one.name;
    const failed = served !== undefined && served.error !== null;
    const place = served && described.get(served.name)?.workflow;
    const known = (failed ? undefined : describeDeclared(suite, one, place)) ?? before[id];
    if (known) workflows[id] = known;
  }
  await writeFileAtomic(workflowsFile(suite), `${JSON.stringify(workflows, null, 2)}\n`, call);
  return workflows;
}

interface ServedState extends RefreshState {
  workflows: PreparedWorkflows['workflows'];
  /** By the bundle's name, with all that it was made of. */
  readonly described: Map<string, { readonly facts: string; readonly workflow: PreparedWorkflow }>;
}

async function refreshAll(
  suite: Suite,
  { state, mayRaise }: { readonly state: ServedState; readonly mayRaise: boolean },
  call: CallOptions,
): Promise<readonly RefreshedBundle[]> {
  const ensure = () => ensureAll({ ...suite, project: withRaised(suite.project, state) }, call);
  let result = await ensure();
  // A version of a workflow never changes in a catalog; the scope's own one gets the next.
  if (mayRaise && raiseRefused(state, result)) result = await ensure();
  if (result.error) throw notPrepared(result, []);
  state.workflows = await describeAll(suite, result, state, call);
  return reportChanges(state, result);
}

async function describe(suite: Suite, bundle: BundleResult, call: CallOptions): Promise<PreparedWorkflow> {
  const { served, digest, pinned } = bundle;
  if (!served || digest === null || pinned === null)
    throw new Error(`The bundle ${bundle.name} was prepared without a place`);
  const path = bundle.schema?.path;
  return {
    bundle: bundle.name,
    version: bundle.workflow?.version ?? null,
    reference: served.reference,
    clusterReference: served.clusterReference,
    pinned,
    digest,
    workflowId: bundle.workflow?.workflowId ?? null,
    schema: path === undefined ? null : join(suite.directory, path),
    run: await writeRun(suite, bundle, call),
  };
}

/** A workflow of `workflows`; undefined for one that failed. What no bundle of the project gives is served where it is pinned. */
function describeDeclared(
  suite: Suite,
  { name, workflow, pinned, digest, schema, error }: WorkflowResult,
  served: PreparedWorkflow | undefined,
): PreparedWorkflow | undefined {
  if (error !== null || !workflow || pinned === null || digest === null) return undefined;
  return {
    ...(served ?? { bundle: name, reference: pinned, clusterReference: null, run: null }),
    version: workflow.version,
    pinned,
    digest,
    workflowId: workflow.workflowId,
    schema: schema && join(suite.directory, schema.path),
  };
}

/** The run refers to the bundle as the cluster does, where there is one. */
async function writeRun(
  suite: Suite,
  { name, served }: BundleResult,
  call: CallOptions,
): Promise<string | null> {
  const { project, directory } = suite;
  const reference = served?.clusterReference ?? served?.reference ?? '';
  const repository = reference.replace(/:[^:/@]+@.*$/, '');
  try {
    const planned = await planRun({ project, bundle: name, repository, ...placesOf(suite) }, call);
    const file = join(directory, 'runs', `${name}.yaml`);
    await mkdir(join(directory, 'runs'), { recursive: true });
    await writeFileAtomic(file, writeYaml(fromJson(JSON.stringify(planned.run))), call);
    return file;
  } catch (error) {
    if (isBundlesError(error, 'USAGE')) return null;
    throw error;
  }
}

function notPrepared(
  result: EnsureResult,
  failed: readonly Pick<BundleResult, 'name' | 'error'>[],
): BundlesError {
  const reasons = failed.map(({ name, error }) => `${name}: ${error?.message}`);
  const first = failed[0]?.error ?? result.error;
  return new BundlesError(
    first?.code ?? 'UNEXPECTED',
    `Cannot prepare the workflows: ${reasons.join('; ') || result.error?.message}`,
    {
      ...(first?.hint ? { hint: first.hint } : {}),
      details: { bundles: failed.map(({ name, error }) => ({ name, error })) },
    },
  );
}
