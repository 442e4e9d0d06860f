import { resolve } from 'node:path';
import type { CallOptions } from '../content/store.js';
import { BundlesError } from '../errors.js';
import { ProgramError, runProgram } from '../process/run-program.js';

/** Paths of a status are short; a thousand of them are many. */
const longestOutput = 4 * 1024 * 1024;

/**
 * Of some files below `directory`, those that are not in the last commit as they are: changed, new or ignored. Undefined
 * where git cannot tell: it is not installed, or the directory is not in a working tree.
 */
export async function findUncommitted(
  directory: string,
  files: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  { signal }: CallOptions = {},
): Promise<ReadonlySet<string> | undefined> {
  // Nothing is written, not even the index; a question for a password would have nobody to answer it.
  const settings = { GIT_OPTIONAL_LOCKS: '0', GIT_LITERAL_PATHSPECS: '1', LC_ALL: 'C' };
  const git = async (words: readonly string[], input?: string) => {
    const options = { environment: { ...environment, ...settings }, input, longestOutput, signal };
    const { status, output } = await runProgram('git', ['-C', directory, ...words], options);
    return status === 0 ? output : undefined;
  };
  try {
    const [top, status] = await Promise.all([
      git(['rev-parse', '--show-cdup']),
      git(
        [
          ...[
            'status',
            '--porcelain=v1',
            '-z',
            '--no-renames',
            '--untracked-files=all',
            '--ignored=matching',
          ],
          ...['--pathspec-from-file=-', '--pathspec-file-nul'],
        ],
        files.join('\0'),
      ),
    ]);
    if (top === undefined || status === undefined) return undefined;
    const root = resolve(directory, top.trim());
    const listed = status.split('\0').filter((entry) => entry.length > 3);
    const found = listed.map((entry) => resolve(root, entry.slice(3)));
    return new Set(files.filter((file) => isListed(resolve(directory, file), found)));
  } catch (error) {
    if (error instanceof ProgramError) return undefined;
    throw error;
  }
}

/** An ignored directory is listed in place of what lies in it. */
function isListed(file: string, found: readonly string[]): boolean {
  return found.some((path) => file === path || file.startsWith(`${path}/`));
}

/** What a person is told of a bundle that is made of such files. */
export function uncommittedWarning(files: readonly string[]): string {
  return `published from files that are not committed: ${listed(files)}`;
}

/** The error of a bundle under --require-clean; without files git could not tell. */
export function notClean(bundle: string, files: readonly string[] | undefined): BundlesError {
  const doing = `Cannot publish ${JSON.stringify(bundle)} with --require-clean`;
  return files === undefined
    ? new BundlesError('SOURCES_UNCOMMITTED', `${doing}: git cannot tell whether its sources are committed`, {
        hint: 'Run it in a git working tree, with git installed, or leave out --require-clean',
        details: { bundle, reason: 'no-git' },
      })
    : new BundlesError('SOURCES_UNCOMMITTED', `${doing}: not committed are ${listed(files)}`, {
        hint: 'Commit the files, or leave out --require-clean',
        details: { bundle, reason: 'uncommitted', files },
      });
}

function listed(files: readonly string[]): string {
  const more = files.length > 5 ? ` and ${files.length - 5} more` : '';
  return `${files.slice(0, 5).join(', ')}${more}`;
}
