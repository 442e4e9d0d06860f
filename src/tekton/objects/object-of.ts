import { BundlesError } from '../../errors.js';
import type { SourceDocument } from '../sources/split-documents.js';
import type { YamlValue } from '../yaml/value.js';
import { toCanonicalJson } from './canonical-json.js';
import { decodeObject, FieldProblem, type ObjectIdentity } from './decode-object.js';
import { fromJsonLiterally } from './from-json.js';
import { locateField } from './locate-field.js';
import type { ObjectOrigin, TektonObject } from './object.js';

/** The object that a document is. @throws OBJECT_INVALID with details {file, document, line, column, path} */
export function objectOf(value: YamlValue, document: SourceDocument, origin: ObjectOrigin): TektonObject {
  const identity = identify(value, document, origin);
  const json = jsonOf(document, value);
  return { ...identity, json, value, origin };
}

function jsonOf(document: SourceDocument, value: YamlValue): Uint8Array {
  return document.syntax === 'json' ? Buffer.from(document.text) : toCanonicalJson(value);
}

function identify(value: YamlValue, document: SourceDocument, origin: ObjectOrigin): ObjectIdentity {
  try {
    const isLiteral = document.syntax === 'json' && /[0-9][.eE]/.test(document.text);
    return decodeObject(isLiteral ? fromJsonLiterally(document.text) : value);
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    const found = locateField(document.text, error.path);
    const line = origin.line + found.line - 1;
    throw new BundlesError(
      'OBJECT_INVALID',
      `Cannot use ${JSON.stringify(origin.file)}, document ${origin.document}, line ${line} as a Tekton object: ${error.message}`,
      {
        hint: error.hint,
        details: { ...origin, line, column: found.column, path: error.path },
      },
    );
  }
}
