import { basename, dirname } from 'node:path';
import { isBundlesError } from '../../../errors.js';
import { watchFiles } from '../../../fs/watch-files.js';
import { optionOr } from '../../../open/machine.js';
import { lintProject } from '../../../project/lint-project.js';
import type { Project } from '../../../project/project.js';
import { readProject } from '../../../project/read-project.js';
import { type ReportedError, reportedError } from '../../../publish/reported-error.js';
import type { Finding } from '../../../tekton/lint/findings/finding.js';
import type { RefreshedBundle } from '../../../testing/refreshed-bundles.js';
import type { Context } from '../../context.js';
import type { OpenSuite } from '../../open/open-suite.js';
import type { SuiteOptions } from '../../options/suite-options.js';
import { count, formatDuration, shortDigest } from '../../output/amounts.js';

export interface SuiteWatch extends Disposable {
  /** Serves again what changes, one line for each bundle, until the run is interrupted. */
  follow(suite: OpenSuite, onChange: () => Promise<void>): Promise<void>;
}

/** Sees what changes from now on. */
export async function startWatch(context: Context, options: SuiteOptions): Promise<SuiteWatch> {
  const { clock } = context;
  const signal = AbortSignal.any([context.signal, context.outputFailed]);
  const config = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  const files = await watchFiles({
    directory: dirname(config),
    matches: (name) => /\.(?:ya?ml|json)$/.test(name) || name === 'bundles.lock' || name === basename(config),
    clock,
    signal,
  });
  return {
    async follow({ prepared }, onChange) {
      if (!options.quiet) context.stderr.line(`watching ${dirname(config)}`);
      let reported: string | undefined;
      for (;;) {
        await files.next();
        if (signal.aborted) return;
        const began = clock.now();
        try {
          const changed = await refresh(context, { prepared, config });
          const durationMs = clock.now() - began;
          if (reported !== undefined && changed.length === 0)
            report(context, options, { ...nothing, name: config, error: null, durationMs }, 'is valid again');
          reported = undefined;
          for (const change of changed) report(context, options, { ...change, durationMs });
          if (changed.length > 0) await onChange();
        } catch (error) {
          if (signal.aborted) return;
          if (!isBundlesError(error)) throw error;
          // The same mistake is reported once.
          if (error.message !== reported) {
            const durationMs = clock.now() - began;
            report(context, options, { ...nothing, name: config, error: reportedError(error), durationMs });
          }
          reported = error.message;
        }
      }
    },
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
}

async function refresh(
  { signal }: Context,
  { prepared, config }: { readonly prepared: OpenSuite['prepared']; readonly config: string },
): Promise<readonly Omit<Change, 'durationMs'>[]> {
  const changed = await prepared.refresh({ signal });
  if (changed.length === 0) return [];
  const project = await readProject(config, {}, { signal });
  return Promise.all(
    changed.map(async (bundle) => ({
      ...bundle,
      findings: bundle.digest === null ? [] : await lint(project, bundle.name, signal),
    })),
  );
}

const nothing = { previous: null, digest: null, reference: null, findings: [] };

interface Change extends RefreshedBundle {
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

async function lint(project: Project, name: string, signal: AbortSignal): Promise<readonly Finding[]> {
  const specs = project.bundles.filter((spec) => spec.name === name);
  return (await lintProject(project, specs, { signal })).findings;
}

function report(
  context: Context,
  { output }: SuiteOptions,
  { findings, ...change }: Change,
  text = describe(change, findings),
): void {
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (output === 'json') {
    const lint = { errors: errors.length, warnings: findings.length - errors.length };
    context.stdout.json(
      { version: 1, ...change, durationMs: Math.round(change.durationMs), lint },
      { indent: 0 },
    );
    return;
  }
  context.stderr.line(`${change.name}  ${text}`);
}

function describe(
  { previous, digest, reference, error, durationMs }: Omit<Change, 'findings'>,
  findings: readonly Finding[],
): string {
  if (error) return failure(error);
  if (digest === null) return 'is not declared any more';
  const errors = findings.filter(({ severity }) => severity === 'error');
  const warnings = findings.length - errors.length;
  const [first] = errors;
  // Only its tag, its workflow or its schema is another.
  const did = previous === digest ? 'described again' : 'served';
  const parts = [
    `${shortDigest(digest)} ${did} in ${formatDuration(durationMs)} as ${reference}`,
    ...(first ? [`${count(errors.length, 'error')}: ${first.file}:${first.line}: ${first.message}`] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ];
  return parts.join('; ');
}

function failure({ code, message }: ReportedError): string {
  return `error[${code}]: ${message}`;
}
