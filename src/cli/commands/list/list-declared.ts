import { join } from 'node:path';
import { buildLocalBundle } from '../../../ensure/bundle/local-bundle.js';
import { formatReference } from '../../../oci/reference.js';
import type { LockEntry } from '../../../project/lock/lock.js';
import { readLock } from '../../../project/lock/lock-file.js';
import type { BundleSpec, Project } from '../../../project/project.js';
import { type ReportedError, reportedError } from '../../../publish/reported-error.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Mark, type Row } from '../../output/rows.js';
import { createScreen } from '../../output/terminal.js';
import type { Session } from '../../session.js';

/** A declared bundle, what its sources give, and whether that is what the lock holds. */
export interface ListedBundle {
  readonly name: string;
  readonly reference: string;
  readonly tag: string;
  /** Of what the sources give. */
  readonly digest: string | null;
  /** Since the lock was written; `new` where it does not know the bundle. */
  readonly state: 'unchanged' | 'changed' | 'new' | 'failed';
  readonly locked: string | null;
  readonly error: ReportedError | null;
}

/** Lists the declared bundles: builds them and asks no registry. */
export async function listDeclared(
  session: Session,
  options: Omit<ProjectOptions, 'output'> & { readonly output: string },
): Promise<void> {
  const { context } = session;
  const { signal } = context;
  const { project, lockFile } = await openProject(context, options);
  const lock = await readLock(lockFile ?? join(project.directory, 'bundles.lock'), { signal });
  const bundles: ListedBundle[] = [];
  for (const spec of project.bundles) {
    bundles.push(await listBundle(project, { spec, entry: lock.entries.get(spec.name) }, signal));
  }
  session.exitCode = worstExitCode(bundles.flatMap(({ error }) => (error ? [exitCodes[error.code]] : [])));
  if (options.output === 'json') {
    context.stdout.json({ version: 1, reference: null, digest: null, objects: [], bundles, error: null });
  } else if (options.output === 'name') context.stdout.lines(bundles.map(({ name }) => name));
  else if (options.output === 'yaml') {
    const { writeYaml } = await import('../../../tekton/yaml/write-yaml.js');
    const { fromJson } = await import('../../../tekton/objects/from-json.js');
    await context.stdout.yaml(writeYaml(fromJson(JSON.stringify({ bundles }))));
  } else {
    const screen = createScreen(context, 'stdout', options);
    const verbose = options.verbose === true;
    const rows = bundles.map((bundle) => rowOf(bundle, verbose));
    context.stdout.lines([...formatRows(rows, screen), screen.paint('bold', summary(bundles))]);
  }
}

async function listBundle(
  project: Project,
  { spec, entry }: { readonly spec: BundleSpec; readonly entry: LockEntry | undefined },
  signal: AbortSignal,
): Promise<ListedBundle> {
  const { name } = spec;
  const reference = formatReference(spec.reference);
  const known = { name, reference, tag: spec.reference.tag, locked: entry?.digest ?? null };
  try {
    const { digest, previous } = await buildLocalBundle(
      { project, spec, entry, created: undefined },
      { signal },
    );
    const state = entry === undefined ? 'new' : previous === undefined ? 'changed' : 'unchanged';
    return { ...known, digest, state, error: null };
  } catch (error) {
    signal.throwIfAborted();
    return { ...known, digest: null, state: 'failed', error: reportedError(error) };
  }
}

const marks: Readonly<Record<ListedBundle['state'], Mark>> = {
  unchanged: 'ok',
  changed: 'planned',
  new: 'planned',
  failed: 'failed',
};

function rowOf({ name, reference, tag, digest, state, locked, error }: ListedBundle, verbose: boolean): Row {
  const before = state === 'changed' && locked !== null && verbose ? [`locked: ${locked}`] : [];
  return {
    mark: marks[state],
    name,
    outcome: state,
    digest,
    text: verbose ? reference : tag,
    more: error ? errorTexts(error) : [],
    wide: verbose && digest !== null ? [`${reference}@${digest}`, ...before] : [],
  };
}

function summary(bundles: readonly ListedBundle[]): string {
  const states = ['unchanged', 'changed', 'new', 'failed'] as const;
  const parts = states.flatMap((state) => {
    const number = bundles.filter((bundle) => bundle.state === state).length;
    return number > 0 ? [`${number} ${state}`] : [];
  });
  return `${count(bundles.length, 'bundle')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}
