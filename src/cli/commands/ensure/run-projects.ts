import { join } from 'node:path';
import type { AuditTrail } from '../../../catalog/audit-trail.js';
import { createRun, type RunSettings } from '../../../ensure/create-run.js';
import { ensureProject } from '../../../ensure/ensure-project.js';
import { applyProfile } from '../../../ensure/profiles.js';
import { type BundleResult, type EnsureResult, summarize } from '../../../ensure/result.js';
import { BundlesError } from '../../../errors.js';
import { makeDirectory } from '../../../fs/make-directory.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import type { Connection } from '../../../open/connect.js';
import { isCi, optionOr } from '../../../open/machine.js';
import type { OpenedCatalog } from '../../../open/open-catalog.js';
import { openConnection } from '../../../open/open-connection.js';
import type { Project } from '../../../project/project.js';
import { readProject } from '../../../project/read-project.js';
import type { VerdictName } from '../../../publish/verdict.js';
import type { Context } from '../../context.js';
import { exitCodeOf, exitCodes, worstExitCode } from '../../exit-codes.js';
import { createdOption } from '../../options/option-values.js';
import { createProgress } from '../../output/progress.js';
import { describeError } from '../../output/report-error.js';
import { showResult } from '../../output/show-result.js';
import { createPaint } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import type { RunOptions } from './run-options.js';

export interface RunRequest {
  readonly mode: 'ensure' | 'check';
  readonly names: readonly string[];
  readonly options: RunOptions;
  /** `register`: every project must have a catalog. */
  readonly purpose?: 'register';
}

/** As the commands are given it. */
export type RunProjects = typeof runProjects;

/** From here on memory counts for more than a start that is fast. */
const manyBundles = 250;

/** Runs `ensure` or `check` over every project named by --config, reports the result and sets the exit status. */
export async function runProjects(session: Session, request: RunRequest): Promise<void> {
  const { context } = session;
  const { mode, options } = request;
  const settings = runSettings(context, request);
  refuseContradictions(request, settings);
  const projects = await readProjects(context, options);
  if (request.purpose === 'register') requireCatalogs(projects);
  if (settings.push === true) refuseNever(projects, mode);
  if (projects.reduce((sum, { bundles }) => sum + bundles.length, 0) > manyBundles) context.saveMemory();
  const progress = createProgress(context, options);
  const connection = options.offline ? undefined : await connectFor(context, { options, projects, settings });
  const signal = connection ? AbortSignal.any([context.signal, connection.signal]) : context.signal;
  const audits: AuditTrail[] = [];
  const catalogs: OpenedCatalog[] = [];
  try {
    const results: EnsureResult[] = [];
    for (const project of projects) {
      const opened = await catalogOf(context, { request, project, connection });
      if (opened) catalogs.push(opened);
      if (opened?.audit) audits.push(opened.audit);
      const environment = {
        clock: context.clock,
        ci: isCi(context),
        registries: connection,
        onEvent: progress.onEvent,
        catalog: opened?.catalog,
        audit: opened?.audit,
      };
      const run = createRun(project, settings, environment);
      results.push(await ensureProject(run, { signal }));
    }
    progress.end();
    const result = merge(results);
    const stateDirectory = stateOf(context, options) ?? join(projects[0]?.directory ?? '.', '.bundles');
    const reported = await reportRun(context, { mode, options, result, stateDirectory });
    session.exitCode = worstExitCode([runExitCode(mode, result), reported]);
  } finally {
    progress.end();
    for (const audit of audits) await closeAudit(context, audit, options);
    for (const { close } of catalogs) await close?.();
    await connection?.close();
  }
}

/** Loaded only where there is one. */
async function catalogOf(
  context: Context,
  {
    request: { mode, options },
    project,
    connection,
  }: { request: RunRequest; project: Project; connection: Connection | undefined },
): Promise<OpenedCatalog | undefined> {
  if (project.catalog.kind === 'none') return undefined;
  const { openCatalog } = await import('../../../open/open-catalog.js');
  const stateDirectory = stateOf(context, options) ?? join(project.directory, '.bundles');
  return openCatalog(context, { project, mode, options, connection, stateDirectory });
}

function refuseContradictions({ names, options, mode }: RunRequest, { onDifferent }: RunSettings): void {
  if (onDifferent === 'overwrite' && names.length === 0) {
    throw new BundlesError('USAGE', `Cannot ${mode} with --on-different overwrite for all bundles at once`, {
      hint: 'Name the bundles whose tags are to be overwritten',
    });
  }
  if (options.lock !== undefined && (options.config?.length ?? 0) > 1) {
    throw new BundlesError('USAGE', `Cannot ${mode} several projects with one --lock`, {
      hint: 'Run once for each project',
    });
  }
}

function refuseNever(projects: readonly Project[], mode: string): void {
  const never = projects.find(({ publish }) => publish === 'never');
  if (never === undefined) return;
  throw new BundlesError(
    'USAGE',
    `Cannot ${mode} with --push: ${JSON.stringify(never.file)} says publish: never`,
    {
      hint: 'Write publish: ci or publish: auto, or leave out --push',
    },
  );
}

function requireCatalogs(projects: readonly Project[]): void {
  const without = projects.find(({ catalog }) => catalog.kind === 'none');
  if (without === undefined) return;
  throw new BundlesError(
    'USAGE',
    `Cannot register the workflows of ${JSON.stringify(without.file)}: no catalog`,
    {
      hint: 'Declare catalog: in bundles.yaml, or give --catalog',
    },
  );
}

