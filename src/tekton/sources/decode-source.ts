import { BundlesError } from '../../errors.js';
import type { Source } from '../objects/object.js';

/** Far above what a cluster stores; small enough to be read at once. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The text of a source, with its byte order mark where it has one. @throws SOURCE_TOO_LARGE, YAML_INVALID */
export function decodeSource({ path, bytes }: Source): string {
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
