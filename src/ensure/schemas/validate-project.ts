import { dirname, join } from 'node:path';
import { type BundlesError, isBundlesError } from '../../errors.js';
import { formatReference } from '../../oci/reference.js';
import type { WorkflowSpec } from '../../project/config/parse-workflows.js';
import type { Lock } from '../../project/lock/lock.js';
import { readLock } from '../../project/lock/lock-file.js';
import type { BundleSpec, Project } from '../../project/project.js';
import { readSourceFiles } from '../../project/sources/source-files.js';
import { readDocumentText } from '../../schema/parse-document.js';
import type { PipelineMatch } from '../../schema/pipeline-match.js';
import { splitDocuments } from '../../schema/split-documents.js';
import {
  createDocumentValidator,
  type NumberedDocument,
  type PlacedDocumentProblem,
  validateDocuments,
} from '../../schema/validate-document.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import { actionTypePath, schemaPath } from '../../workflow/schema-document.js';
import { declaredIn } from '../workflows/describe-kept.js';
import { keptWorkflows } from '../workflows/kept-file.js';
import { pinEdits, toPin } from '../workflows/pin-workflow.js';

/** A document of a file and what is wrong with it. */
export interface ValidatedFile extends Omit<NumberedDocument, 'contentHash'> {
  readonly file: string;
  /** Undefined if the file does not exist. */
  readonly contentHash: string | undefined;
  /** True where the document was held against the Pipeline of its bundle. */
  readonly matched: boolean;
}

/** A file that describes workflows of a project, by its path as the project's own path leads to it. */
export interface ProjectDocument {
  readonly file: string;
  /** The bundle that it describes; undefined for an ActionType, and for a file that people keep. */
  readonly spec: BundleSpec | undefined;
  /** Of a file that people keep: the entries of `workflows:` that name it. */
  readonly kept?: readonly WorkflowSpec[];
  /** The hint if the file does not exist; default: run the command that writes it. */
  readonly missingHint?: string;
}

/** The documents that describe the workflows of a project: those that it writes, and those that people keep. */
export function projectDocuments(project: Project): readonly ProjectDocument[] {
  const { format, directory } = project.schemas;
  const kept = keptDocuments(project);
  if (format === 'none') return kept;
  const workflows = project.bundles.filter(({ workflow }) => workflow !== undefined);
  const used = new Set(workflows.map(({ workflow }) => workflow?.remediation?.actionType));
  const actions = project.actionTypes.filter(({ name }) => used.has(name));
  return [
    ...workflows.map((spec) => ({
      file: join(project.directory, schemaPath(directory, spec.name, format)),
      spec,
    })),
    ...actions.map(({ name }) => ({
      file: join(project.directory, actionTypePath(directory, name)),
      spec: undefined,
    })),
    ...project.workflows
      .filter(({ content }) => content.kind === 'derived')
      .map(({ name, source }) => ({
        file: join(project.directory, schemaPath(directory, name, format)),
        spec: project.bundles.find((one) => source.kind === 'bundle' && one.name === source.bundle),
        missingHint: `Run: npx tekton-bundles schema generate ${name}`,
      })),
    ...kept,
  ];
}

function keptDocuments({ directory, workflows }: Project): ProjectDocument[] {
  const missingHint = 'Write it, or correct workflows: in bundles.yaml';
  const byPath = new Map<string, WorkflowSpec[]>();
  for (const spec of workflows) {
    const { content } = spec;
    if (content.kind === 'document') byPath.set(content.path, [...(byPath.get(content.path) ?? []), spec]);
  }
  return [...byPath].map(([path, kept]) => ({
    file: join(directory, path),
    spec: undefined,
    kept,
    missingHint,
  }));
}

/**
 * Validates documents of a project: each by itself, against the Pipeline in the sources of its bundle, and against the
 * digest in the lock. A document that is missing is a problem of its file, as is one that its entry of `workflows:` does
 * not fit.
 *
 * @throws SOURCE_NOT_FOUND, YAML_INVALID, OBJECT_INVALID and what else sources can be, LOCK_INVALID, SCHEMA_INVALID,
 *   NOT_READABLE
 */
