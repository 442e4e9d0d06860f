import { dirname, join, resolve } from 'node:path';
import { BundlesError } from '../../../errors.js';
import { optionOr } from '../../../open/machine.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { readLock } from '../../../project/lock/lock-file.js';
import type { Project } from '../../../project/project.js';
import { type ReferencedBundles, referencedBundles } from '../../../release/references/find-references.js';
import { type Proposal, proposeUpdates } from '../../../release/references/propose-updates.js';
import { type UpdatedFiles, updateFiles, writeUpdates } from '../../../release/references/update-files.js';
import { updateReferences } from '../../../release/references/update-references.js';
import { openGitHub } from '../../open/open-github.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import type { GitHubCommandOptions } from '../../options/github-options.js';
import { gitRoot } from '../../output/ci/repository-path.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';
import { showUpdates, type UpdateMode, updatesDocument } from './show-updates.js';

export interface UpdateRefsOptions extends ProjectOptions, NetworkOptions, GitHubCommandOptions {
  readonly write?: boolean;
  readonly check?: boolean;
  readonly pullRequest?: boolean;
  readonly pin?: boolean;
  readonly branch: string;
  readonly base?: string;
}

/** Status of `--check` where a reference is out of date. */
const outOfDate = 3;

/** Brings references in the files of the repository to the lock, proposes that at GitHub, or shows what it would change. */
export async function runUpdateRefs(
  session: Session,
  { paths, options }: { readonly paths: readonly string[]; readonly options: UpdateRefsOptions },
): Promise<void> {
  const { context } = session;
  const mode = modeOf(options);
  for (const branch of [options.branch, options.base]) if (branch !== undefined) requireBranch(branch);
  const { bundles, updates } = await findUpdates(session, paths, options);
  if (mode === 'write') await writeUpdates(updates.files, { signal: context.signal });
  const pullRequest =
    mode === 'pull-request' ? await propose(session, { bundles, known: updates.known, options }) : null;
  const result = { mode, pullRequest, ...updates };
  if (options.output === 'json') context.stdout.json(updatesDocument(result));
  else context.stdout.lines(await showUpdates(result, createScreen(context, 'stdout', options)));
  if (mode === 'check' && updates.files.length > 0) session.exitCode = outOfDate;
}

/** @throws USAGE */
function modeOf({ write, check, pullRequest }: UpdateRefsOptions): UpdateMode {
  const modes: readonly (readonly [UpdateMode, boolean | undefined])[] = [
    ['write', write],
    ['check', check],
    ['pull-request', pullRequest],
  ];
  const given = modes.flatMap(([mode, isGiven]) => (isGiven ? [mode] : []));
  if (given.length < 2) return given[0] ?? 'show';
  throw new BundlesError('USAGE', `Cannot combine ${given.map((one) => `--${one}`).join(' and ')}`, {
    hint: 'Use one of them: --check for a job that only looks, --write for one that edits',
  });
}

/** What git takes as a branch, and nothing that means something else in an address. @throws USAGE */
function requireBranch(name: string): void {
  const isOne =
    /^[A-Za-z0-9_][A-Za-z0-9._/@+-]{0,199}$/.test(name) && !/\.\.|\/\/|\/\.|@\{|\.$|\/$|\.lock$/.test(name);
  if (isOne) return;
  throw new BundlesError('USAGE', `Cannot use ${JSON.stringify(name)}: it is not the name of a branch`, {
    hint: 'Write a name such as bundles/update-refs',
  });
}

async function propose(
  { context }: Session,
  {
    bundles,
    known,
    options,
  }: {
    readonly bundles: ReferencedBundles;
    readonly known: ReadonlyMap<string, Uint8Array>;
    readonly options: UpdateRefsOptions;
  },
): Promise<Proposal> {
  const connection = await openConnection(context, { options, patience: 'full', registries: [] });
  try {
    const signal = AbortSignal.any([context.signal, connection.signal]);
    const github = await openGitHub(context, options, connection);
    const lines = new Map(
      [...bundles].flatMap(([repository, all]) =>
        all.map(({ name, tag, digest }) => [name, `${repository}:${tag}@${digest}`]),
      ),
    );
    const update = (path: string, bytes: Uint8Array) => {
      const after = updateReferences(bytes, bundles, { pin: options.pin === true, path });
      return { bytes: after.bytes, bundles: after.updated.map(({ bundle }) => lines.get(bundle) ?? bundle) };
    };
    const { branch, base } = options;
    return await proposeUpdates(github, { files: known, update, branch, base }, { signal });
  } finally {
    await connection.close();
  }
}

async function findUpdates(
  { context }: Session,
  paths: readonly string[],
  options: UpdateRefsOptions,
): Promise<{ readonly bundles: ReferencedBundles; readonly updates: UpdatedFiles }> {
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
  const bundles = referencedBundles(lock);
  const updates = await updateFiles(
    {
      root,
      paths: paths.length > 0 ? paths : [root],
      leaveOut: [
        project.file,
        lockPath,
        stateDirectory ?? join(project.directory, '.bundles'),
        ...schemas.map((path) => join(project.directory, path)),
      ],
      bundles,
      pin: options.pin === true,
    },
    { signal },
  );
  return { bundles, updates };
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
