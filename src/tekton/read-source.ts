import { BundlesError } from '../errors.js';
import { toCanonicalJson } from './canonical-json.js';
import { decodeObject } from './decode-object.js';
import { FieldProblem } from './field-problem.js';
import { fromJson } from './from-json.js';
import { locateField } from './locate-field.js';
import type { Source, SourceWarning, TektonObject } from './object.js';
import { type SourceDocument, splitDocuments } from './split-documents.js';
import { parseYaml } from './yaml/parse-yaml.js';
import type { YamlValue } from './yaml/value.js';

/** Far above what a cluster stores; small enough to be read at once. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The objects of one file, in its order. */
export function readSource(
  source: Source,
  { tknCompat }: { tknCompat: boolean },
): { objects: TektonObject[]; warnings: SourceWarning[] } {
  const objects: TektonObject[] = [];
  const warnings: SourceWarning[] = [];
  const documents = splitDocuments(decodeText(source), source.path);
  for (const [index, document] of documents.entries()) {
    const place = { file: source.path, document: index + 1, line: document.line };
    const { value, ignoredLine } = parse(document, place);
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

function decodeText({ path, bytes }: Source): string {
  if (bytes.length > MOST_BYTES) {
    throw new BundlesError(
      'SOURCE_TOO_LARGE',
      `Cannot read ${JSON.stringify(path)}: found ${bytes.length} bytes, wanted at most ${MOST_BYTES}`,
      { details: { file: path, found: bytes.length, expected: MOST_BYTES } },
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw notUtf8(path, bytes);
  }
}

function notUtf8(path: string, bytes: Uint8Array): BundlesError {
  const text = Buffer.from(bytes).toString('utf8');
  const lossy = Buffer.from(text);
  let at = 0;
  while (at < bytes.length && bytes[at] === lossy[at]) at++;
  const line = Buffer.from(bytes.subarray(0, at)).toString('latin1').split('\n').length;
  return new BundlesError(
    'YAML_INVALID',
    `Cannot read ${JSON.stringify(path)}, document 1, line ${line}: found bytes that are not UTF-8 text`,
    { hint: 'Save the file as UTF-8', details: { file: path, document: 1, line } },
  );
}

function parse(
  document: SourceDocument,
  place: Place,
): { value: YamlValue; ignoredLine: number | undefined } {
  if (document.syntax === 'yaml') return parseYaml(document.text, place);
  return { value: fromJson(document.text), ignoredLine: undefined };
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
