import { dirname, join, resolve } from 'node:path';
import { BundlesError } from '../../../errors.js';
import { optionOr } from '../../../open/machine.js';
import { readLock } from '../../../project/lock/lock-file.js';
import type { Project } from '../../../project/project.js';
import { lockedBundles } from '../../../release/references/find-references.js';
import { type UpdatedFiles, updateFiles, writeUpdates } from '../../../release/references/update-files.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { gitRoot } from '../../output/repository-path.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { showUpdates, type UpdateMode, updatesDocument } from './show-updates.js';

export interface UpdateRefsOptions extends ProjectOptions {
  readonly write?: boolean;
  readonly check?: boolean;
  readonly pin?: boolean;
}

/** Status of `--check` where a reference is out of date. */
const outOfDate = 3;

/** Brings references in the files of the repository to the lock, or shows what that would change. */
export async function runUpdateRefs(
  session: Session,
  { paths, options }: { readonly paths: readonly string[]; readonly options: UpdateRefsOptions },
): Promise<void> {
  const { context } = session;
  const { signal } = context;
  const mode = modeOf(options);
  const updates = await findUpdates(session, paths, options);
  if (mode === 'write') await writeUpdates(updates.files, { signal });
  const result = { mode, ...updates };
  if (options.output === 'json') context.stdout.json(updatesDocument(result));
  else context.stdout.lines(await showUpdates(result, createScreen(context, 'stdout', options)));
  if (mode === 'check' && updates.files.length > 0) session.exitCode = outOfDate;
}

/** @throws USAGE */
function modeOf({ write, check }: UpdateRefsOptions): UpdateMode {
  const given = [...(write ? (['write'] as const) : []), ...(check ? (['check'] as const) : [])];
  if (given.length < 2) return given[0] ?? 'show';
  throw new BundlesError('USAGE', `Cannot combine ${given.map((one) => `--${one}`).join(' and ')}`, {
    hint: 'Use one of them: --check for a job that only looks, --write for one that edits',
  });
}

async function findUpdates(
  { context }: Session,
  paths: readonly string[],
  options: UpdateRefsOptions,
): Promise<UpdatedFiles> {
  const { signal } = context;
  const { project, stateDirectory, lockFile } = await openProject(context, options);
  const lockPath = lockFile ?? join(project.directory, 'bundles.lock');
  const lock = await readLock(lockPath, { signal });
  if (lock.entries.size === 0) {
    throw new BundlesError(
      'LOCK_STALE',
      `Cannot update references: ${JSON.stringify(lockPath)} has no bundle`,
      { hint: 'Write the lock first: npx tekton-bundles ensure', details: { path: lockPath } },
    );
  }
  const schemas = [...lock.entries.values()].flatMap(({ schema }) => (schema ? [schema.path] : []));
  const root = await repositoryRoot(context.environment, project);
  return updateFiles(
    {
      root,
      paths: paths.length > 0 ? paths : [root],
      leaveOut: [
        project.file,
        lockPath,
        stateDirectory ?? join(project.directory, '.bundles'),
        ...schemas.map((path) => join(project.directory, path)),
      ],
      bundles: lockedBundles(lock),
      pin: options.pin === true,
    },
    { signal },
  );
}

/** That of git, else that of the CI job where the project lies in it, else the project's directory. */
async function repositoryRoot(
  environment: Readonly<Record<string, string | undefined>>,
  { file }: Project,
): Promise<string> {
  const path = resolve(file);
  const workspace = optionOr(undefined, { environment }, 'GITHUB_WORKSPACE');
  const isWithin = workspace !== undefined && `${path}/`.startsWith(`${resolve(workspace)}/`);
  return (await gitRoot(path)) ?? (isWithin ? resolve(workspace) : dirname(path));
}
