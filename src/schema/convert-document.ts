import { BundlesError } from '../errors.js';
import { schemaDocument } from '../workflow/schema-document.js';
import type { SchemaFormat } from '../workflow/schema-format.js';
import type { Workflow } from '../workflow/workflow.js';
import { writeSchema } from '../workflow/write-schema.js';
import { showPath } from '../yaml-file/problems-error.js';
import { showText } from '../yaml-file/show-text.js';
import { createYamlLocator, type YamlPath } from '../yaml-file/yaml-position.js';
import type { ConversionNote, Note } from './conversion-note.js';
import { documentKind } from './document-kind.js';
import { foreignKeys } from './foreign-keys.js';
import { hasComments } from './has-comments.js';
import { parseDocument } from './parse-document.js';
import { readFlat } from './read-flat.js';
import { readRemediation } from './read-remediation.js';
import { type Supplement, supplemented } from './supplement.js';
import { toFlat } from './to-flat.js';
import { toRemediation } from './to-remediation.js';
import { createDocumentValidator, type PlacedDocumentProblem } from './validate-document.js';

export interface ConvertDocumentOptions {
  /** Where the text stands, for messages. */
  readonly file: string;
  readonly to: SchemaFormat;
  /** What the other format needs and the document does not say. */
  readonly supplement?: Supplement;
}

export interface ConvertedDocument {
  readonly from: SchemaFormat;
  readonly to: SchemaFormat;
  readonly text: string;
  /** What could not be taken over as it stood, in the order of the file. */
  readonly notes: readonly PlacedNote[];
}

export interface PlacedNote extends Omit<ConversionNote, 'path'> {
  readonly path: string;
  /** In the document that was converted, counted from 1. */
  readonly line: number;
  readonly column: number;
}

/**
 * Says in one format what a document says in the other, or in its own in the words of today. What is lost or changed
 * is told; what the format needs beyond that has to be supplied.
 *
 * @throws SCHEMA_INVALID where the text is no workflow schema, or where the result would not be valid: its problems are
 *   in `details.problems`
 */
export async function convertDocument(
  text: string,
  { file, to, supplement = {} }: ConvertDocumentOptions,
): Promise<ConvertedDocument> {
  const value = parseDocument(text, file);
  const from = documentKind(value);
  if (from === undefined || from === 'action-type') throw noWorkflow(file);
  const notes: ConversionNote[] = [];
  const note: Note = (path, effect, rule, message) => notes.push({ path, effect, rule, message });
  for (const path of foreignKeys(value, from))
    note(path, 'lost', 'key-lost', `the key is no part of the format`);
  if (await hasComments(text)) note([], 'lost', 'comments-lost', 'comments are left out');
  const read = from === 'workflow-schema' ? readFlat(value, note) : readRemediation(value);
  const carried =
    from === to ? read : to === 'workflow-schema' ? toFlat(read, note) : toRemediation(read, note);
  const workflow = withoutTarget(supplemented(carried, supplement), { from, note });
  const converted = writeSchema(schemaDocument(workflow, to)).replace(/^#.*\n/, '');
  await refuseInvalid(converted, { file, to });
  return { from, to, text: converted, notes: placed(notes, text) };
}

function noWorkflow(file: string): BundlesError {
  return new BundlesError(
    'SCHEMA_INVALID',
    `Cannot convert ${showText(file)}: found another document, wanted a WorkflowSchema or a RemediationWorkflow`,
    {
      hint: 'The kind of a document says what it is',
      details: { file, line: 1, column: 1, rule: 'kind-value' },
    },
  );
}

function withoutTarget(
  workflow: Workflow,
  { from, note }: { readonly from: SchemaFormat; readonly note: Note },
): Workflow {
  const index = workflow.parameters.findIndex(({ name }) => name === 'TARGET_RESOURCE');
  if (index < 0) return workflow;
  const path: YamlPath = [...(from === 'workflow-schema' ? [] : ['spec']), 'parameters', index];
  note(path, 'lost', 'target-resource-lost', 'TARGET_RESOURCE is left out: the controller always gives it');
  return { ...workflow, parameters: workflow.parameters.filter(({ name }) => name !== 'TARGET_RESOURCE') };
}

/** How to say, on the command line, what a document does not. */
const suppliedBy: Readonly<Record<string, string>> = {
  'spec.actionType': '--action-type NAME',
  'spec.description.whenToUse': '--when-to-use TEXT',
  'execution.bundle': '--bundle REFERENCE',
  'spec.execution.bundle': '--bundle REFERENCE',
};

async function refuseInvalid(
  text: string,
  { file, to }: { readonly file: string; readonly to: SchemaFormat },
): Promise<void> {
  const { problems } = await createDocumentValidator()(text, { file });
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const ways = [...new Set(errors.flatMap((problem) => wayToSupply(problem) ?? []))];
  throw new BundlesError(
    'SCHEMA_INVALID',
    `Cannot convert ${showText(file)} to ${to}: ${first.path || 'the document'}: ${first.message}${more}`,
    {
      hint: ways.length > 0 ? `Add ${ways.join(' ')}` : 'Correct the document, then convert it',
      // Line and column would be those of the result, which nobody has.
      details: {
        file,
        problems: errors.map(({ rule, path, message, hint }) => ({ rule, path, message, hint })),
      },
    },
  );
}

function wayToSupply({ path }: PlacedDocumentProblem): string | undefined {
  const label = /^(?:spec\.)?labels\.([a-z_]+)/.exec(path)?.[1];
  return label === undefined ? suppliedBy[path] : `--label ${label}=VALUE`;
}

function placed(notes: readonly ConversionNote[], text: string): PlacedNote[] {
  const locate = createYamlLocator(text);
  return notes
    .map((note) => {
      const { line, column } = locate(note.path, 'key');
      return { ...note, path: showPath(note.path), line, column };
    })
    .sort((left, right) => left.line - right.line || left.column - right.column);
}