export async function validateProject(
  project: Project,
  documents: readonly ProjectDocument[] = projectDocuments(project),
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly ValidatedFile[]> {
  const lock = await readLock(join(project.directory, 'bundles.lock'), options);
  const validate = createDocumentValidator();
  const pipelineOf = async (spec: BundleSpec): Promise<PipelineMatch> => {
    const { objects } = readSources(await readSourceFiles(project, spec, options));
    const entry = lock.entries.get(spec.name);
    const pinned = entry && `${formatReference(spec.reference)}@${entry.digest}`;
    return { objects, bundle: spec.name, pinned };
  };
  const files: ValidatedFile[] = [];
  for (const { file, spec, kept, missingHint } of documents) {
    const text = await textOrUndefined(file, options);
    if (text === undefined) files.push(missing(file, spec?.name, missingHint));
    else if (kept) {
      const { pipelines, problems } = await matchKept(text, { file, kept, project, lock, pipelineOf });
      const pipeline = (number: number) => pipelines.get(number);
      const documents = await validateDocuments(text, { file, pipeline }, validate);
      files.push(
        ...documents.map((document, index) => ({
          ...document,
          problems: index === 0 ? [...problems, ...document.problems] : document.problems,
          file,
          matched: pipelines.has(document.document),
        })),
      );
    } else {
      const pipeline = spec && (await pipelineOf(spec));
      const documents = await validateDocuments(text, { file, pipeline }, validate);
      files.push(...documents.map((document) => ({ ...document, file, matched: spec !== undefined })));
    }
  }
  return files;
}

interface KeptMatch {
  /** By the number of the document. */
  readonly pipelines: ReadonlyMap<number, PipelineMatch>;
  readonly problems: readonly PlacedDocumentProblem[];
}

/** Matches the documents of a file that users edit to the bundles that they run. */
async function matchKept(
  text: string,
  {
    file,
    kept,
    project,
    lock,
    pipelineOf,
  }: {
    readonly file: string;
    readonly kept: readonly WorkflowSpec[];
    readonly project: Project;
    readonly lock: Lock;
    readonly pipelineOf: (spec: BundleSpec) => Promise<PipelineMatch>;
  },
): Promise<KeptMatch> {
  const pipelines = new Map<number, PipelineMatch>();
  const problems: PlacedDocumentProblem[] = [];
  const workflows = await keptWorkflows(text, file).catch((error) => {
    // What cannot be read is a problem that the validator finds too.
    if (isBundlesError(error)) return undefined;
    throw error;
  });
  if (workflows === undefined) return { pipelines, problems };
  const parts = await splitDocuments(text);
  for (const spec of kept) {
    try {
      const workflow = declaredIn({ path: file, workflows }, spec);
      const { source } = spec;
      const bundle = project.bundles.find((one) => source.kind === 'bundle' && one.name === source.bundle);
      const number = parts.find(({ part }) => part === workflow.content)?.number;
      if (bundle === undefined || number === undefined) continue;
      const entry = lock.entries.get(bundle.name);
      const pin = entry && toPin(formatReference(bundle.reference), entry.digest);
      // Undefined too where the document states the same in its own way.
      const pinned = pin && pinEdits(workflow, pin).find(({ field }) => field === 'bundle')?.text;
      pipelines.set(number, { ...(await pipelineOf(bundle)), pinned });
    } catch (error) {
      if (!isBundlesError(error, 'SCHEMA_INVALID') || error.details.workflow !== spec.name) throw error;
      problems.push(notAsDeclared(file, error));
    }
  }
  return { pipelines, problems };
}

function notAsDeclared(file: string, { message, hint }: BundlesError): PlacedDocumentProblem {
  const rule = 'document-declared';
  return { rule, severity: 'error', file, line: 1, column: 1, path: '', message, hint: hint ?? null };
}

async function textOrUndefined(
  file: string,
  options: { readonly signal?: AbortSignal },
): Promise<string | undefined> {
  try {
    return await readDocumentText(file, { ...options, linksWithin: dirname(file) });
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

function missing(file: string, name: string | undefined, hint?: string): ValidatedFile {
  const nothing = {
    document: 1,
    kind: undefined,
    contentHash: undefined,
    canonicalHash: undefined,
    workflowId: undefined,
  };
  const problem: PlacedDocumentProblem = {
    rule: 'schema-present',
    severity: 'error',
    file,
    line: 1,
    column: 1,
    path: '',
    message: 'there is no such file, wanted the document that describes the workflow',
    hint: hint ?? `Run: npx tekton-bundles schema generate${name === undefined ? '' : ` ${name}`}`,
  };
  return { ...nothing, file, matched: false, problems: [problem] };
}
