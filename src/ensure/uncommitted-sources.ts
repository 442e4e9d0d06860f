import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import { ProgramError, runProgram } from '../process/run-program.js';

/** Paths of a status are short; a thousand of them are many. */
const longestOutput = 4 * 1024 * 1024;

/** Characters of paths in one call: a command line of Windows takes 32,767. */
const longestCall = 24_000;

/**
 * Returns those of the files, relative to `directory`, that differ from the last commit: changed, new or ignored.
 * Undefined if git cannot determine that: it is not installed, or the directory is not in a working tree.
 */
export async function findUncommitted(
  directory: string,
  files: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  { signal }: CallOptions = {},
): Promise<ReadonlySet<string> | undefined> {
  // Not even the index is written.
  const settings = { GIT_OPTIONAL_LOCKS: '0', GIT_LITERAL_PATHSPECS: '1', LC_ALL: 'C' };
  const options = { environment: { ...environment, ...settings }, longestOutput, signal };
  const git = async (...words: string[]) => {
    const { status, output } = await runProgram('git', ['-C', directory, ...words], options);
    return status === 0 ? output : undefined;
  };
  try {
    const prefix = await git('rev-parse', '--show-prefix');
    if (prefix === undefined) return undefined;
    const uncommitted = new Set<string>();
    for (const part of inCalls(files)) {
      const how = ['--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--ignored=matching'];
      const listed = await git('status', ...how, '--', ...part);
      if (listed === undefined) return undefined;
      const paths = listed.split('\0').flatMap((entry) => (entry.length > 3 ? [entry.slice(3)] : []));
      for (const file of part) if (isListed(prefix.trimEnd() + file, paths)) uncommitted.add(file);
    }
    return uncommitted;
  } catch (error) {
    if (error instanceof ProgramError) return undefined;
    throw error;
  }
}

function inCalls(files: readonly string[]): string[][] {
  const calls: string[][] = [];
  let length = longestCall;
  for (const file of new Set(files)) {
    length += file.length + 3;
    if (length > longestCall) {
      calls.push([]);
      length = file.length + 3;
    }
    calls.at(-1)?.push(file);
  }
  return calls;
}

/** True if a file or a directory above it is listed: git lists an ignored directory, with a slash, without its files. */
function isListed(file: string, paths: readonly string[]): boolean {
  return paths.some((path) => file === path || (path.endsWith('/') && file.startsWith(path)));
}

/** The warning about a bundle that is made of such files. */
export function uncommittedWarning(files: readonly string[]): string {
  return `published from files that are not committed: ${listed(files)}`;
}

/** The error of a bundle with --require-clean; without `files`, git could not determine the state. */
export function notClean(bundle: string, files: readonly string[] | undefined): BundlesError {
  const doing = `Cannot publish ${JSON.stringify(bundle)} with --require-clean`;
  return files === undefined
    ? new BundlesError(
        'SOURCES_UNCOMMITTED',
        `${doing}: git cannot determine whether its sources are committed`,
        {
          hint: 'Run it in a git working tree, with git installed, or leave out --require-clean',
          details: { bundle, reason: 'no-git' },
        },
      )
    : new BundlesError('SOURCES_UNCOMMITTED', `${doing}: not committed are ${listed(files)}`, {
        hint: 'Commit the files, or leave out --require-clean',
        details: { bundle, reason: 'uncommitted', files },
      });
}

function listed(files: readonly string[]): string {
  const more = files.length > 5 ? ` and ${files.length - 5} more` : '';
  return `${files.slice(0, 5).join(', ')}${more}`;
}
