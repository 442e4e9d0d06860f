import { join } from 'node:path';
import type { CatalogTarget } from '../../../catalog/catalog-target.js';
import { createRun } from '../../../ensure/create-run.js';
import { verifyProject } from '../../../ensure/verify/verify-project.js';
import type { VerifiedBundle, VerifiedLink, VerifyResult } from '../../../ensure/verify/verify-result.js';
import type { Connection } from '../../../open/connect.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import type { Project } from '../../../project/project.js';
import type { Context } from '../../context.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import { errorLines } from '../../output/show-result.js';
import { createPaint, type Paint } from '../../output/terminal.js';
import type { Session } from '../../session.js';

export interface VerifyOptions extends ProjectOptions, NetworkOptions {
  readonly frozen?: boolean;
  readonly deep?: boolean;
  readonly offline?: boolean;
  readonly catalog?: string;
  readonly catalogTokenFile?: string;
}

/** Verifies the declared bundles, prints every link that has drifted and sets the exit status. */
export async function runVerify(
  session: Session,
  { names, options }: { readonly names: readonly string[]; readonly options: VerifyOptions },
): Promise<void> {
  const { context } = session;
  const { project, stateDirectory, lockFile } = await openProject(context, options);
  const connection = options.offline
    ? undefined
    : await openConnection(context, {
        options,
        projects: [project],
        patience: 'full',
        registries: project.bundles.map(({ reference }) => reference.registry),
      });
  const signal = connection ? AbortSignal.any([context.signal, connection.signal]) : context.signal;
  try {
    const settings = { mode: 'check' as const, names, stateDir: stateDirectory, lock: lockFile };
    const catalog = await catalogOf(context, { project, options, stateDirectory, connection });
    const run = createRun(project, settings, { clock: context.clock, registries: connection, catalog });
    const { frozen = false, deep = false } = options;
    const result = await verifyProject(run, { frozen, deep }, { signal });
    if (options.output === 'json') context.stdout.json(result);
    else
      context.stdout.lines(showVerified(result, { paint: createPaint(context, 'stdout', options), frozen }));
    session.exitCode = exitCode(result, frozen);
  } finally {
    await connection?.close();
  }
}

/** Loaded only where there is one. */
async function catalogOf(
  context: Context,
  {
    project,
    options,
    stateDirectory,
    connection,
  }: {
    readonly project: Project;
    readonly options: VerifyOptions;
    readonly stateDirectory: string | undefined;
    readonly connection: Connection | undefined;
  },
): Promise<CatalogTarget | undefined> {
  if (project.catalog.kind === 'none' || !connection) return undefined;
  const { openCatalog } = await import('../../../open/open-catalog.js');
  const state = stateDirectory ?? join(project.directory, '.bundles');
  return (await openCatalog(context, { project, mode: 'check', options, stateDirectory: state, connection }))
    .catalog;
}

function exitCode({ bundles, undeclared }: VerifyResult, frozen: boolean): number {
  const codes = bundles.flatMap(({ links, error }) => [
    ...(error ? [exitCodes[error.code]] : []),
    ...links.map(codeOf),
  ]);
  return worstExitCode([...codes, frozen && undeclared.length > 0 ? 4 : 0]);
}

/** As `check` leaves: 3 for what is not there, 4 for what differs, 5 and 6 for what could not be asked. */
function codeOf({ link, state, reason }: VerifiedLink): number {
  if (link === 'catalog' && state === 'drift' && reason === 'different') return 8;
  if (state === 'drift') return reason === 'absent' ? 3 : 4;
  if (state !== 'unknown') return 0;
  return reason === 'denied' ? 5 : 6;
}

interface View {
  readonly paint: Paint;
  readonly frozen: boolean;
}

function showVerified({ bundles, undeclared, summary }: VerifyResult, view: View): string[] {
  const { paint, frozen } = view;
  const lines = bundles.flatMap((bundle) => showBundle(bundle, view));
  if (undeclared.length > 0) {
    const mark = frozen ? paint('red', '✗') : paint('yellow', '!');
    lines.push(`${mark} the lock names bundles that are not declared: ${undeclared.join(', ')}`);
  }
  const { ok, drift, unknown, failed, requests, durationMs } = summary;
  const parts = Object.entries({ ok, drift, unknown, failed }).filter(([, number]) => number > 0);
  const what = parts.map(([word, number]) => `${number} ${word}`).join(', ') || 'no bundles';
  lines.push(paint('bold', `${what}; ${count(requests, 'request')}, ${durationMs} ms`));
  return lines;
}

function showBundle({ name, state, digest, links, error }: VerifiedBundle, { paint }: View): string[] {
  const marks = { ok: paint('green', '✓'), unknown: paint('yellow', '?'), drift: paint('red', '✗') };
  const mark = state === 'failed' ? paint('red', '✗') : marks[state];
  const shown = links.filter(
    (link) => link.state !== 'skipped' && (link.state !== 'ok' || link.differences.length > 0),
  );
  return [
    `${mark} ${paint('bold', name)} ${state}${digest && state === 'ok' ? ` ${paint('dim', digest)}` : ''}`,
    ...shown.flatMap((link) => showLink(link, paint)),
    ...(error ? errorLines(error, { paint, indent: '  ' }) : []),
  ];
}

function showLink(
  { link, state, reason, expected, found, differences }: VerifiedLink,
  paint: Paint,
): string[] {
  const word = state === 'ok' ? 'ok, but' : `${state}: ${reason}`;
  const colour = state === 'drift' ? 'red' : 'yellow';
  const sides =
    expected !== null && found !== null && expected !== found ? `: wanted ${expected}, found ${found}` : '';
  return [
    `  ${paint(colour, link)} ${word}${sides}`,
    ...differences.map((difference) => `    ${paint('dim', difference)}`),
  ];
}
