import { realpath } from 'node:fs/promises';
import {
  type ProjectDocument,
  projectDocuments,
  type ValidatedFile,
  validateProject,
} from '../../../ensure/schemas/validate-project.js';
import { BundlesError, isBundlesError } from '../../../errors.js';
import { optionOr } from '../../../open/machine.js';
import type { Project } from '../../../project/project.js';
import { reportedError } from '../../../publish/reported-error.js';
import type { PipelineMatch } from '../../../schema/pipeline-match.js';
import {
  createDocumentValidator,
  type PlacedDocumentProblem,
  validateDocuments,
} from '../../../schema/validate-document.js';
import { readSources } from '../../../tekton/sources/read-sources.js';
import { documentUrl } from '../../../version.js';
import type { Context } from '../../context.js';
import { exitCodeOf } from '../../exit-codes.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { readDocumentArgument } from '../../options/read-document-argument.js';
import { readInputFiles } from '../../options/read-input-files.js';
import { count } from '../../output/amounts.js';
import { describeError } from '../../output/report-error.js';
import { formatRows } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import { createPaint, createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export interface ValidateOptions extends ProjectOptions {
  readonly pipeline?: readonly string[];
  readonly strict?: boolean;
}

interface ValidateRequest {
  readonly files: readonly string[];
  readonly options: ValidateOptions;
}

/** Checks documents and prints what is wrong, by rule and place. */
export async function runSchemaValidate(session: Session, request: ValidateRequest): Promise<void> {
  const { context } = session;
  const { options } = request;
  const files =
    request.files.length > 0
      ? await validateFiles(context, request)
      : await validateDeclared(context, options);
  const problems = files.flatMap((file) => file.problems);
  const failure = failureOf(problems, options.strict === true);
  if (options.output === 'json') {
    const error = failure ? reportedError(failure) : null;
    const shown = files.map(
      ({ file, document, kind, matched, contentHash, canonicalHash, workflowId, problems: own }) => ({
        file,
        document,
        kind: kind ?? null,
        matched,
        contentHash: contentHash ?? null,
        canonicalHash: canonicalHash ?? null,
        workflowId: workflowId ?? null,
        problems: own,
      }),
    );
    context.stdout.json({ version: 1, files: shown, error });
  } else context.stdout.lines(showValidation(files, createScreen(context, 'stdout', options)));
  if (context.environment.GITHUB_ACTIONS === 'true') {
    const { annotateFindings } = await import('../../output/ci/github-annotations.js');
    await annotateFindings(
      context,
      problems.flatMap(({ severity, ...rest }) => (severity === 'note' ? [] : [{ ...rest, severity }])),
    );
  }
  if (!failure) return;
  if (options.output === 'text')
    context.stderr.lines(
      describeError(failure, { verbose: false, paint: createPaint(context, 'stderr', options) }),
    );
  session.exitCode = exitCodeOf(failure);
}

async function validateDeclared(
  context: Context,
  options: ValidateOptions,
): Promise<readonly ValidatedFile[]> {
  if (options.pipeline) {
    throw new BundlesError('USAGE', 'Cannot hold declared schemas against --pipeline: it belongs to files', {
      hint: 'Name the files, or leave --pipeline out: declared schemas are checked against the sources of their bundles',
    });
  }
  const { project } = await openProject(context, options);
  return validateProject(project, projectDocuments(project), { signal: context.signal });
}

async function validateFiles(
  context: Context,
  { files, options }: ValidateRequest,
): Promise<readonly ValidatedFile[]> {
  const pipeline = await pipelineOption(context, options.pipeline);
  const project = pipeline ? undefined : await projectAtHand(context, options);
  const declared = project ? await placesOf(project) : new Map<string, ProjectDocument>();
  const validate = createDocumentValidator();
  const validated: ValidatedFile[] = [];
  for (const file of files) {
    const known = declared.get(await resolvedPath(file));
    if (project && known) {
      validated.push(...(await validateProject(project, [{ ...known, file }], { signal: context.signal })));
      continue;
    }
    const { text, shown } = await readDocumentArgument(context, file);
    const documents = await validateDocuments(text, { file: shown, pipeline }, validate);
    validated.push(
      ...documents.map((document) => ({ ...document, file: shown, matched: pipeline !== undefined })),
    );
  }
  return validated;
}

async function pipelineOption(
  context: Context,
  paths: readonly string[] | undefined,
): Promise<PipelineMatch | undefined> {
  if (paths === undefined) return undefined;
  const sources = await readInputFiles(context, paths);
  return { objects: readSources(sources).objects, bundle: paths.join(', ') };
}

/** The project, which gives the bundle of a declared file. A missing bundles.yaml is an error only if it was named. */
async function projectAtHand(context: Context, options: ValidateOptions): Promise<Project | undefined> {
  try {
    return (await openProject(context, options)).project;
  } catch (error) {
    const named = optionOr(options.config, context, 'BUNDLES_CONFIG') !== undefined;
    if (!named && isBundlesError(error, 'CONFIG_NOT_FOUND')) return undefined;
    throw error;
  }
}

async function placesOf(project: Project): Promise<Map<string, ProjectDocument>> {
  const documents = projectDocuments(project);
  const places = await Promise.all(documents.map(({ file }) => resolvedPath(file)));
  return new Map(documents.map((document, index) => [places[index] ?? document.file, document]));
}

async function resolvedPath(file: string): Promise<string> {
  return realpath(file).catch(() => file);
}

function failureOf(problems: readonly PlacedDocumentProblem[], strict: boolean): BundlesError | undefined {
  const failing = problems.filter(
    ({ severity }) => severity === 'error' || (strict && severity === 'warning'),
  );
  const [first] = failing;
  if (first === undefined) return undefined;
  const { file, line, column, rule } = first;
  const files = new Set(failing.map((problem) => problem.file)).size;
  const subject = files === 1 ? JSON.stringify(file) : count(files, 'document');
  const errors = failing.filter(({ severity }) => severity === 'error').length;
  const found = [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(errors < failing.length ? [count(failing.length - errors, 'warning')] : []),
  ];
  return new BundlesError(
    'SCHEMA_INVALID',
    // The problems themselves are listed in the result.
    `Cannot accept ${subject}: found ${found.join(' and ')}`,
    {
      hint: first.hint ?? `${documentUrl('reference/schema-rules')} lists the rules`,
      details: { file, line, column, rule },
    },
  );
}

/** Validated files as lines for people: one problem per line, as compilers print them. */
function showValidation(files: readonly ValidatedFile[], screen: Screen): string[] {
  const lines = files.flatMap((file) => showFile(file, screen));
  const problems = files.flatMap((file) => file.problems);
  const sums = (['error', 'warning', 'note'] as const).flatMap((wanted) => {
    const found = problems.filter(({ severity }) => severity === wanted).length;
    return found > 0 ? [count(found, wanted)] : [];
  });
  const what = sums.length === 0 ? 'nothing wrong' : sums.join(', ');
  const end = files.length === 0 ? 'no schema to check' : `${count(files.length, 'file')}: ${what}`;
  lines.push(...wrap([['bold', end]], { indent: 0 }, screen));
  return lines;
}

function showFile({ file, kind, matched, problems }: ValidatedFile, screen: Screen): string[] {
  if (problems.length > 0) return problems.flatMap((problem) => showProblem(problem, screen));
  const text = `${kind ?? ''}${matched ? ', fits its Pipeline' : ''}`;
  return formatRows([{ mark: 'ok', name: file, text: [['dim', text]] }], screen);
}

function showProblem(problem: PlacedDocumentProblem, screen: Screen): string[] {
  const { file, line, column, severity, rule, path, message, hint } = problem;
  const texts: Text[] = [
    [
      `${file}:${line}:${column}: `,
      [({ error: 'red', warning: 'yellow', note: 'cyan' } as const)[severity], severity],
      ' ',
      ['bold', `${rule}:`],
      ` ${path === '' ? '' : `${path}: `}${message}`,
    ],
    ...(hint === null ? [] : [[['bold', 'hint:'], ` ${hint}`] as const]),
  ];
  return texts.flatMap((text, index) => {
    const first = { text: index === 0 ? '' : '  ', width: index === 0 ? 0 : 2 };
    return wrap(text, { indent: index === 0 ? 2 : 4, first }, screen);
  });
}
