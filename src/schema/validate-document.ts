import { type BundlesError, isBundlesError } from '../errors.js';
import { contentHash } from '../workflow/schema-document.js';
import { workflowIdentity } from '../workflow/workflow-id.js';
import { showPath } from '../yaml-file/problems-error.js';
import { showText, showValue } from '../yaml-file/show-text.js';
import { createYamlLocator } from '../yaml-file/yaml-position.js';
import { type DocumentKind, documentKind, kindNames } from './document-kind.js';
import { type DocumentProblem, type ProblemSeverity, problemAt } from './document-problem.js';
import {
  dependencyNameProblems,
  flatExecutionProblems,
  remediationExecutionProblems,
} from './execution-semantics.js';
import { flatLabelProblems, remediationLabelProblems } from './label-semantics.js';
import { isMapping, member } from './member.js';
import { parameterProblems } from './parameter-semantics.js';
import { parseDocument } from './parse-document.js';
import { matchProblems, type PipelineMatch } from './pipeline-match.js';
import { splitDocuments } from './split-documents.js';
import { type CheckStructure, createStructureCheck } from './structure.js';

/** The name of a document's file, and the bundle that it has to fit. */
export interface ValidateDocumentOptions {
  /** Where the text is, for messages. */
  readonly file: string;
  /** The bundle that the document describes; without it the match is not looked at. */
  readonly pipeline?: PipelineMatch | undefined;
}

/** What is wrong with a document, and what it is known by. */
export interface ValidatedDocument {
  /** Undefined if the kind of the document is not supported. */
  readonly kind: DocumentKind | undefined;
  /** In the order of the file: errors and warnings, at most 100. */
  readonly problems: readonly PlacedDocumentProblem[];
  /** Lower-case hexadecimal sha256 of the document's bytes. */
  readonly contentHash: string;
  /** Of a RemediationWorkflow, like `workflowId`: what a catalog makes of it. */
  readonly canonicalHash: string | undefined;
  readonly workflowId: string | undefined;
}

