import { readFileCapped } from '../fs/read-file-capped.js';
import { decodeUtf8 } from '../yaml-file/decode-utf8.js';

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
