import { createLimiter, type Limiter } from '../async/limiter.js';
import { withSharedSignal } from '../async/shared-signal.js';
import type { CallOptions } from '../content/store.js';
import { requireInside } from '../fs/is-inside.js';
import type { Lock } from '../project/lock/lock.js';
import { readLock } from '../project/lock/lock-file.js';
import type { BundleSpec } from '../project/project.js';
import { updateState } from '../project/state/state-file.js';
import { reportedError } from '../publish/reported-error.js';
import { openBuildCache } from './bundle/build-cache.js';
import {
  type BundleReport,
  carryOut,
  type DecidedBundle,
  decideDeclined,
  decideOn,
} from './bundle/ensure-bundle.js';
import { record } from './bundle/record.js';
import { type PublishPlan, planPublish } from './publish-plan.js';
import type { Results } from './register-bundles.js';
import { type EnsureResult, summarize } from './result.js';
import type { Run } from './run.js';
import { bundlesOf } from './select-bundles.js';
import type { WorkflowReport } from './workflows/plan-workflows.js';

/** Bundles that are built and queried at once: so many that a host that does not answer is waited for only once. */
const inFlight = 128;

/** Asked once, when all is decided and before anything is published; false publishes nothing. */
export type Confirm = (plans: readonly PublishPlan[], options: CallOptions) => Promise<boolean>;

export interface EnsureProjectOptions extends CallOptions {
  /** Default: no question, and each bundle is carried out as soon as it is decided. */
  readonly confirm?: Confirm | undefined;
}

/**
 * Makes sure of all bundles of a project, or of the named ones, and records what came of it. One bundle's failure
 * stops neither the others nor the record; `error` is set where the record itself could not be made.
 *
 * @throws USAGE for an unknown name, LOCK_INVALID, NOT_READABLE, NOT_WRITABLE, and the signal's reason
 */
export async function ensureProject(run: Run, options: EnsureProjectOptions = {}): Promise<EnsureResult> {
  const [result] = await ensureProjects([run], options);
  if (!result) throw new Error('a run without a result');
  return result;
}

/**
 * The same for several projects, one after the other. If the user is asked, or sources must be committed, all
 * projects are decided before anything is published. @throws what ensureProject throws
 */
export async function ensureProjects(
  runs: readonly Run[],
  { confirm, ...call }: EnsureProjectOptions = {},
): Promise<EnsureResult[]> {
  const options = withSharedSignal(call);
  const results: EnsureResult[] = [];
  if (!confirm && !runs.some(({ requireClean }) => requireClean)) {
    for (const run of runs)
      results.push(await endProject(await beginProject(run, finishBundle, options), options));
    return results;
  }
  const begun: BegunProject<BundleReport | HeldBundle>[] = [];
  for (const run of runs) begun.push(await beginProject(run, holdBack, options));
  const decided = await askFor(begun, confirm, options);
  for (const project of decided) results.push(await endProject(await releaseHeld(project, options), options));
  return results;
}

/** A project whose bundles have all come as far as they could. */
interface BegunProject<Step> {
  readonly run: Run;
  readonly lock: Lock;
  /** Milliseconds. */
  readonly started: number;
  readonly limiter: Limiter;
  readonly steps: readonly Step[];
}

/** A bundle that waits for leave to change something on its registry. */
interface HeldBundle {
  readonly decided: DecidedBundle;
  readonly plan: PublishPlan;
}

type NextStep<Step> = (run: Run, decided: DecidedBundle, options: CallOptions) => Promise<Step>;

/** Decides on all bundles of a project side by side; `next` follows each decision at once. */
async function beginProject<Step>(
  given: Run,
  next: NextStep<Step>,
  options: CallOptions,
): Promise<BegunProject<Step>> {
  const run = { ...given, cache: given.frozen ? undefined : await openBuildCache(given.stateDirectory) };
  const started = run.clock.now();
  const specs = await selectedBundles(run);
  if (run.schemas && !run.project.overridden)
    await requireInside(run.project.directory, run.schemas.directory);
  const lock = await readLock(run.lock.read, options);
  run.registries?.registry.announce(specs.map(({ reference }) => reference));
  run.onEvent({ type: 'started', bundles: specs.map(({ name }) => name) });
  const limiter = createLimiter(inFlight);
  const steps = await Promise.all(
    specs.map((spec) => {
      const locked = lock.entries.get(spec.name);
      const work = async () => next(run, await decideOn(run, { spec, locked }, options), options);
      return limiter.run(work, options.signal);
    }),
  );
  return { run, lock, started, limiter, steps };
}

/** Names of workflows represent their bundles. */
async function selectedBundles(run: Run): Promise<readonly BundleSpec[]> {
  const { project, names, shard } = run;
  if (project.workflows.length === 0 || shard) return bundlesOf(run);
  const { selectDeclared } = await import('./workflows/select-declared.js');
  return selectDeclared(project, names).bundles;
}

/** What changes nothing on a registry is carried out; the rest waits. */
async function holdBack(
  run: Run,
  decided: DecidedBundle,
  options: CallOptions,
): Promise<BundleReport | HeldBundle> {
  const plan = await planPublish(run, decided, options);
  return plan ? { decided, plan } : finishBundle(run, decided, options);
}

/** Checks that the sources are committed, then asks the user; returns the projects as they go on. */
async function askFor(
  projects: readonly BegunProject<BundleReport | HeldBundle>[],
  confirm: Confirm | undefined,
  options: CallOptions,
): Promise<readonly BegunProject<BundleReport | HeldBundle>[]> {
  const plans: PublishPlan[] = [];
  for (const { run, steps } of projects) {
    const held = steps.filter((step) => 'plan' in step);
    if (held.length > 0) plans.push(...(await checkSources(run, held, options)));
  }
  const allowed = plans.length === 0 || !confirm || (await confirm(plans, options));
  if (allowed) return projects;
  return projects.map(({ run, ...project }) => ({
    ...project,
    run: { ...run, policy: { ...run.policy, publish: false, declined: true } },
  }));
}

