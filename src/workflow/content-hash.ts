import { createHash } from 'node:crypto';

/** What the catalog knows a schema document by: lower-case hexadecimal sha256 of its UTF-8 bytes. */
export function contentHash(document: string): string {
  return createHash('sha256').update(document, 'utf8').digest('hex');
}
