import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import {
  type LintLook,
  type LintProjectOptions,
  lintWith,
  lookAtProject,
} from '../../../ensure/lint/lint.js';
import { type LintResult, lintDocument } from '../../../ensure/lint/lint-document.js';
import { BundlesError, isBundlesError } from '../../../errors.js';
import { findFiles } from '../../../project/sources/find-files.js';
import { type LintOptions, lintSources } from '../../../tekton/lint/lint-sources.js';
import { isRuleName, lintRules, type RuleName, type Severity } from '../../../tekton/lint/rules/rules.js';
import type { Source } from '../../../tekton/objects/object.js';
import type { ApiFields, Feature } from '../../../tekton/validate/feature-flags.js';
import { documentUrl } from '../../../version.js';
import { nearest } from '../../../yaml-file/nearest.js';
import type { Context } from '../../context.js';
import { exitCodeOf } from '../../exit-codes.js';
import type { CommonOptions } from '../../options/common-options.js';
import { readInputFiles } from '../../options/read-input-files.js';
import type { ReportForm } from '../../output/ci/report-form.js';
import { describeError } from '../../output/report-error.js';
import { createPaint } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { showLint } from './show-lint.js';

export interface LintCommandOptions extends Omit<CommonOptions, 'output'> {
  readonly output: 'text' | 'json' | 'sarif' | ReportForm;
  readonly config?: string;
  readonly enableApiFields?: ApiFields;
  readonly feature?: readonly Feature[];
  readonly ignore?: readonly string[];
  readonly rule?: readonly string[];
  /** A rule to explain, instead of checking anything. */
  readonly explain?: string;
  readonly fix?: boolean;
  readonly maxWarnings?: number;
  /** Public keys of which a signature of each Task and Pipeline is wanted. */
  readonly key?: readonly string[];
  readonly tektonVersion?: string;
}

interface LintRequest {
  readonly what: readonly string[];
  readonly options: LintCommandOptions;
}

/** Checks a project or files, sets right what it may, and prints what is left. */
export async function runLint(session: Session, { what, options }: LintRequest): Promise<void> {
  const { context } = session;
  const { config, fix, maxWarnings, key, tektonVersion } = options;
  const wanted = { config, fix, maxWarnings, key, tektonVersion };
  const judged = what.some(looksLikeFile) ? { judged: undefined } : {};
  const result = await lintWith(context, { ...wanted, ...judged }, lookAt(context, { what, options }));
  const { error, findings } = result;
  await print(context, result, options);
  if (context.environment.GITHUB_ACTIONS === 'true') {
    const { annotateFindings } = await import('../../output/ci/github-annotations.js');
    await annotateFindings(context, findings);
  }
  if (error === null) return;
  context.stderr.lines(
    describeError(error, { verbose: false, paint: createPaint(context, 'stderr', options) }),
  );
  session.exitCode = exitCodeOf(error);
}

async function print(context: Context, result: LintResult, options: LintCommandOptions): Promise<void> {
  const { output } = options;
  if (output === 'text') return context.stdout.lines(showLint(context, result, options));
  if (output === 'json') return context.stdout.json(lintDocument(result));
  const { repositoryPaths } = await import('../../output/ci/repository-path.js');
  const { findings, sources } = result;
  const files = sources.map(({ path }) => path);
  const paths = await repositoryPaths(context, [...files, ...findings.map(({ file }) => file)]);
  if (output === 'sarif') {
    const { toSarif } = await import('../../../tekton/lint/findings/to-sarif.js');
    const placed = findings.map((finding) => ({ ...finding, file: paths.get(finding.file) ?? finding.file }));
    return context.stdout.json(toSarif(placed));
  }
  const { lintCases } = await import('../../output/ci/report-case.js');
  const { printReport } = await import('../../output/ci/report-form.js');
  const strict = result.error !== null && findings.every(({ severity }) => severity !== 'error');
  printReport(context, lintCases(files, findings, { strict, paths }), { form: output, command: 'lint' });
}

