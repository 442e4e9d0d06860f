import { stat } from 'node:fs/promises';
import { registryRoot } from '../../../ensure/create-run.js';
import { BundlesError } from '../../../errors.js';
import { optionOr } from '../../../open/machine.js';
import { reportedError } from '../../../publish/reported-error.js';
import { collectGarbage, type GarbageReport } from '../../../registry-server/collect-garbage.js';
import { exitCodeOf, worstExitCode } from '../../exit-codes.js';
import { deleteIfConfirmed } from '../../open/delete-if-confirmed.js';
import type { CommonOptions } from '../../options/common-options.js';
import { count, formatByteSize } from '../../output/amounts.js';
import { describeError } from '../../output/report-error.js';
import type { Session } from '../../session.js';

export interface CollectOptions extends CommonOptions {
  readonly stateDir?: string;
  readonly root?: string;
  readonly untagged?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  /** Milliseconds. */
  readonly grace: number;
}

/** Shows what no manifest of the embedded registry names, and frees it if that was confirmed. */
export async function runRegistryGc(session: Session, options: CollectOptions): Promise<void> {
  const { context } = session;
  const state = optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR') ?? '.bundles';
  const root = options.root ?? registryRoot(state);
  await requireDirectory(root);
  const { untagged = false, dryRun = false, grace: graceMs, output, verbose = false } = options;
  const { clock, signal, stdout } = context;
  const report = await deleteIfConfirmed<GarbageReport>(context, options, {
    run: (remove) => collectGarbage({ root, clock, graceMs, untagged, dryRun: !remove, signal }),
    isEmpty: ({ repositories, uploads }) => repositories.length + uploads === 0,
    show(shown, removed) {
      if (output === 'json') stdout.json(toDocument(shown, { root, dryRun: !removed }));
      else stdout.lines(toLines(shown, removed ? 'freed' : dryRun ? 'dry run' : 'not confirmed'));
    },
  });
  for (const { error } of report.problems) context.stderr.lines(describeError(error, { verbose }));
  session.exitCode = worstExitCode(report.problems.map(({ error }) => exitCodeOf(error)));
}

/** Nothing to do in a place that does not exist is more often a wrong name than a clean registry. */
async function requireDirectory(root: string): Promise<void> {
  const found = await stat(root).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new BundlesError(
    'NOT_FOUND',
    `Cannot collect garbage in ${JSON.stringify(root)}: ${found ? 'it is not a directory' : 'there is no such directory'}`,
    {
      hint: 'Name the state directory with --state-dir, or the directory of the layouts with --root',
      details: { root },
    },
  );
}

function toLines(
  { repositories, problems, ...sums }: GarbageReport,
  state: 'freed' | 'dry run' | 'not confirmed',
): string[] {
  const lines = repositories.map((repository) => `${repository.name}  ${partsOf(repository)}`);
  for (const { name } of problems) lines.push(`${name}  left as it is`);
  const next =
    state === 'not confirmed' && repositories.length + sums.uploads > 0 ? ' (--yes frees them)' : '';
  lines.push(`${state === 'freed' ? 'freed' : 'would free'} ${partsOf(sums)}${next}`);
  return lines;
}

function partsOf({
  bytes,
  blobs,
  manifests,
  uploads = 0,
}: {
  readonly bytes: number;
  readonly blobs: number;
  readonly manifests: number;
  readonly uploads?: number;
}): string {
  const parts = [formatByteSize(bytes), count(blobs, 'file')];
  if (manifests > 0) parts.push(count(manifests, 'untagged manifest'));
  if (uploads > 0) parts.push(count(uploads, 'upload'));
  return parts.join(', ');
}

function toDocument(
  { repositories, problems, blobs, manifests, uploads, bytes }: GarbageReport,
  { root, dryRun }: { readonly root: string; readonly dryRun: boolean },
): object {
  return {
    version: 1,
    root,
    dryRun,
    bytes,
    files: blobs,
    manifests,
    uploads,
    repositories: repositories.map(({ name, blobs: files, manifests, bytes }) => ({
      name,
      bytes,
      files,
      manifests,
    })),
    problems: problems.map(({ name, error }) => ({ name, error: reportedError(error) })),
    error: null,
  };
}
