import { dirname, join } from 'node:path';
import { isBundlesError } from '../../errors.js';
import { formatReference } from '../../oci/reference.js';
import { readLock } from '../../project/lock/lock-file.js';
import type { BundleSpec, Project } from '../../project/project.js';
import { readSourceFiles } from '../../project/sources/source-files.js';
import type { PipelineMatch } from '../../schema/pipeline-match.js';
import { readDocumentText } from '../../schema/read-document-text.js';
import {
  createDocumentValidator,
  type NumberedDocument,
  type PlacedDocumentProblem,
  validateDocuments,
} from '../../schema/validate-document.js';
import { readSources } from '../../tekton/sources/read-sources.js';
import { actionTypePath, schemaPath } from '../../workflow/schema-document.js';

/** A document of a file and what is wrong with it. */
export interface ValidatedFile extends Omit<NumberedDocument, 'contentHash'> {
  readonly file: string;
  /** Undefined where there is no such file. */
  readonly contentHash: string | undefined;
  /** True where the document was held against the Pipeline of its bundle. */
  readonly matched: boolean;
}

/** A document that a project writes, by its path as the project's own path leads to it. */
export interface ProjectDocument {
  readonly file: string;
  /** The bundle that it describes; undefined for an ActionType. */
  readonly spec: BundleSpec | undefined;
  /** What is to be done where there is no such file; default: let it be written. */
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
      .map(({ name }) => ({
        file: join(project.directory, schemaPath(directory, name, format)),
        spec: undefined,
        missingHint: 'Run: npx tekton-bundles ensure',
      })),
    ...kept,
  ];
}

function keptDocuments({ directory, workflows }: Project): ProjectDocument[] {
  const paths = workflows.flatMap(({ content }) => (content.kind === 'document' ? [content.path] : []));
  const missingHint = 'Write it, or correct workflows: in bundles.yaml';
  return [...new Set(paths)].map((path) => ({ file: join(directory, path), spec: undefined, missingHint }));
}

/**
 * Validates documents of a project: each by itself, against the Pipeline in the sources of its bundle, and against the
 * digest in the lock. A document that is missing is a problem of its file.
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
  for (const { file, spec, missingHint } of documents) {
    const text = await textOrUndefined(file, options);
    if (text === undefined) files.push(missing(file, spec?.name, missingHint));
    else {
      const pipeline = spec && (await pipelineOf(spec));
      const documents = await validateDocuments(text, { file, pipeline }, validate);
      files.push(...documents.map((document) => ({ ...document, file, matched: spec !== undefined })));
    }
  }
  return files;
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
