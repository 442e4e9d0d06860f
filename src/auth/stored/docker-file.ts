import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { platform } from 'node:process';
import type { Clock } from '../../async/clock.js';
import { BundlesError, isBundlesError } from '../../errors.js';
import { withFileLock } from '../../fs/file-lock.js';
import { makeDirectory } from '../../fs/make-directory.js';
import { readFileCapped } from '../../fs/read-file-capped.js';
import { writeFileAtomic } from '../../fs/write-file-atomic.js';
import { type CredentialFile, parseCredentialFile } from './credential-file.js';

export interface DockerFileOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home?: string | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Docker's credential file while it is edited. */
export interface DockerFile {
  readonly path: string;
  /** As it is on disk. */
  readonly view: CredentialFile;
  /** The file and its directory where they were there already and other users may read or change what they hold. */
  readonly openToOthers: readonly OpenPath[];
  /** The entry of each key below `auths`; undefined takes the key away. Nothing is written without a change. */
  setEntries(entries: ReadonlyMap<string, object | undefined>): void;
}

export interface OpenPath {
  readonly path: string;
  /** Permission bits in octal, e.g. `755`. */
  readonly mode: string;
}

const longestFile = 1024 * 1024;

/**
 * Edits the file that docker keeps credentials in: $DOCKER_CONFIG/config.json or ~/.docker/config.json. Everything
 * else in it stays, with its order and indentation; readers see the old file or the new one; a symbolic link stays one.
 * A file or directory that is made is for its owner alone; one that is there keeps its permissions.
 *
 * @throws CREDENTIALS_INVALID, NOT_WRITABLE, NOT_READABLE, DISK_FULL, BUSY
 */
export async function editDockerFile<T>(
  options: DockerFileOptions,
  edit: (file: DockerFile) => Promise<T>,
): Promise<T> {
  const { clock, signal } = options;
  const path = await realpath(dockerFilePath(options)).catch(() => dockerFilePath(options));
  const openToOthers = await findOpen([dirname(path), path]);
  const isNew = (await stat(path).catch(() => undefined)) === undefined;
  await makePrivateDirectory(dirname(path));
  const task = async () => {
    const text = await readText(path, signal);
    const view = parseCredentialFile(text, { name: path, form: 'auths', helpers: true });
    const document = JSON.parse(text) as Record<string, unknown>;
    let changed = false;
    const setEntries = (entries: ReadonlyMap<string, object | undefined>) => {
      const auths = new Map(Object.entries((document.auths ?? {}) as object));
      for (const [key, entry] of entries) {
        changed ||= entry !== undefined || auths.has(key);
        if (entry === undefined) auths.delete(key);
        else auths.set(key, entry);
      }
      document.auths = Object.fromEntries(auths);
    };
    const result = await edit({ path, view, openToOthers, setEntries });
    if (changed) await writeFileAtomic(path, formatLike(text, document), isNew ? { mode: 0o600 } : {});
    return result;
  };
  return withFileLock(`${path}.writing`, task, { clock, ...(signal ? { signal } : {}) });
}

/** @throws CREDENTIALS_INVALID where this machine has no place for it */
function dockerFilePath({ environment, home }: DockerFileOptions): string {
  const directory = environment.DOCKER_CONFIG || (home && join(home, '.docker'));
  if (directory) return join(directory, 'config.json');
  throw new BundlesError('CREDENTIALS_INVALID', 'Cannot keep a credential: there is no home directory', {
    hint: 'Name a directory for config.json in DOCKER_CONFIG',
  });
}

/** Windows has other permissions. */
async function findOpen(paths: readonly string[]): Promise<readonly OpenPath[]> {
  const found: OpenPath[] = [];
  for (const path of platform === 'win32' ? [] : paths) {
    const mode = ((await stat(path).catch(() => undefined))?.mode ?? 0) & 0o777;
    if ((mode & 0o077) !== 0) found.push({ path, mode: mode.toString(8) });
  }
  return found;
}

async function makePrivateDirectory(path: string): Promise<void> {
  await makeDirectory(dirname(path));
  await mkdir(path, { mode: 0o700 }).catch(() => makeDirectory(path));
}

async function readText(path: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    const options = { limit: longestFile, missing: 'NOT_FOUND', tooLarge: 'CREDENTIALS_INVALID' } as const;
    const text = new TextDecoder().decode(
      await readFileCapped(path, { ...options, ...(signal && { signal }) }),
    );
    return text.trim() === '' ? '{}\n' : text;
  } catch (error) {
    if (isBundlesError(error, 'NOT_FOUND')) return '{}\n';
    throw error;
  }
}

/** Docker indents by a tab; what a file does itself goes before that. */
function formatLike(text: string, document: object): string {
  const indent = /\{[^\S\n]*\r?\n([ \t]+)"/.exec(text)?.[1];
  const compact = indent === undefined && text.trim() !== '{}';
  const end = text.endsWith('\n') ? '\n' : '';
  return `${JSON.stringify(document, undefined, compact ? undefined : (indent ?? '\t'))}${end}`;
}