/** A problem of a document, with its position; lines and columns count from 1. */
export interface PlacedDocumentProblem {
  readonly rule: string;
  readonly severity: ProblemSeverity;
  readonly file: string;
  /** Counted from 1, like `column`. */
  readonly line: number;
  readonly column: number;
  /** E.g. `spec.parameters[0].name`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
  readonly hint: string | null;
}

const problemLimit = 100;

/** Validates the text of one document. Throws nothing over what is in it. */
export type ValidateDocument = (text: string, options: ValidateDocumentOptions) => Promise<ValidatedDocument>;

/**
 * Creates a validator of WorkflowSchemas, RemediationWorkflows and ActionTypes: their structure by the published JSON Schemas, the rules that
 * those cannot express, and, given `pipeline`, whether the Pipeline of a bundle can run what they describe. It throws nothing over what is
 * in a document.
 *
 * @example
 * ```ts
 * import { createDocumentValidator } from 'tekton-bundles/workflow';
 *
 * const validate = createDocumentValidator();
 * const text = 'apiVersion: kubernaut.io/v1alpha1\nkind: WorkflowSchema\nmetadata: {workflow_id: hello}\n';
 * const { problems } = await validate(text, { file: 'hello.yaml' });
 * console.log(problems[0]?.rule, problems[0]?.path); // labels-required labels
 * ```
 */
export function createDocumentValidator(): ValidateDocument {
  const check = createStructureCheck();
  return async (text, { file, pipeline }) => {
    const nothing = { kind: undefined, canonicalHash: undefined, workflowId: undefined };
    let value: unknown;
    try {
      value = parseDocument(text, file);
    } catch (error) {
      if (!isBundlesError(error)) throw error;
      return { ...nothing, contentHash: contentHash(text), problems: [unreadable(error, file)] };
    }
    const kind = documentKind(value);
    if (kind && kind !== 'workflow-schema') value = withoutNulls(value);
    const found = kind ? await problemsOf(value, { kind, pipeline, check }) : [unknownKind(value)];
    const sound = kind === 'remediation-workflow' && !found.some(({ severity }) => severity === 'error');
    return {
      ...nothing,
      ...(sound ? workflowIdentity(value) : {}),
      kind,
      contentHash: contentHash(text),
      problems: node(found, { text, file }),
    };
  };
}

/** As for one document; the bundle may depend on the number of the document. */
export interface ValidateDocumentsOptions extends Omit<ValidateDocumentOptions, 'pipeline'> {
  /** The bundle that all documents describe, or that each of them does, by its number; default: no match is looked at. */
  readonly pipeline?: PipelineMatch | ((number: number) => PipelineMatch | undefined) | undefined;
}

/** One validated document of a text, with its number from 1. */
export interface NumberedDocument extends ValidatedDocument {
  /** Which document of its text it is, counted from 1. */
  readonly document: number;
}

/**
 * Validates each document of a YAML text. Objects of other kinds, a ServiceAccount for example, are skipped. Content hashes are of each
 * document's own part of the text.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { validateDocuments } from 'tekton-bundles/workflow';
 *
 * const file = 'schemas/hello-world-workflow-schema.yaml';
 * const [document] = await validateDocuments(await readFile(file, 'utf8'), { file });
 * console.log(document?.kind, document?.problems.length, document?.contentHash.length); // workflow-schema 0 64
 * ```
 */
export async function validateDocuments(
  text: string,
  { file, pipeline }: ValidateDocumentsOptions,
  validate: ValidateDocument = createDocumentValidator(),
): Promise<readonly NumberedDocument[]> {
  const documents = await splitDocuments(text);
  const validated: NumberedDocument[] = [];
  for (const { number, part, alone } of documents) {
    const own = typeof pipeline === 'function' ? pipeline(number) : pipeline;
    const found = await validate(alone, { file, pipeline: own });
    validated.push({ ...found, document: number, contentHash: contentHash(part) });
  }
  const ours = validated.filter(
    ({ problems }) => !problems.some(({ rule, path }) => rule === 'kind-value' && path === 'kind'),
  );
  return ours.length > 0 ? ours : validated.slice(0, 1);
}

async function problemsOf(
  value: unknown,
  {
    kind,
    pipeline,
    check,
  }: {
    readonly kind: DocumentKind;
    readonly pipeline: PipelineMatch | undefined;
    readonly check: CheckStructure;
  },
): Promise<DocumentProblem[]> {
  const path = kind === 'remediation-workflow' ? ['spec'] : [];
  return withoutEchoes([
    ...(await check(value, kind)),
    ...semanticProblems(value, kind),
    ...(pipeline && kind !== 'action-type' ? matchProblems(value, { ...pipeline, path }) : []),
  ]);
}

/** Drops keys without a value, as API servers do; free-form values keep them. */
function withoutNulls(value: unknown): unknown {
  if (!isMapping(value)) return Array.isArray(value) ? value.map(withoutNulls) : value;
  const entries = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(
    entries.map(([key, child]) => [key, freeValues.has(key) ? child : withoutNulls(child)]),
  );
}

const freeValues: ReadonlySet<string> = new Set(['engineConfig', 'default', 'detectedLabels']);

/** Without advice about a value that is refused anyway. */
function withoutEchoes(problems: readonly DocumentProblem[]): DocumentProblem[] {
  const refused = new Set(
    problems.flatMap(({ severity, path }) => (severity === 'error' ? [JSON.stringify(path)] : [])),
  );
  return problems.filter(({ severity, path }) => severity === 'error' || !refused.has(JSON.stringify(path)));
}

function unknownKind(value: unknown): DocumentProblem {
  if (!isMapping(value))
    return problemAt(
      [],
      'document-type',
      `found ${showValue(value)}, wanted a mapping with apiVersion and kind`,
    );
  const { kind } = value;
  const found = kind === undefined ? 'missing' : `found ${showText(String(kind))}`;
  return problemAt(['kind'], 'kind-value', `${found}, wanted one of ${kindNames.join(', ')}`, {
    at: kind === undefined ? 'absent' : 'value',
  });
}

function unreadable(error: BundlesError, file: string): PlacedDocumentProblem {
  const {
    line = 1,
    column = 1,
    rule = 'yaml',
  } = error.details as { line?: number; column?: number; rule?: string };
  const message = error.message.replace(/^Cannot read the document, "[^"]*": /, '');
  return { rule, severity: 'error', file, line, column, path: '', message, hint: error.hint ?? null };
}

function node(
  problems: readonly DocumentProblem[],
  { text, file }: { readonly text: string; readonly file: string },
): PlacedDocumentProblem[] {
  const locate = createYamlLocator(text);
  const placed = problems.slice(0, problemLimit).map((problem): PlacedDocumentProblem => {
    const { rule, severity, path, at, message, unquoted, elsewhere } = problem;
    const { line, column, source } = locate(path, at);
    const position = elsewhere
      ? { file: elsewhere.file, line: elsewhere.line, column: 1 }
      : { file, line, column };
    const quoted = unquoted && source !== undefined ? `Write it in quotes: ${showText(source)}` : null;
    const hint = problem.hint ?? quoted;
    return { rule, severity, ...position, path: showPath(path), message, hint };
  });
  return placed.sort(
    (left, right) =>
      Number(left.file !== file) - Number(right.file !== file) ||
      left.line - right.line ||
      left.column - right.column,
  );
}

/** What is wrong with a document beyond its structure, whatever that may be. */
function semanticProblems(document: unknown, kind: DocumentKind): DocumentProblem[] {
  if (kind === 'workflow-schema') return flatProblems(document);
  return kind === 'remediation-workflow' ? remediationProblems(member(document, 'spec')) : [];
}

function flatProblems(document: unknown): DocumentProblem[] {
  return [
    ...flatLabelProblems(member(document, 'labels')),
    ...flatExecutionProblems(document),
    ...['parameters', 'rollback_parameters'].flatMap((key) =>
      parameterProblems({ path: [key], value: member(document, key), dependsOn: 'depends_on' }),
    ),
  ];
}

/** What kubernaut's parser refuses. All else is accepted by it and by the API server, and is advice. */
const refusedByParser: ReadonlySet<string> = new Set([
  'bundle-pinned',
  'ansible-engine-config',
  'ansible-playbook-path',
  'resources-engine',
  'resources-quantity',
  'resources-within-limits',
  'dependency-unique',
]);

function remediationProblems(spec: unknown): DocumentProblem[] {
  const problems = [
    ...remediationLabelProblems(spec),
    ...remediationExecutionProblems(spec),
    ...dependencyNameProblems(spec),
    ...['parameters', 'rollbackParameters'].flatMap((key) =>
      parameterProblems({ path: ['spec', key], value: member(spec, key), dependsOn: 'dependsOn' }),
    ),
  ];
  return problems.map((problem) =>
    refusedByParser.has(problem.rule) ? problem : { ...problem, severity: 'warning' },
  );
}
