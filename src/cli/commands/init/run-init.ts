import { relative, sep } from 'node:path';
import { BundlesError, isBundlesError, toBundlesError } from '../../../errors.js';
import { makeDirectory } from '../../../fs/make-directory.js';
import { readFileCapped } from '../../../fs/read-file-capped.js';
import { writeFileAtomic } from '../../../fs/write-file-atomic.js';
import { parseReference } from '../../../oci/reference.js';
import { isTag } from '../../../oci/repository-name.js';
import { lintProject } from '../../../project/lint-project.js';
import { proposeProject } from '../../../project/propose-project.js';
import { readProjectFrom } from '../../../project/read-project.js';
import type { Context } from '../../context.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import type { Session } from '../../session.js';
import { type CiService, ciFile, ciJobs } from './ci-jobs.js';
import { type FoundTekton, findTekton } from './find-tekton.js';

export interface InitOptions extends CommonOptions {
  readonly repository?: string;
  readonly tag: string;
  readonly force?: boolean;
  readonly workflows?: boolean;
  readonly ci?: CiService;
}

const projectFile = 'bundles.yaml';
const sizeLimit = 4 * 1024 * 1024;

/** Writes bundles.yaml for the Tekton files that are there, what git needs to keep their bytes, and jobs for CI. */
export async function runInit(
  { context }: Session,
  { folder, options }: { readonly folder: string; readonly options: InitOptions },
): Promise<void> {
  const { tag, force = false, ci } = options;
  const { signal } = context;
  const repository = requireRepository(options.repository);
  requireTag(tag);
  const jobs = ci === undefined ? undefined : await planJobs(context, ci, { repository, force });
  if (!force && (await readText(projectFile, context)) !== undefined) throw exists(projectFile);
  const place = relative('', folder).replaceAll(sep, '/');
  const found = await findTekton(place, { projectFile, signal });
  const kept = options.workflows === false ? [] : found.documents.workflows;
  const { files, catalogs } = found;
  const proposal = { repository, tag, files, catalogs, kept };
  const derives = options.workflows ?? (kept.length === 0 && found.documents.others.length > 0);
  const { text, ...proposed } = proposeProject({ ...proposal, workflows: derives });
  const project = await readProjectFrom(text, projectFile, {}, { signal });
  const folders = [
    ...files.map(({ name, path }) => (name === undefined ? place : rootOf(path))),
    ...catalogs.map((one) => one.folder),
  ];
  await writeFileAtomic(projectFile, text);
  const written = [
    projectFile,
    ...(await addLines('.gitignore', ['.bundles/'], context)),
    ...(await addLines(
      '.gitattributes',
      [...new Set(folders.flatMap(attributesOf)), 'bundles.lock eol=lf'],
      context,
    )),
    ...(await writeJobs(jobs)),
  ];
  const { findings } = await lintProject(project, project.bundles, { signal });
  const errors = findings.filter(({ severity }) => severity === 'error');
  const lint = { errors: errors.length, warnings: findings.length - errors.length };
  const bundles = project.bundles.map(({ name }) => name);
  const skipped = [...found.skipped, ...proposed.skipped];
  if (!options.quiet) {
    for (const line of skipped) context.stderr.line(`skipped ${line}`);
    for (const { file, line, column, message, rule } of errors)
      context.stderr.line(`${file}:${line}:${column}: error: ${message} (${rule})`);
  }
  if (options.output === 'json') {
    const paths = files.flatMap(({ path, paths: all = [path] }) => all);
    const workflows = project.workflows.map(({ name }) => name);
    const result = { version: 1, written, files: paths, bundles, workflows, skipped, lint, error: null };
    return context.stdout.json(result);
  }
  context.stdout.lines(
    summary(found, { written, bundles: bundles.length, workflows: proposed.kept, lint, jobs: jobs?.file }),
  );
}

