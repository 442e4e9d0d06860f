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
import { count, totalsLine, withShortDigests } from '../../output/amounts.js';
import { errorTexts } from '../../output/report-error.js';
import type { ReportForm } from '../../output/report-form.js';
import { formatRows, type Mark, type Row } from '../../output/rows.js';
import { createScreen, type Screen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export interface VerifyOptions extends Omit<ProjectOptions, 'output'>, NetworkOptions {
  readonly output: 'text' | 'json' | ReportForm;
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
    await print(context, { project, result, options });
    session.exitCode = exitCode(result, frozen);
  } finally {
    await connection?.close();
  }
}

async function print(
  context: Context,
  {
    project,
    result,
    options,
  }: { readonly project: Project; readonly result: VerifyResult; readonly options: VerifyOptions },
): Promise<void> {
  const { output, frozen = false } = options;
  if (output === 'json') return context.stdout.json(result);
  if (output === 'text') {
    const screen = createScreen(context, 'stdout', options);
    return context.stdout.lines(showVerified(result, { screen, verbose: options.verbose === true, frozen }));
  }
  const { placesOfBundles, printReport } = await import('../../output/report-form.js');
  const { verifyCases } = await import('../../output/report-case.js');
  const cases = verifyCases(result, { placeOf: await placesOfBundles(context, [project.file]), frozen });
  printReport(context, cases, { form: output, command: 'verify', durationMs: result.summary.durationMs });
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
  readonly screen: Screen;
  readonly verbose: boolean;
  readonly frozen: boolean;
}

function showVerified({ bundles, undeclared, summary }: VerifyResult, view: View): string[] {
  const { screen, frozen } = view;
  const rows = bundles.map((bundle) => rowOf(bundle, view));
  if (undeclared.length > 0) {
    const text = `names bundles that are not declared: ${undeclared.join(', ')}`;
    rows.push({ mark: frozen ? 'failed' : 'warning', name: 'bundles.lock', text });
  }
  const { requests, durationMs, ...counts } = summary;
  const totals = totalsLine({ what: count(bundles.length, 'bundle'), durationMs, requests, counts });
  const end = wrap([['bold', totals]], { indent: 0 }, screen);
  return [...formatRows(rows, screen), '', ...end];
}

const marks: Readonly<Record<VerifiedBundle['state'], Mark>> = {
  ok: 'ok',
  unknown: 'unknown',
  drift: 'failed',
  failed: 'failed',
};

function rowOf({ name, state, reference, digest, links, error }: VerifiedBundle, view: View): Row {
  const shown = links.filter(
    (link) => link.state !== 'skipped' && (link.state !== 'ok' || link.differences.length > 0),
  );
  const [text = '', ...more] = [
    ...shown.flatMap((link) => linkTexts(link, view)),
    ...(error ? errorTexts(error) : []),
  ];
  const ok = state === 'ok' ? digest : null;
  const wide = view.verbose && digest !== null ? [`${reference}@${digest}`] : [];
  return { mark: marks[state], name, outcome: state, digest: ok, text, more, wide };
}

function linkTexts({ link, state, reason, expected, found, differences }: VerifiedLink, view: View): Text[] {
  const word = state === 'ok' ? 'ok, but' : `${state}: ${reason}`;
  const whole =
    expected !== null && found !== null && expected !== found ? `: wanted ${expected}, found ${found}` : '';
  const shorten = view.verbose ? (text: string) => text : withShortDigests;
  return [
    [[state === 'drift' ? 'red' : 'yellow', link], ` ${word}${shorten(whole)}`],
    ...differences.map((difference): Text => [['dim', shorten(difference)]]),
  ];
}
