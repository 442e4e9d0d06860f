import { createRun } from '../../../ensure/create-run.js';
import {
  type GeneratedSchema,
  type GenerateResult,
  generateSchemas,
} from '../../../ensure/schemas/generate-schemas.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export interface GenerateOptions extends ProjectOptions {
  readonly print?: boolean;
  readonly dryRun?: boolean;
}

/** Writes or prints the schemas of declared workflows, and reports each. */
export async function runSchemaGenerate(
  session: Session,
  { names, options }: { readonly names: readonly string[]; readonly options: GenerateOptions },
): Promise<void> {
  const { context } = session;
  const { print = false, dryRun = false } = options;
  const { project, stateDirectory, lockFile } = await openProject(context, options);
  const run = createRun(
    project,
    { names, stateDir: stateDirectory, lock: lockFile },
    { clock: context.clock, registries: undefined },
  );
  const result = await generateSchemas(run, { dryRun: dryRun || print }, { signal: context.signal });
  if (!options.quiet) {
    for (const { name, warnings } of result.schemas)
      for (const warning of warnings) context.stderr.line(`warning: ${name}: ${warning}`);
  }
  const view: View = {
    screen: createScreen(context, print ? 'stderr' : 'stdout', options),
    dryRun,
    written: result.written,
  };
  if (options.output === 'json') context.stdout.json(result);
  else if (print) {
    await context.stdout.yaml(result.schemas.flatMap(({ document }) => document ?? []).join('---\n'));
    const failed = result.schemas.filter(({ error }) => error);
    const rows = failed.map((schema) => rowOf(schema, view));
    context.stderr.lines(formatRows(rows, view.screen));
  } else context.stdout.lines(showSchemas(result, view));
  const failures = [result.error, ...result.schemas.map(({ error }) => error)];
  session.exitCode = worstExitCode(failures.flatMap((error) => (error ? [exitCodes[error.code]] : [])));
}

interface View {
  readonly screen: Screen;
  readonly dryRun: boolean;
  readonly written: readonly string[];
}

function showSchemas({ schemas, written, error }: GenerateResult, view: View): string[] {
  const { screen } = view;
  const lines = formatRows(
    schemas.map((schema) => rowOf(schema, view)),
    screen,
  );
  const own = schemas.map(({ path }) => path);
  const sum = `${count(schemas.length, 'schema')}, ${written.length} ${word(view)}`;
  const end: Text[] = [
    ...written.filter((path) => !own.includes(path)).map((path) => `${path} ${word(view)}`),
    ...(error ? errorTexts(error) : []),
    [['bold', schemas.length === 0 ? 'no workflow is declared' : sum]],
  ];
  if (lines.length > 0) lines.push('');
  lines.push(...end.flatMap((text) => wrap(text, { indent: 0 }, screen)));
  return lines;
}

function rowOf({ name, path, error }: GeneratedSchema, view: View): Row {
  if (error) {
    const [text = '', ...more] = errorTexts(error);
    return { mark: 'failed', name, outcome: 'failed', text, more };
  }
  const isWritten = path !== null && view.written.includes(path);
  return { mark: 'ok', name, outcome: isWritten ? word(view) : 'unchanged', text: path ?? '' };
}

function word({ dryRun }: View): string {
  return dryRun ? 'would be written' : 'written';
}
