import { BundlesError } from '../../../errors.js';
import { reportedError } from '../../../publish/reported-error.js';
import { type PlannedRun, planRun } from '../../../release/plan-run.js';
import { fromJson } from '../../../tekton/objects/from-json.js';
import { writeYaml } from '../../../tekton/yaml/write-yaml.js';
import { exitCodeOf } from '../../exit-codes.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { describeError } from '../../output/report-error.js';
import type { Session } from '../../session.js';

export interface RunBundleOptions extends ProjectOptions {
  readonly param?: readonly string[];
  readonly workspace?: readonly string[];
  readonly object?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly serviceAccount?: string;
  readonly secret?: string;
  readonly cache?: 'always' | 'never' | 'auto';
  readonly repository?: string;
  /** False for --no-preflight. */
  readonly preflight: boolean;
}

/** Prints the run of a bundle as YAML, or as a document that holds it; what the preflight refuses is not printed as YAML. */
export async function runRun(
  session: Session,
  { name, options }: { readonly name: string; readonly options: RunBundleOptions },
): Promise<void> {
  const { context } = session;
  const { param, workspace, name: runName, ...rest } = options;
  const planned = await planRun(
    {
      ...rest,
      ...(await openProject(context, options)),
      bundle: name,
      name: runName,
      params: param ?? [],
      workspaces: workspace ?? [],
    },
    { signal: context.signal },
  );
  const problems = problemsOf(planned);
  const refusals = problems.filter(({ severity }) => severity === 'error');
  const error = options.preflight && refusals.length > 0 ? refused(planned, refusals) : undefined;
  const shown = error ? problems.filter(({ severity }) => severity !== 'error') : problems;
  for (const warning of [...planned.warnings, ...shown.map(({ message }) => message)]) {
    if (!options.quiet) context.stderr.line(`warning: ${warning}`);
  }
  if (options.output === 'json') {
    const document = { version: 1, ...planned, error: error ? reportedError(error) : null };
    context.stdout.json(document);
  } else if (!error) {
    await context.stdout.yaml(writeYaml(fromJson(JSON.stringify(planned.run))));
  }
  if (!error) return;
  context.stderr.lines(describeError(error, { verbose: options.verbose === true }));
  session.exitCode = exitCodeOf(error);
}

interface Problem {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly remedy: string | null;
}

function problemsOf({ preflight: { problems, reach } }: PlannedRun): Problem[] {
  const content = problems.map(({ rule, severity, message }) => ({ rule, severity, message, remedy: null }));
  if (reach.reachable) return content;
  const { reason, message, remedy } = reach;
  return [...content, { rule: reason, severity: 'error', message, remedy }];
}

function refused({ bundle, reference }: PlannedRun, refusals: readonly Problem[]): BundlesError {
  const [first, ...others] = refusals;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return new BundlesError(
    'PREFLIGHT_FAILED',
    `Cannot run ${JSON.stringify(bundle)} as ${reference}: ${first?.message}${more}`,
    {
      hint:
        refusals.find(({ remedy }) => remedy !== null)?.remedy ??
        'Correct the sources; --no-preflight prints it all the same',
      details: { problems: refusals },
    },
  );
}