/** @throws USAGE, REFERENCE_INVALID */
function requireRepository(text: string | undefined): string {
  const example = 'e.g. npx tekton-bundles init --repository quay.io/acme/test-workflows';
  if (text === undefined) {
    throw new BundlesError('USAGE', 'Cannot write a bundles.yaml: no repository given', {
      hint: `Name the repository of the bundles, ${example}`,
    });
  }
  const refuse = (problem: string, cause?: unknown) =>
    new BundlesError('REFERENCE_INVALID', `Cannot use --repository ${JSON.stringify(text)}: ${problem}`, {
      hint: `Name a registry and what the bundles live below, ${example}`,
      details: { repository: text },
      cause,
    });
  // In the last part, behind the registry's port.
  if (/@|:[^/]*$/.test(text) && !/^[^/]*:\d+$/.test(text))
    throw refuse('found a tag or a digest, wanted neither');
  if (/^[a-z][a-z+]*:\/\//i.test(text)) throw refuse('found a URL, wanted REGISTRY/PATH');
  try {
    parseReference(`${text}/name:tag`);
    return text;
  } catch (error) {
    if (!isBundlesError(error)) throw error;
    throw refuse('it is not the name of a repository', error);
  }
}

/** @throws USAGE */
function requireTag(tag: string): void {
  if (isTag(tag)) return;
  throw new BundlesError('USAGE', `Cannot use --tag ${JSON.stringify(tag)}: it is not a tag`, {
    hint: 'Letters, digits, _ . and -, 128 at most, e.g. v0.1.0',
  });
}

function exists(file: string): BundlesError {
  return new BundlesError('USAGE', `Cannot write ${file}: there is one already`, {
    hint: 'Edit it, or replace it with --force',
    details: { file },
  });
}

interface Jobs {
  readonly file: string;
  readonly text: string;
}

/** @throws USAGE where the file is there */
async function planJobs(
  context: Context,
  service: CiService,
  { repository, force }: { readonly repository: string; readonly force: boolean },
): Promise<Jobs> {
  const taken = (await readText(ciFile(service, false), context)) !== undefined;
  const file = ciFile(service, taken && !force);
  if (!force && (await readText(file, context)) !== undefined) throw exists(file);
  return { file, text: ciJobs(service, repository) };
}

async function writeJobs(jobs: Jobs | undefined): Promise<string[]> {
  if (jobs === undefined) return [];
  if (jobs.file.includes('/')) await makeDirectory(jobs.file.replace(/\/[^/]*$/, ''));
  await writeFileAtomic(jobs.file, jobs.text);
  return [jobs.file];
}

function summary(
  { files, catalogs }: FoundTekton,
  {
    written,
    bundles,
    workflows,
    lint: { errors, warnings },
    jobs,
  }: {
    readonly written: readonly string[];
    readonly bundles: number;
    /** In documents that people keep. */
    readonly workflows: number;
    readonly lint: { readonly errors: number; readonly warnings: number };
    readonly jobs: string | undefined;
  },
): string[] {
  const sum = files.reduce((all, { paths = [''] }) => all + paths.length, 0);
  const discovered = catalogs.map(({ folder }) => folder || '.').join(', ');
  const from = [
    ...(files.length > 0 ? [count(sum, 'Tekton file')] : []),
    ...(discovered === '' ? [] : [`the catalog in ${discovered}`]),
  ];
  const lint =
    errors + warnings === 0
      ? []
      : [
          `lint: ${count(errors, 'error')}, ${count(warnings, 'warning')}; npx tekton-bundles lint shows them`,
        ];
  const include = jobs === 'bundles.gitlab-ci.yml' ? [`add to .gitlab-ci.yml: include: ${jobs}`] : [];
  return [
    `wrote ${written.join(', ')} for ${from.join(' and ')}: ${count(bundles, 'bundle')}${workflows > 0 ? `, ${count(workflows, 'workflow')}` : ''}`,
    ...lint,
    ...include,
    `next: npx tekton-bundles ensure --no-push; then commit bundles.lock too`,
  ];
}

/** The folder whose folders are bundles. */
function rootOf(path: string): string {
  return path.split('/').slice(0, -2).join('/');
}

/** Line endings change bytes, so git must not touch those of the sources. */
function attributesOf(folder: string): string[] {
  if (folder === '') return ['*.yaml eol=lf', '*.yml eol=lf', '*.json eol=lf'];
  const pattern = `${folder}/**`;
  return [`${/[\s"]|^[#!]/.test(pattern) ? JSON.stringify(pattern) : pattern} eol=lf`];
}

/** Adds the lines that a text file lacks; gives its name where it changed. */
async function addLines(file: string, lines: readonly string[], context: Context): Promise<string[]> {
  const text = (await readText(file, context)) ?? '';
  const missing = lines.filter((line) => !text.split(/\r?\n/).includes(line));
  if (missing.length === 0) return [];
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await writeFileAtomic(file, `${before}${missing.join('\n')}\n`);
  return [file];
}

async function readText(file: string, { signal }: Context): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(
      await readFileCapped(file, { limit: sizeLimit, missing: 'NOT_FOUND', signal }),
    );
  } catch (error) {
    if (toBundlesError(error).code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
