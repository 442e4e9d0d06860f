import { join } from 'node:path';
import { BundlesError } from '../../errors.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { documentKind } from '../../schema/document-kind.js';
import { documentLimit, parseDocument } from '../../schema/parse-document.js';
import { splitDocuments } from '../../schema/split-documents.js';
import { type FieldPath, formatPath, valueAt } from '../../tekton/objects/field-path.js';
import {
  editReferences,
  type ReferenceEdit,
  type RefusedEdit,
} from '../../tekton/sources/edit-references.js';
import { placeDocuments } from '../../tekton/sources/place-documents.js';
import type { SchemaFormat } from '../../workflow/schema-document.js';
import { decodeUtf8 } from '../../yaml-file/decode-utf8.js';
import { showText } from '../../yaml-file/show-text.js';

/** A file that people keep, with the workflows that it describes. */
export interface KeptFile {
  /** Relative to the project. */
  readonly path: string;
  /** Without a byte order mark. */
  readonly text: string;
  readonly mark: '' | '\ufeff';
  readonly workflows: readonly KeptWorkflow[];
}

/** A workflow in a file that people keep. */
export interface KeptWorkflow {
  readonly format: SchemaFormat;
  readonly id: string;
  readonly version: string;
  readonly engine: string;
  /** The text of `execution.bundle`; undefined if it is missing or is not text. */
  readonly bundle: string | undefined;
  readonly bundleDigest: string | undefined;
  /** What a catalog gets: its own part of the file. */
  readonly content: string;
  /** Which of the documents of its file it is, counted from 1. */
  readonly document: number;
}

/** The fields of a workflow that a run may write. */
export type WrittenField = 'bundle' | 'bundleDigest' | 'version';

const fields: Readonly<Record<SchemaFormat, Readonly<Record<WrittenField | 'id' | 'engine', FieldPath>>>> = {
  'workflow-schema': {
    id: ['metadata', 'workflow_id'],
    version: ['metadata', 'version'],
    engine: ['execution', 'engine'],
    bundle: ['execution', 'bundle'],
    bundleDigest: ['execution', 'bundleDigest'],
  },
  'remediation-workflow': {
    id: ['metadata', 'name'],
    version: ['spec', 'version'],
    engine: ['spec', 'execution', 'engine'],
    bundle: ['spec', 'execution', 'bundle'],
    bundleDigest: ['spec', 'execution', 'bundleDigest'],
  },
};

/**
 * Reads a file of the project that people keep. Documents of other kinds that stand in it are passed over.
 * @throws SOURCE_NOT_FOUND, SCHEMA_INVALID, YAML_INVALID, NOT_READABLE
 */
export async function readKeptFile(
  directory: string,
  path: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<KeptFile> {
  const bytes = await readFileCapped(join(directory, path), {
    limit: documentLimit,
    missing: 'SOURCE_NOT_FOUND',
    missingHint: 'Correct workflows: in bundles.yaml, or write the document',
    tooLarge: 'SCHEMA_INVALID',
    linksWithin: directory,
    signal,
  });
  const text = decodeUtf8(bytes, { what: 'document', file: path, invalid: 'SCHEMA_INVALID' });
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? '\ufeff' : '';
  return { path, text, mark, workflows: await keptWorkflows(text, path) };
}

/** The workflows that a text describes. @throws SCHEMA_INVALID, YAML_INVALID */
export async function keptWorkflows(text: string, path: string): Promise<readonly KeptWorkflow[]> {
  const contents = new Map<string, string>();
  for (const { part } of await splitDocuments(text)) {
    const value = parseDocument(part, path);
    const format = documentKind(value);
    if (format !== undefined && format !== 'action-type')
      contents.set(keyOf(format, textAt(toMap(value), fields[format].id) ?? ''), part);
  }
  return placeDocuments(text, path).flatMap(({ value }, index): KeptWorkflow[] => {
    const own = value instanceof Map ? value : new Map();
    const format = documentKind({ kind: own.get('kind'), apiVersion: own.get('apiVersion') });
    if (format === undefined || format === 'action-type') return [];
    const at = fields[format];
    const id = textAt(value, at.id) ?? '';
    return [
      {
        format,
        id,
        version: textAt(value, at.version) ?? '',
        engine: textAt(value, at.engine) ?? 'tekton',
        bundle: textAt(value, at.bundle),
        bundleDigest: textAt(value, at.bundleDigest),
        content: contents.get(keyOf(format, id)) ?? text,
        document: index + 1,
      },
    ];
  });
}

function keyOf(format: SchemaFormat, id: string): string {
  return `${format} ${id}`;
}

type YamlValue = Parameters<typeof valueAt>[0];

function textAt(value: YamlValue, path: FieldPath): string | undefined {
  const found = valueAt(value, path);
  return typeof found === 'string' ? found : undefined;
}

/** The mappings of a parsed document that ids are read from. */
function toMap(value: unknown): YamlValue {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return new Map(Object.entries(value).map(([key, child]) => [key, toMap(child)]));
}

export interface FieldEdit {
  readonly workflow: KeptWorkflow;
  readonly field: WrittenField;
  readonly text: string;
}

/** A field that cannot be written by itself. */
export interface RefusedField {
  readonly edit: FieldEdit;
  readonly reason: RefusedEdit['reason'];
}

export interface EditedFile {
  readonly file: KeptFile;
  readonly refused: readonly RefusedField[];
}

/** The file with other texts in some fields, and every other byte as it is; what cannot be written is reported. */
export async function editKeptFile(file: KeptFile, edits: readonly FieldEdit[]): Promise<EditedFile> {
  if (edits.length === 0) return { file, refused: [] };
  const places = new Map<ReferenceEdit, FieldEdit>();
  for (const edit of edits) {
    const { document, format } = edit.workflow;
    places.set({ document, path: fields[format][edit.field], text: edit.text }, edit);
  }
  const { text, refused } = editReferences(file.text, [...places.keys()], { file: file.path });
  const found = refused.flatMap(({ edit, reason }): RefusedField[] => {
    const own = places.get(edit);
    return own ? [{ edit: own, reason }] : [];
  });
  return { file: { ...file, text, workflows: await keptWorkflows(text, file.path) }, refused: found };
}

const whyRefused: Readonly<Record<RefusedEdit['reason'], string>> = {
  absent: 'there is no such field, wanted one with text, which may be empty ("")',
  collection: 'found a list or a mapping, wanted text',
  'not-plain': 'found block text or text of several lines, wanted text on one line',
  shared: 'an anchor or a merge shares it with something else, wanted it written out',
};

/** The error for a field that cannot be written. */
export function refusedField(name: string, path: string, { edit, reason }: RefusedField): BundlesError {
  const field = formatPath(fields[edit.workflow.format][edit.field]);
  return new BundlesError(
    'SCHEMA_INVALID',
    `Cannot pin the workflow ${showText(name)} in ${showText(path)}: ${field}: ${whyRefused[reason]}`,
    {
      hint: `Write ${edit.field}: as plain text of its own`,
      details: { workflow: name, file: path, field, rule: reason },
    },
  );
}
