import { readFileCapped } from '../fs/read-file-capped.js';
import { decodeUtf8 } from '../yaml-file/decode-utf8.js';
import { parseYamlFile } from '../yaml-file/parse-yaml-file.js';

/** Parses a workflow document. @throws SCHEMA_INVALID with file, line and column */
export function parseDocument(text: string, file: string): unknown {
  return parseYamlFile(text, {
    what: 'document',
    file,
    invalid: 'SCHEMA_INVALID',
    conflictHint: 'Edit the file: keep what you need, and remove the markers',
  });
}

/** Bytes; far more than any honest document has. */
export const documentLimit = 1024 * 1024;

/** The text of a document's file. @throws NOT_FOUND, SCHEMA_INVALID, NOT_READABLE */
export async function readDocumentText(
  file: string,
  { signal, linksWithin }: { readonly signal?: AbortSignal; readonly linksWithin?: string | undefined } = {},
): Promise<string> {
  const bytes = await readFileCapped(file, {
    limit: documentLimit,
    missing: 'NOT_FOUND',
    tooLarge: 'SCHEMA_INVALID',
    signal,
    linksWithin,
  });
  return decodeUtf8(bytes, { what: 'document', file, invalid: 'SCHEMA_INVALID' });
}
