import { dirname, isAbsolute, join } from 'node:path';
import { BundlesError } from '../../../errors.js';
import { findFiles } from '../../../project/sources/find-files.js';
import type { Source } from '../../../tekton/objects/object.js';
import type { Context } from '../../context.js';
import { readInputFiles } from '../../options/read-input-files.js';

/** Files, and the sources directly in directories or matched by globs, each once. @throws SOURCE_NOT_FOUND … */
export async function readLintFiles(context: Context, words: readonly string[]): Promise<Source[]> {
  const paths = new Set<string>();
  for (const word of words) for (const path of await expand(context, word)) paths.add(path);
  return readInputFiles(context, [...paths]);
}

async function expand({ signal }: Context, word: string): Promise<readonly string[]> {
  if (word === '-') return [word];
  const directory = isAbsolute(word) ? dirname(word) : '.';
  const relative = isAbsolute(word) ? word.slice(directory.length).replace(/^\//, '') : word;
  const found = await findFiles(relative === '' ? '.' : relative, { directory, signal });
  if (found.length > 0) return found.map((path) => (directory === '.' ? path : join(directory, path)));
  throw new BundlesError('SOURCE_NOT_FOUND', `Cannot lint ${JSON.stringify(word)}: no source lies there`, {
    hint: 'A directory gives the *.yaml, *.yml and *.json directly in it; a glob may go deeper',
    details: { path: word },
  });
}
