import { createRun } from '../../../ensure/create-run.js';
import {
  type GeneratedSchema,
  type GenerateResult,
  generateSchemas,
} from '../../../ensure/schemas/generate-schemas.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import { errorLines } from '../../output/show-result.js';
import { createPaint, type Paint } from '../../output/terminal.js';
import type { Session } from '../../session.js';

export interface GenerateOptions extends ProjectOptions {
  readonly print?: boolean;
  readonly dryRun?: boolean;
}

/** Writes or prints the schemas of declared workflows, and tells of each. */
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
  const paint = createPaint(context, print ? 'stderr' : 'stdout', options);
  if (options.output === 'json') context.stdout.json(result);
  else if (print) {
    await context.stdout.yaml(result.schemas.flatMap(({ document }) => document ?? []).join('---\n'));
    const failures = result.schemas.flatMap((schema) => (schema.error ? showSchema(schema, view()) : []));
    context.stderr.lines(failures);
  } else context.stdout.lines(showSchemas(result, view()));
  const failures = [result.error, ...result.schemas.map(({ error }) => error)];
  session.exitCode = worstExitCode(failures.flatMap((error) => (error ? [exitCodes[error.code]] : [])));

  function view(): View {
    return { paint, dryRun, written: result.written };
  }
}

interface View {
  readonly paint: Paint;
  readonly dryRun: boolean;
  readonly written: readonly string[];
}

function showSchemas({ schemas, written, error }: GenerateResult, view: View): string[] {
  const lines = schemas.flatMap((schema) => showSchema(schema, view));
  const own = schemas.map(({ path }) => path);
  lines.push(...written.filter((path) => !own.includes(path)).map((path) => `  ${path} ${word(view)}`));
  if (error) lines.push(...errorLines(error, { paint: view.paint, indent: '  ' }));
  const sum = `${count(schemas.length, 'schema')}, ${written.length} ${word(view)}`;
  lines.push(view.paint('bold', schemas.length === 0 ? 'no workflow is declared' : sum));
  return lines;
}

function showSchema({ name, path, error }: GeneratedSchema, view: View): string[] {
  const { paint } = view;
  if (error)
    return [
      `${paint('red', '✗')} ${paint('bold', name)}`,
      ...errorLines(error, { paint: view.paint, indent: '  ' }),
    ];
  const state = path !== null && view.written.includes(path) ? word(view) : 'unchanged';
  return [`${paint('green', '✓')} ${paint('bold', name)} ${path} ${state}`];
}

function word({ dryRun }: View): string {
  return dryRun ? 'would be written' : 'written';
}
