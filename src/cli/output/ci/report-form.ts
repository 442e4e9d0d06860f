import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { toBundlesError } from '../../../errors.js';
import { reportedError } from '../../../publish/reported-error.js';
import { createYamlLocator } from '../../../yaml-file/yaml-position.js';
import type { Context } from '../../context.js';
import { toJunit } from './junit.js';
import { failedCase, type PlaceOfBundle, type ReportCase } from './report-case.js';
import { repositoryPaths } from './repository-path.js';

/** Forms of a result for CI services, beside text and json. */
export type ReportForm = 'junit' | 'codequality';

/** Prints cases in the form that a CI service reads. */
export function printReport(
  { clock, stdout }: Pick<Context, 'clock' | 'stdout'>,
  cases: readonly ReportCase[],
  { form, command, durationMs = 0 }: { form: ReportForm; command: string; durationMs?: number | undefined },
): void {
  if (form === 'codequality') stdout.json(toCodeQuality(cases));
  else stdout.lines(toJunit(cases, { name: command, time: clock.now(), durationMs }));
}

/** What kept a command from having a result, in the form that a CI service reads. */
export async function printFailure(
  context: Pick<Context, 'clock' | 'environment' | 'stdout'>,
  error: unknown,
  options: { readonly form: ReportForm; readonly command: string },
): Promise<void> {
  const { details } = toBundlesError(error);
  const file = typeof details.file === 'string' ? details.file : 'bundles.yaml';
  const line = typeof details.line === 'number' ? details.line : 1;
  const paths = await repositoryPaths(context, [file]);
  const place = { file: paths.get(file) ?? file, line };
  printReport(context, [failedCase(options.command, reportedError(error), place)], options);
}

/** Where bundles are declared in files that have been read before; line 1 for what `discover` finds. */
export async function placesOfBundles(
  context: Pick<Context, 'environment'>,
  files: readonly string[],
): Promise<PlaceOfBundle> {
  const paths = await repositoryPaths(context, files);
  const [first = 'bundles.yaml'] = files;
  const locators = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      return { file, locate: locatorOf(text) };
    }),
  );
  return (name) => {
    for (const { file, locate } of locators) {
      const found = locate?.(['bundles', name], 'key');
      if (found?.isFound) return { file: paths.get(file) ?? file, line: found.line };
    }
    return { file: paths.get(first) ?? first, line: 1 };
  };
}

/** A file that cannot be read has no places. */
function locatorOf(text: string | undefined): ReturnType<typeof createYamlLocator> | undefined {
  try {
    return text === undefined ? undefined : createYamlLocator(text);
  } catch {
    return undefined;
  }
}

/** Problems as a report of GitLab's Code Quality: the fields it reads, an identity that outlives changed lines. */
function toCodeQuality(cases: readonly ReportCase[]): object[] {
  const times = new Map<string, number>();
  return cases.flatMap(({ subject, state, problem }) => {
    if (problem === null) return [];
    const { rule, severity, message, hint, file, line } = problem;
    const identity = JSON.stringify([rule, file, subject, message]);
    const time = (times.get(identity) ?? 0) + 1;
    times.set(identity, time);
    const fingerprint = createHash('sha256').update(`${identity}${time}`).digest('hex');
    return {
      description: hint === null ? message : `${message}. ${hint}`,
      check_name: rule,
      fingerprint,
      severity: severity === 'error' || state === 'failed' ? 'major' : 'minor',
      location: { path: file, lines: { begin: line } },
    };
  });
}
