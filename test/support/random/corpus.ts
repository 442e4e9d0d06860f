import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sharedPath } from '../shared.js';

/** Real files of public catalogs, where they lie beside the repository; none elsewhere, after a loud notice. */
export function corpusFiles(): string[] {
  const root = sharedPath('corpus');
  if (!existsSync(root)) {
    console.warn('skipped: ../shared/corpus is not on this machine');
    return [];
  }
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
