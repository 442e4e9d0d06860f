import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { isInside } from '../../../fs/is-inside.js';
import type { Context } from '../../context.js';

/** Paths as CI services want them: from the root of the repository, with slashes, without `.` and doubled slashes. */
export async function repositoryPaths(
  context: Pick<Context, 'environment'>,
  files: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { GITHUB_WORKSPACE, CI_PROJECT_DIR } = context.environment;
  const named = [GITHUB_WORKSPACE, CI_PROJECT_DIR].filter((path) => path !== undefined && path !== '');
  const roots = await Promise.all(named.map((path) => resolved(path ?? '')));
  const paths = new Map<string, string>();
  for (const file of new Set(files)) paths.set(file, await repositoryPath(file, roots));
  return paths;
}

/** Standard input and files outside a repository keep their name. */
async function repositoryPath(file: string, roots: readonly string[]): Promise<string> {
  if (file === '-' || file === '') return file;
  const path = await resolved(file);
  const root = roots.find((one) => isBelow(one, path)) ?? (await gitRoot(path)) ?? (await resolved('.'));
  const shown = isBelow(root, path) ? relative(root, path) : isAbsolute(file) ? path : relative('', path);
  return shown.split(sep).join('/');
}

/** The directory that git or the service reports may be reached through a symbolic link; the file itself is one at most in it. */
async function resolved(path: string): Promise<string> {
  const whole = resolve(path);
  const directory = await realpath(dirname(whole)).catch(() => dirname(whole));
  return join(directory, basename(whole));
}

/** The work tree of git that a file belongs to. */
export async function gitRoot(path: string): Promise<string | undefined> {
  for (let at = dirname(path); ; at = dirname(at)) {
    // A directory, or a file in a worktree.
    if (await stat(join(at, '.git')).catch(() => undefined)) return at;
    if (dirname(at) === at) return undefined;
  }
}

function isBelow(root: string, path: string): boolean {
  return path !== root && isInside(root, path);
}