/** A function that looks, as often as it is called. */
function lookAt(context: Context, { what, options }: LintRequest): () => Promise<LintLook> {
  const ignore = options.ignore?.map(requireRule);
  const severities = Object.fromEntries((options.rule ?? []).map(requireSeverity));
  const given: LintOptions = {
    apiFields: options.enableApiFields,
    features: options.feature,
    ignore,
    severities,
  };
  const files = what.filter(looksLikeFile);
  if (files.length === 0)
    return () => lookAtNamed(context, { ...given, names: what, config: options.config });
  if (files.length < what.length) {
    throw new BundlesError('USAGE', 'Cannot lint bundles and files in one run', {
      hint: `A file or directory has a / or an extension; ${JSON.stringify(what.find((word) => !looksLikeFile(word)))} has neither`,
    });
  }
  if (options.fix && files.includes('-')) {
    throw new BundlesError('USAGE', 'Cannot --fix standard input', { hint: 'Name files' });
  }
  return async () => {
    const sources = await readLintFiles(context, files);
    const { findings, objects } = lintSources(sources, given);
    return { sources, findings, objects: objects.length, settings: given };
  };
}

/** A name that no bundle has may well be a directory. */
async function lookAtNamed(context: Context, options: LintProjectOptions): Promise<LintLook> {
  const { names = [] } = options;
  try {
    return await lookAtProject(context, options);
  } catch (error) {
    if (!isBundlesError(error, 'USAGE')) throw error;
    const found = await Promise.all(names.map((name) => stat(name).catch(() => undefined)));
    const at = found.findIndex((entry) => entry?.isDirectory());
    if (at < 0) throw error;
    const hint = `${JSON.stringify(names[at])} is a directory: write ${names[at]}/`;
    throw new BundlesError('USAGE', error.message, { hint, details: error.details, cause: error });
  }
}

function looksLikeFile(word: string): boolean {
  return (
    word === '-' || word === '.' || word === '..' || /[\\/]/.test(word) || /\.(?:ya?ml|json)$/.test(word)
  );
}

function requireRule(name: string): NonNullable<LintOptions['ignore']>[number] {
  if (isRuleName(name) && !('fatal' in lintRules[name])) return name;
  const close = nearest(name, Object.keys(lintRules));
  const state = isRuleName(name) ? 'nothing can be built against this rule' : 'no rule has that name';
  throw new BundlesError('USAGE', `Cannot ignore ${JSON.stringify(name)}: ${state}`, {
    hint:
      isRuleName(name) || close === undefined
        ? `${documentUrl('reference/lint', 'rules')} lists the rules`
        : `Did you mean ${close}?`,
  });
}

/** `non-root=warning` */
function requireSeverity(text: string): readonly [RuleName, Severity | 'off'] {
  const [name = '', severity] = text.split('=');
  if (severity === 'off' || severity === 'warning' || severity === 'error')
    return [requireRule(name), severity];
  throw new BundlesError('USAGE', `Cannot read the rule ${JSON.stringify(text)}: wanted NAME=SEVERITY`, {
    hint: 'The severity is off, warning or error, e.g. --rule non-root=warning',
  });
}

/** Files, and the sources directly in directories or matched by globs, each once. @throws SOURCE_NOT_FOUND … */
async function readLintFiles(context: Context, words: readonly string[]): Promise<Source[]> {
  const paths = new Set<string>();
  for (const word of words) for (const path of await expand(context, word)) paths.add(path);
  return readInputFiles(context, [...paths]);
}

async function expand({ signal }: Context, word: string): Promise<readonly string[]> {
  if (word === '-') return [word];
  const directory = isAbsolute(word) ? dirname(word) : '.';
  const relative = isAbsolute(word) ? word.slice(directory.length).replace(/^\//, '') : word;
  const found = await findFiles(relative === '' ? '.' : relative, { directory, signal });
  if (found.length > 0) return found.map((path) => (directory === '.' ? path : join(directory, path)));
  throw new BundlesError(
    'SOURCE_NOT_FOUND',
    `Cannot lint ${JSON.stringify(word)}: there is no source at this path`,
    {
      hint: 'A directory contributes the *.yaml, *.yml and *.json directly in it; a glob may go deeper',
      details: { path: word },
    },
  );
}
