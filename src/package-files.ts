import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where a file of this package lies. `bundles.mjs`, which is one file, replaces this module by one that holds the texts. */
export function packagePath(path: string): string {
  return join(dirname(createRequire(import.meta.url).resolve('tekton-bundles/package.json')), path);
}

/** The text of a file of this package, such as `schemas/json/bundles.schema.json`. */
export function readPackageFile(path: string): Promise<string> {
  return readFile(packagePath(path), 'utf8');
}
