import { schemaFormats } from '../../../workflow/schema-document.js';
import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { InvalidValue } from '../../options/invalid-value.js';
import type { ConvertOptions } from './run-schema-convert.js';
import type { GenerateOptions } from './run-schema-generate.js';
import type { ValidateOptions } from './run-schema-validate.js';

/** `bundles schema generate`: write the schemas of declared workflows. */
export const schemaGenerateCommand: Command<GenerateOptions> = {
  name: 'schema generate',
  group: 'workflows',
  summary: 'write the schemas of declared workflows',
  description:
    'Derive the schemas of declared workflows and write them with the lock, as ensure would without a registry. Comments and keys of your own stay.',
  arguments: [
    {
      name: '[names...]',
      summary: 'bundles and workflows to work on; default: all workflows',
      complete: 'bundle',
    },
  ],
  options: [
    { flags: '--print', summary: 'print the documents instead of writing anything' },
    { flags: '-n, --dry-run', summary: 'print what would be written' },
    ...projectOptions,
  ],
  examples: [
    { words: 'schema generate', does: 'write the schemas of all declared workflows' },
    { words: 'schema generate --print', does: 'print them and write nothing' },
  ],
  async run(session, names, options) {
    const { runSchemaGenerate } = await import('./run-schema-generate.js');
    await runSchemaGenerate(session, { names, options });
  },
};

/** `bundles schema convert`: print a schema in the other format. */
export const schemaConvertCommand: Command<ConvertOptions, readonly [file: string]> = {
  name: 'schema convert',
  group: 'workflows',
  summary: 'convert a schema to the other format',
  description:
    'Print a schema in the other format, or bring it up to date in its own, and report what is lost or changed.',
  arguments: [{ name: '<file>', summary: 'the schema to convert; - is standard input' }],
  options: [
    { flags: '--to <format>', summary: 'format of the result', choices: schemaFormats, required: true },
    { flags: '--action-type <name>', summary: 'the action that a RemediationWorkflow takes' },
    { flags: '--when-to-use <text>', summary: 'when a RemediationWorkflow is the right thing to do' },
    { flags: '--bundle <reference>', summary: 'the bundle that runs it, pinned by digest' },
    {
      flags: '--label <key=value>',
      summary: 'a label instead of that in the file',
      repeat: true,
      parse: collectLabel,
    },
    { flags: '--strict', summary: 'fail if something is lost' },
  ],
  examples: [
    {
      words:
        'schema convert schemas/hello-world-workflow-schema.yaml --to remediation-workflow --action-type Hello --when-to-use "When asked"',
      does: 'print a schema as a RemediationWorkflow',
    },
    {
      words: 'schema convert schemas/hello-world-workflow-schema.yaml --to workflow-schema',
      does: 'bring it up to date in its own format',
    },
  ],
  async run(session, [file], options) {
    const { runSchemaConvert } = await import('./run-schema-convert.js');
    await runSchemaConvert(session, { file, options });
  },
};

/** `bundles schema validate`: check schemas, and that their Pipelines can run them. */
export const schemaValidateCommand: Command<ValidateOptions> = {
  name: 'schema validate',
  group: 'workflows',
  summary: 'check schemas, and that their Pipelines can run them',
  description:
    'Check the schemas of a project, or files: their structure, their meaning, and whether they fit the Pipeline of their bundle.',
  arguments: [
    {
      name: '[files...]',
      summary: 'documents to check instead of those of bundles.yaml; - is standard input',
    },
  ],
  options: [
    { flags: '--pipeline <file>', summary: 'check the files against these Tekton objects', repeat: true },
    { flags: '--strict', summary: 'treat warnings as failures' },
    ...projectOptions,
  ],
  examples: [
    { words: 'schema validate', does: 'check the schemas of the project' },
    {
      words: 'schema validate schemas/hello-world-workflow-schema.yaml --pipeline pipelines/hello-world.yaml',
      does: 'check a file against a Pipeline',
    },
  ],
  async run(session, files, options) {
    const { runSchemaValidate } = await import('./run-schema-validate.js');
    await runSchemaValidate(session, { files, options });
  },
};

function collectLabel(text: string, previous: unknown): ReadonlyMap<string, readonly string[]> {
  const at = text.indexOf('=');
  if (at <= 0 || at === text.length - 1) throw new InvalidValue('KEY=VALUE');
  const before = (previous ?? new Map()) as ReadonlyMap<string, readonly string[]>;
  const key = text.slice(0, at);
  return new Map([...before, [key, [...(before.get(key) ?? []), text.slice(at + 1)]]]);
}
