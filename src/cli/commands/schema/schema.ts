import { type Command, InvalidArgumentError, Option } from 'commander';
import { schemaFormats } from '../../../workflow/schema-document.js';
import { addCommonOptions, addProjectOptions, collect } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import type { ConvertOptions } from './run-schema-convert.js';
import type { GenerateOptions } from './run-schema-generate.js';
import type { ValidateOptions } from './run-schema-validate.js';

/** `bundles schema …`: the documents that describe workflows. */
export function addSchema(program: Command, session: Session): void {
  const schema = program
    .command('schema')
    .summary('the documents that describe workflows')
    .description('The documents that describe workflows.');
  addGenerate(schema, session);
  addConvert(schema, session);
  addValidate(schema, session);
}

function addGenerate(schema: Command, session: Session): void {
  const command = addProjectOptions(
    schema
      .command('generate')
      .summary('write the schemas of declared workflows')
      .description(
        'Derive the schemas of declared workflows and write them with the lock, as ensure would without a registry. Comments and keys of your own stay.',
      )
      .argument('[names...]', 'bundles to narrow the work to; all workflows without a name'),
  )
    .option('--print', 'print the documents instead of writing anything')
    .option('-n, --dry-run', 'say what would be written');
  addCommonOptions(command).action(async (names: string[], options: GenerateOptions) => {
    const { runSchemaGenerate } = await import('./run-schema-generate.js');
    await runSchemaGenerate(session, { names, options });
  });
}

function addConvert(schema: Command, session: Session): void {
  const command = schema
    .command('convert')
    .summary('say in the other format what a schema says')
    .description(
      'Print a schema in the other format, or in its own in the words of today, and tell what is lost or changed.',
    )
    .argument('<file>', 'the schema to convert; - is standard input')
    .addOption(
      new Option('--to <format>', 'format of the result').choices(schemaFormats).makeOptionMandatory(),
    )
    .option('--action-type <name>', 'the action that a RemediationWorkflow takes')
    .option('--when-to-use <text>', 'when a RemediationWorkflow is the right thing to do')
    .option('--bundle <reference>', 'the bundle that runs it, pinned by digest')
    .option('--label <key=value>', 'a label instead of what the file says; may be repeated', collectLabel)
    .option('--strict', 'fail where something is lost');
  addCommonOptions(command).action(async (file: string, options: ConvertOptions) => {
    const { runSchemaConvert } = await import('./run-schema-convert.js');
    await runSchemaConvert(session, { file, options });
  });
}

function addValidate(schema: Command, session: Session): void {
  const command = addProjectOptions(
    schema
      .command('validate')
      .summary('check schemas, and that their Pipelines can run them')
      .description(
        'Check the schemas of a project, or files, by structure, by meaning, and against the Pipeline of their bundle.',
      )
      .argument('[files...]', 'documents to check instead of those of bundles.yaml; - is standard input'),
  )
    .option('--pipeline <file>', 'hold the files against these Tekton objects; may be repeated', collect)
    .option('--strict', 'warnings are failures too');
  addCommonOptions(command).action(async (files: string[], options: ValidateOptions) => {
    const { runSchemaValidate } = await import('./run-schema-validate.js');
    await runSchemaValidate(session, { files, options });
  });
}

function collectLabel(
  text: string,
  previous: ReadonlyMap<string, readonly string[]> = new Map(),
): ReadonlyMap<string, readonly string[]> {
  const at = text.indexOf('=');
  if (at <= 0 || at === text.length - 1) throw new InvalidArgumentError('wanted KEY=VALUE.');
  const key = text.slice(0, at);
  return new Map([...previous, [key, [...(previous.get(key) ?? []), text.slice(at + 1)]]]);
}
