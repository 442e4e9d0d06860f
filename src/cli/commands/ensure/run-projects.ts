import { configFiles, ensure, stateDirectoryOf } from '../../../ensure/ensure.js';
import type { Confirm } from '../../../ensure/ensure-project.js';
import type { EnsureEvent } from '../../../ensure/events.js';
import type { BundleResult, EnsureResult } from '../../../ensure/result.js';
import { isCi } from '../../../open/machine.js';
import type { AskHidden } from '../../../open/signing-keys.js';
import type { VerdictName } from '../../../publish/verdict.js';
import type { Context } from '../../context.js';
import { exitCodeOf, exitCodes, worstExitCode } from '../../exit-codes.js';
import { createProgress } from '../../output/progress.js';
import { describeError } from '../../output/report-error.js';
import { showResult } from '../../output/show-result.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import type { RunReport } from './leave-for-ci.js';
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
  const { mode, names, options, purpose } = request;
  const progress = createProgress(context, options);
  const onEvent = (event: EnsureEvent) => {
    if (event.type === 'started' && event.bundles.length > manyBundles) context.saveMemory();
    progress.onEvent(event);
  };
  const confirm: Confirm = async (plans, call) => {
    const { confirmAtTerminal } = await import('./confirm-publish.js');
    progress.end();
    const held = context.waits.hold();
    try {
      return await confirmAtTerminal(context, options, plans, call);
    } finally {
      held.end();
    }
  };
  try {
    const ran = await ensure({
      ...options,
      mode,
      names,
      askHidden: options.sign ? await hiddenPromptOf(context) : undefined,
      requireCatalog: purpose === 'register',
      machine: context,
      signal: context.signal,
      confirm: mode === 'ensure' && mayAsk(context, options) ? confirm : undefined,
      onEvent,
      log: (text) => context.stderr.line(text.trimEnd()),
      watch: context.watch,
      hide: context.hide,
      keep: context.keep,
    });
    progress.end();
    const result = purpose === 'register' ? toPublishFirst(ran) : ran;
    const stateDirectory = stateDirectoryOf(options, context);
    const reported = await reportRun(context, { mode, options, result, stateDirectory });
    session.exitCode = worstExitCode([runExitCode(mode, result), reported]);
  } finally {
    progress.end();
  }
}

/** A run that registers never publishes, whatever its options: the hint of `ensure` does not help. */
function toPublishFirst(result: EnsureResult): EnsureResult {
  const bundles = result.bundles.map((one) =>
    one.error?.code === 'PUSH_NOT_ALLOWED'
      ? { ...one, error: { ...one.error, hint: `Publish it first: npx tekton-bundles ensure ${one.name}` } }
      : one,
  );
  return { ...result, bundles };
}

/** Loaded only where a key may need a password. */
async function hiddenPromptOf(context: Context): Promise<AskHidden | undefined> {
  return (await import('../../open/ask-password.js')).hiddenPrompt(context);
}

/** True if a prompt is allowed: not in CI jobs, without a terminal, or with --push, --no-push or --yes. */
function mayAsk(context: Context, { push, yes }: RunOptions): boolean {
  return push === undefined && !yes && context.stderr.isTerminal && !isCi(context);
}

/**
 * Prints a run's result, and under GitHub Actions leaves it where a workflow looks for it. Gives the exit status of
 * that: the result is printed once, whatever happens to its copies.
 */
async function reportRun(context: Context, report: RunReport): Promise<number> {
  const { options, result } = report;
  if (options.output === 'json') context.stdout.json(result);
  else if (options.output === 'text') context.stdout.lines(await showText(context, report));
  else await printForm(context, report);
  const isForCi = context.environment.GITHUB_ACTIONS === 'true' || options.dotenv !== undefined;
  if (!isForCi && options.tektonResults === undefined) return 0;
  try {
    const { leaveForCi } = await import('./leave-for-ci.js');
    await leaveForCi(context, report);
    return 0;
  } catch (error) {
    context.stderr.lines(describeError(error, { verbose: options.verbose === true }));
    return exitCodeOf(error);
  }
}

async function showText(
  context: Context,
  { mode, options, result, stateDirectory }: RunReport,
): Promise<Iterable<string>> {
  const screen = createScreen(context, 'stdout', options);
  const verbose = options.verbose === true;
  const serve = serveCommand(stateDirectory);
  const rows =
    result.workflows.length > 0
      ? (await import('../../output/workflow-rows.js')).workflowRows(result.workflows, { verbose })
      : [];
  const exitCode = runExitCode(mode, result);
  return showResult(result, { screen, verbose, serve, exitCode, workflowRows: rows });
}

async function printForm(context: Context, { mode, options, result }: RunReport): Promise<void> {
  if (options.output === 'text' || options.output === 'json') throw new TypeError('a form for CI is wanted');
  const { placesOfBundles, printReport } = await import('../../output/ci/report-form.js');
  const { runCases } = await import('../../output/ci/report-case.js');
  const placeOf = await placesOfBundles(context, configFiles(options, context));
  const cases = runCases(result, { placeOf, statusOf: (bundle) => bundleCode(mode, bundle), command: mode });
  printReport(context, cases, {
    form: options.output,
    command: mode,
    durationMs: result.summary?.durationMs,
  });
}

function serveCommand(stateDirectory: string): string {
  const place = stateDirectory === '.bundles' ? '' : ` --state-dir ${JSON.stringify(stateDirectory)}`;
  return `npx tekton-bundles registry serve${place}`;
}

/** The exit status of a result: `check` leaves by verdict, whatever a fallback could do. */
export function runExitCode(mode: 'ensure' | 'check', { bundles, workflows, error }: EnsureResult): number {
  const codes = [
    ...bundles.map((bundle) => bundleCode(mode, bundle)),
    ...workflows.map((workflow) => (workflow.error ? exitCodes[workflow.error.code] : 0)),
  ];
  return worstExitCode(error ? [...codes, exitCodes[error.code]] : codes);
}

function bundleCode(mode: 'ensure' | 'check', bundle: BundleResult): number {
  return mode === 'check' ? checkCode(bundle) : failureCode(bundle);
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

function failureCode({ error, signature }: BundleResult): number {
  const first = error ?? signature?.error;
  return first ? exitCodes[first.code] : 0;
}
