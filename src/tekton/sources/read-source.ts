import type { ObjectOrigin, Source, SourceWarning, TektonObject } from '../objects/object.js';
import { objectOf } from '../objects/object-of.js';
import { advise } from './advise.js';
import { decodeSource } from './decode-source.js';
import { parseDocument, splitDocuments } from './split-documents.js';

/** The objects of one file, in its order. */
export function readSource(
  source: Source,
  { tknCompat }: { tknCompat: boolean },
): { objects: TektonObject[]; warnings: SourceWarning[] } {
  const text = decodeSource(source);
  return advise(text, () => readText(text, source.path, tknCompat));
}

function readText(
  text: string,
  file: string,
  tknCompat: boolean,
): { objects: TektonObject[]; warnings: SourceWarning[] } {
  const objects: TektonObject[] = [];
  const warnings: SourceWarning[] = [];
  const documents = splitDocuments(text, file);
  for (const [index, document] of documents.entries()) {
    const origin = { file, document: index + 1, line: document.line };
    const { value, ignoredLine } = parseDocument(document, origin);
    if (ignoredLine !== undefined) warnings.push(ignoredText(origin, ignoredLine));
    if (value !== null) {
      objects.push(objectOf(value, document, origin));
      continue;
    }
    const previous = objects.at(-1);
    if (previous !== undefined && tknCompat) objects.push(previous);
    // A comment before the first object is harmless everywhere; tkn repeats an object for later ones.
    if (previous !== undefined || !isBlank(document.text)) warnings.push(nullDocument(origin, tknCompat));
  }
  return { objects, warnings };
}

/** True for nothing but blanks and comments. */
export function isBlank(text: string): boolean {
  return text.split(/[\n\r]/).every((line) => /^(?:\ufeff|---)?[ \t]*(?:#.*)?$/.test(line));
}

/** The warning for a document that holds nothing. */
export function nullDocument({ file, document, line }: ObjectOrigin, tknCompat: boolean): SourceWarning {
  const message = tknCompat
    ? `Document ${document} is empty (null): it repeats the preceding object, as in tkn`
    : `Document ${document} is empty (null) and was left out; tkn would bundle the preceding object twice`;
  return { rule: 'null-document', message, file, line };
}

/** The warning for text behind a document's end. */
export function ignoredText({ file, document }: ObjectOrigin, line: number): SourceWarning {
  const message = `Document ${document} has ended before this line: what follows is ignored, as in kubectl and tkn`;
  return { rule: 'ignored-text', message, file, line };
}