async function readProjects(context: Context, options: RunOptions): Promise<Project[]> {
  const declared = optionOr(undefined, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const files = options.config ?? [declared];
  const overrides = {
    repository: optionOr(options.repository, context, 'BUNDLES_REPOSITORY'),
    tag: optionOr(options.tag, context, 'BUNDLES_TAG'),
    fallback: optionOr(options.fallback || undefined, context, 'BUNDLES_FALLBACK'),
    catalog: optionOr(options.catalog, context, 'BUNDLES_CATALOG'),
  };
  return Promise.all(files.map((file) => readProject(file, overrides, { signal: context.signal })));
}

interface ConnectRequest {
  readonly options: RunOptions;
  readonly projects: readonly Project[];
  readonly settings: RunSettings;
}

function connectFor(context: Context, { options, projects, settings }: ConnectRequest): Promise<Connection> {
  const fallsBack = settings.fallback !== false && projects.every(({ fallback }) => fallback.kind !== 'none');
  return openConnection(context, {
    options,
    projects,
    patience: fallsBack ? 'brief' : 'full',
    registries: projects.flatMap(({ bundles, fallback }) => [
      ...bundles.map(({ reference }) => reference.registry),
      ...(fallback.kind === 'registry' ? [fallback.registry.split('/')[0] ?? ''] : []),
    ]),
  });
}

function runSettings(context: Context, { mode, names, options }: RunRequest): RunSettings {
  const created = createdOption(context, options.ctime);
  const stateDirectory = stateOf(context, options);
  return applyProfile({
    mode,
    names,
    profile: options.profile,
    push: options.push,
    fallback: options.fallback === undefined ? undefined : options.fallback !== false,
    onDifferent: options.onDifferent,
    keepOld: options.keepOld,
    frozen: options.frozen,
    created,
    stateDirectory,
    lockFile: options.lock,
  });
}

function stateOf(context: Context, options: RunOptions): string | undefined {
  return optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR');
}

function merge(results: readonly EnsureResult[]): EnsureResult {
  const [only, ...more] = results;
  if (only && more.length === 0) return only;
  const bundles = results.flatMap((result) => result.bundles);
  const durationMs = results.reduce((sum, { summary }) => sum + (summary?.durationMs ?? 0), 0);
  const error = results.find((result) => result.error !== null)?.error ?? null;
  return { version: 1, bundles, summary: summarize(bundles, durationMs), error };
}

interface RunReport {
  readonly mode: 'ensure' | 'check';
  readonly options: RunOptions;
  readonly result: EnsureResult;
  readonly stateDirectory: string;
}

/**
 * Prints a run's result, and under GitHub Actions leaves it where a workflow looks for it. Gives the exit status of
 * that: the result is printed once, whatever happens to its copies.
 */
async function reportRun(context: Context, report: RunReport): Promise<number> {
  const { options, result, stateDirectory } = report;
  if (options.output === 'json') context.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else {
    const paint = createPaint(context, 'stdout', options);
    context.stdout.write(showResult(result, { paint, serve: serveCommand(stateDirectory) }));
  }
  if (context.environment.GITHUB_ACTIONS !== 'true') return 0;
  try {
    await leaveForGitHub(context, report);
    return 0;
  } catch (error) {
    context.stderr.write(describeError(error, { verbose: options.verbose === true }));
    return exitCodeOf(error);
  }
}

async function leaveForGitHub(context: Context, { mode, result, stateDirectory }: RunReport): Promise<void> {
  const { reportToGitHub } = await import('../../output/github.js');
  const report = join(stateDirectory, `${mode}.json`);
  await makeDirectory(stateDirectory);
  await writeFileAtomic(report, `${JSON.stringify(result, null, 2)}\n`);
  await reportToGitHub(context, { result, command: mode, report });
}

function serveCommand(stateDirectory: string): string {
  const place = stateDirectory === '.bundles' ? '' : ` --state-dir ${JSON.stringify(stateDirectory)}`;
  return `bundles registry serve${place}`;
}

/** The exit status of a result: `check` leaves by verdict, whatever a fallback could do. */
export function runExitCode(mode: 'ensure' | 'check', { bundles, error }: EnsureResult): number {
  const codes = bundles.map((bundle) => (mode === 'check' ? checkCode(bundle) : failureCode(bundle)));
  return worstExitCode(error ? [...codes, exitCodes[error.code]] : codes);
}

const verdictCodes: Readonly<Record<VerdictName, number>> = {
  present: 0,
  equivalent: 0,
  absent: 3,
  different: 4,
  denied: 5,
  unreachable: 6,
};

function checkCode(bundle: BundleResult): number {
  const byVerdict = bundle.verdict === null ? 0 : verdictCodes[bundle.verdict];
  return byVerdict === 0 ? failureCode(bundle) : byVerdict;
}

function failureCode({ error }: BundleResult): number {
  return error ? exitCodes[error.code] : 0;
}

/** How long the end of a run may wait for the audit trail. */
const lastMs = 1_000;

/** Sends what can still be sent; what cannot waits for the next run, which a warning says. */
async function closeAudit(
  context: Context,
  audit: AuditTrail,
  { quiet }: { quiet?: boolean },
): Promise<void> {
  const { waiting, error } = await audit.close({ withinMs: context.signal.aborted ? 0 : lastMs });
  if (quiet || (waiting === 0 && error === undefined)) return;
  const events = `${waiting} audit ${waiting === 1 ? 'event waits' : 'events wait'} in the state directory for the next run`;
  context.stderr.write(`warning: ${events}${error ? ` (${error.code}: ${error.message})` : ''}\n`);
}
