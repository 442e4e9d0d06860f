import { join } from 'node:path';
import { BundlesError, isBundlesError } from '../../errors.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';

/**
 * What `login` records on this machine beside docker's credentials: JSON files of the user in
 * `$XDG_CONFIG_HOME/tekton-bundles`, else `~/.config/tekton-bundles`, readable by their owner alone.
 */
export interface UserFileOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string | undefined;
}

export type JsonObject = Readonly<Record<string, unknown>>;

const longestFile = 1024 * 1024;

/** The path of a file; undefined for a user without a home directory. */
export function userFile(name: string, { environment, home }: UserFileOptions): string | undefined {
  const directory = environment.XDG_CONFIG_HOME || (home && join(home, '.config'));
  return directory ? join(directory, 'tekton-bundles', name) : undefined;
}

/** @throws CREDENTIALS_INVALID without a home directory */
export function requireUserFile(name: string, options: UserFileOptions): string {
  const file = userFile(name, options);
  if (file !== undefined) return file;
  throw new BundlesError('CREDENTIALS_INVALID', 'Cannot keep a login: there is no home directory', {
    hint: 'Name a directory for it in XDG_CONFIG_HOME',
  });
}

/** What `parse` makes of a file; undefined where there is none. @throws CREDENTIALS_INVALID where `parse` gives undefined */
export async function readUserFile<T>(
  file: string,
  parse: (document: JsonObject) => T | undefined,
): Promise<T | undefined> {
  let text: string;
  try {
    const limits = { limit: longestFile, missing: 'NOT_FOUND', tooLarge: 'CREDENTIALS_INVALID' } as const;
    text = new TextDecoder().decode(await readFileCapped(file, limits));
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
  const document = parseJson(text);
  const found = isObject(document) ? parse(document) : undefined;
  if (found !== undefined) return found;
  throw new BundlesError('CREDENTIALS_INVALID', `Cannot read the logins in ${JSON.stringify(file)}`, {
    hint: 'Remove the file and log in again',
    details: { source: file },
  });
}

/** @throws NOT_WRITABLE, DISK_FULL */
export async function writeUserFile(file: string, document: JsonObject): Promise<void> {
  await makeDirectory(join(file, '..'));
  await writeFileAtomic(file, `${JSON.stringify(document, undefined, 2)}\n`, { mode: 0o600 });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