/** The plans that are still valid; under --require-clean a bundle of uncommitted sources fails instead. */
async function checkSources(
  run: Run,
  held: readonly HeldBundle[],
  options: CallOptions,
): Promise<PublishPlan[]> {
  const uploads = held.filter(({ plan }) => plan.uploads);
  const filesOf = ({ decided }: HeldBundle) =>
    decided.local?.files.map(({ relativePath }) => relativePath) ?? [];
  const found = uploads.length > 0 ? await run.uncommitted(uploads.flatMap(filesOf), options) : undefined;
  const plans: PublishPlan[] = [];
  for (const one of held) {
    const files = one.plan.uploads ? filesOf(one).filter((file) => found?.has(file)) : [];
    const unclean = one.plan.uploads && (found === undefined || files.length > 0);
    if (run.requireClean && unclean) {
      const { notClean } = await import('./uncommitted-sources.js');
      one.decided.error = notClean(one.plan.bundle, found && files);
    } else plans.push({ ...one.plan, uncommitted: files });
  }
  return plans;
}

async function releaseHeld(
  project: BegunProject<BundleReport | HeldBundle>,
  options: CallOptions,
): Promise<BegunProject<BundleReport>> {
  const { run, limiter } = project;
  const steps = await Promise.all(
    project.steps.map((step) => {
      if (!('plan' in step)) return step;
      const work = async () => {
        if (run.policy.declined) await decideDeclined(run, step.decided, options);
        return finishBundle(run, step.decided, options);
      };
      return limiter.run(work, options.signal);
    }),
  );
  return { ...project, steps };
}

/** Carries out what was decided on one bundle. The audit trail gets it at once, and is not waited for. */
async function finishBundle(run: Run, decided: DecidedBundle, options: CallOptions): Promise<BundleReport> {
  const report = await carryOut(run, decided, options);
  if (run.audit) {
    const { bundleNote } = await import('./audit-notes.js');
    const note = bundleNote(report.result);
    if (note) void run.audit.record(note);
  }
  return report;
}

/** What comes last: the record, then the catalog, then the state, which has the outcome of all. */
async function endProject(
  { run, lock, started, steps }: BegunProject<BundleReport>,
  options: CallOptions,
): Promise<EnsureResult> {
  let part: EnsureResult['part'] = null;
  const finish = (results: Results, error: EnsureResult['error']): EnsureResult => {
    return { version: 1, ...results, summary: summarize(results, run.clock.now() - started), part, error };
  };
  const workflows = await workflowsOf(run, { lock, reports: steps }, options);
  if (run.mode === 'check') return finish(await register(run, { bundles: steps, workflows }, options), null);
  const reports = await warnOfUncommitted(run, steps, options);
  let results = resultsOf(reports, workflows);
  let error: EnsureResult['error'] = null;
  const attempt = async (task: () => Promise<void>) => {
    try {
      await task();
    } catch (thrown) {
      options.signal?.throwIfAborted();
      error ??= reportedError(thrown);
    }
  };
  await attempt(async () => {
    part = await record(run, { reports, workflows, lock }, options);
    results = await register(run, { bundles: reports, workflows }, options);
  });
  await attempt(() => {
    const state = { results: results.bundles, workflows: results.workflows };
    return updateState(run.stateDirectory, state, { clock: run.clock, ...options });
  });
  await run.cache?.save();
  return finish(results, error);
}

/** Loaded only where there is a catalog. */
async function register(
  run: Run,
  {
    bundles,
    workflows,
  }: { readonly bundles: readonly BundleReport[]; readonly workflows: readonly WorkflowReport[] },
  options: CallOptions,
): Promise<Results> {
  if (!run.catalog && run.project.schemas.format !== 'remediation-workflow')
    return resultsOf(bundles, workflows);
  const { registerAll } = await import('./register-bundles.js');
  return registerAll(run, { bundles, workflows }, options);
}

function resultsOf(bundles: readonly BundleReport[], workflows: readonly WorkflowReport[]): Results {
  return { bundles: bundles.map(({ result }) => result), workflows: workflows.map(({ result }) => result) };
}

/** Workflows that are declared by themselves, once their bundles are served. Loaded only where there are some. */
async function workflowsOf(
  run: Run,
  { lock, reports }: { readonly lock: Lock; readonly reports: readonly BundleReport[] },
  options: CallOptions,
): Promise<readonly WorkflowReport[]> {
  // Those of all shards need the lock of all: they are left to a run over the whole project.
  if (run.project.workflows.length === 0 || run.shard) return [];
  const { planReported } = await import('./workflows/plan-reported.js');
  return planReported(run, { lock, reports }, options);
}

/** Warns of bundles that were published from uncommitted files: one call of git, only if anything was published. */
async function warnOfUncommitted(
  run: Run,
  reports: readonly BundleReport[],
  options: CallOptions,
): Promise<readonly BundleReport[]> {
  const files = reports.flatMap(({ sources }) => sources);
  const found = files.length > 0 ? await run.uncommitted(files, options) : undefined;
  if (found === undefined || found.size === 0) return reports;
  const { uncommittedWarning } = await import('./uncommitted-sources.js');
  return reports.map((report) => {
    const uncommitted = report.sources.filter((file) => found.has(file));
    if (uncommitted.length === 0) return report;
    const { result } = report;
    const message = uncommittedWarning(uncommitted);
    run.onEvent({ type: 'warning', bundle: result.name, message });
    return { ...report, result: { ...result, warnings: [...result.warnings, message] } };
  });
}
