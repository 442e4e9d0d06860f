import { BundlesError } from '../errors.js';
import { toCanonicalJson } from './canonical-json.js';
import { decodeObject } from './decode-object.js';
import { decodeSource } from './decode-source.js';
import { FieldProblem } from './field-problem.js';
import { locateField } from './locate-field.js';
import type { Source, SourceWarning, TektonObject } from './object.js';
import { parseDocument } from './parse-document.js';
import { type SourceDocument, splitDocuments } from './split-documents.js';
import type { YamlValue } from './yaml/value.js';

/** The objects of one file, in its order. */
export function readSource(
  source: Source,
  { tknCompat }: { tknCompat: boolean },
): { objects: TektonObject[]; warnings: SourceWarning[] } {
  const objects: TektonObject[] = [];
  const warnings: SourceWarning[] = [];
  const documents = splitDocuments(decodeSource(source), source.path);
  for (const [index, document] of documents.entries()) {
    const place = { file: source.path, document: index + 1, line: document.line };
    const { value, ignoredLine } = parseDocument(document, place);
    if (ignoredLine !== undefined) warnings.push(ignoredText(place, ignoredLine));
    if (value !== null) {
      objects.push({ ...identify(value, document, place), json: jsonOf(document, value), origin: place });
      continue;
    }
    const previous = objects.at(-1);
    if (previous !== undefined && tknCompat) objects.push(previous);
    // A comment before the first object is harmless everywhere; tkn repeats an object for later ones.
    if (previous !== undefined || !isBlank(document.text)) warnings.push(nullDocument(place, tknCompat));
  }
  return { objects, warnings };
}

interface Place {
  readonly file: string;
  readonly document: number;
  readonly line: number;
}

function jsonOf(document: SourceDocument, value: YamlValue): Uint8Array {
  return document.syntax === 'json' ? Buffer.from(document.text) : toCanonicalJson(value);
}

function identify(
  value: YamlValue,
  document: SourceDocument,
  place: Place,
): { apiVersion: string; kind: string; name: string } {
  try {
    return decodeObject(value);
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    const found = locateField(document.text, error.path);
    const line = place.line + found.line - 1;
    throw new BundlesError(
      'OBJECT_INVALID',
      `Cannot use ${JSON.stringify(place.file)}, document ${place.document}, line ${line} as a Tekton object: ${error.message}`,
      {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        details: { ...place, line, column: found.column, path: error.path },
      },
    );
  }
}

function isBlank(text: string): boolean {
  return text.split(/[\n\r]/).every((line) => /^(?:\ufeff|---)?[ \t]*(?:#.*)?$/.test(line));
}

function nullDocument({ file, document, line }: Place, tknCompat: boolean): SourceWarning {
  const message = tknCompat
    ? `Document ${document} is empty (null): it repeats the object before it, as in tkn`
    : `Document ${document} is empty (null) and was left out; tkn would bundle the object before it twice`;
  return { rule: 'null-document', message, file, line };
}

function ignoredText({ file, document }: Place, line: number): SourceWarning {
  const message = `Document ${document} has ended before this line: what follows is ignored, as in kubectl and tkn`;
  return { rule: 'ignored-text', message, file, line };
}
