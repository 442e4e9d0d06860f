import { createRun } from '../../../ensure/create-run.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { pinProject } from '../../../release/pin-project.js';
import type { PinnedBundleResult, PinnedImage, PinResult } from '../../../release/pin-result.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count, shortDigest, totalsLine } from '../../output/amounts.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import { workflowRows } from '../../output/workflow-rows.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export interface PinOptions extends ProjectOptions, NetworkOptions {
  readonly update?: boolean;
  readonly dryRun?: boolean;
  readonly offline?: boolean;
}

/** Pins the images of declared bundles and prints what became of each. */
export async function runPin(
  session: Session,
  { names, options }: { readonly names: readonly string[]; readonly options: PinOptions },
): Promise<void> {
  const { context } = session;
  const { project, stateDirectory, lockFile } = await openProject(context, options);
  const connection = options.offline
    ? undefined
    : await openConnection(context, { options, projects: [project], patience: 'full', registries: [] });
  const signal = connection ? AbortSignal.any([context.signal, connection.signal]) : context.signal;
  try {
    const run = createRun(
      project,
      { names, stateDir: stateDirectory, lock: lockFile },
      { clock: context.clock, registries: connection },
    );
    const { update = false, dryRun = false } = options;
    const result = await pinProject(run, { update, dryRun }, { signal });
    const screen = createScreen(context, 'stdout', options);
    if (options.output === 'json') context.stdout.json(result);
    else context.stdout.lines(showPins(result, { screen, verbose: options.verbose === true, dryRun }));
    session.exitCode = exitCode(result, dryRun);
  } finally {
    await connection?.close();
  }
}

function exitCode({ bundles, workflows, error }: PinResult, dryRun: boolean): number {
  const failures = [error, ...[...bundles, ...workflows].map((one) => one.error)].flatMap((one) =>
    one ? [exitCodes[one.code]] : [],
  );
  const wouldChange = dryRun && [...bundles, ...workflows].some(({ changes }) => changes.length > 0);
  return worstExitCode([...failures, wouldChange ? 3 : 0]);
}

interface View {
  readonly screen: Screen;
  readonly verbose: boolean;
  readonly dryRun: boolean;
}

function showPins({ bundles, workflows, summary, error }: PinResult, view: View): string[] {
  const { screen, dryRun } = view;
  const lines = formatRows(
    [...bundles.map((bundle) => rowOf(bundle, view)), ...workflowRows(workflows, view)],
    screen,
  );
  const { pinned, updated, unchanged, left, failed, requests } = summary;
  const images = pinned + updated + unchanged + left;
  const inBundles = count(bundles.length, 'bundle');
  // Of a bundle that failed it is not known what images it has.
  const noneKnown = images === 0 && failed > 0;
  const totals = noneKnown
    ? totalsLine({ what: inBundles, requests, counts: { failed } })
    : totalsLine({
        what: `${count(images, 'image')} in ${inBundles}`,
        requests,
        counts: { pinned, updated, unchanged, left },
      });
  const failures = failed > 0 && !noneKnown ? `; ${count(failed, 'bundle')} failed` : '';
  const end: Text[] = [
    ...(error ? errorTexts(error) : []),
    [['bold', `${dryRun ? 'dry run: ' : ''}${totals}${failures}`]],
  ];
  lines.push('', ...end.flatMap((text) => wrap(text, { indent: 0 }, screen)));
  return lines;
}

function rowOf({ name, mode, images, files, changes, error }: PinnedBundleResult, { verbose }: View): Row {
  const written = [...files, ...changes.filter((change) => change !== 'sources')];
  const [text = '', ...more]: Text[] = [
    ...(error ? errorTexts(error) : []),
    ...(mode === 'bundle' ? ['in the built bundle'] : []),
    ...images.map(imageText),
    ...(written.length > 0 ? [[['dim', `changes: ${written.join(', ')}`] as const]] : []),
  ];
  const pins = images.flatMap(({ image, digest }) => (digest === null ? [] : [`${image}@${digest}`]));
  return { mark: error ? 'failed' : 'ok', name, text, more, wide: verbose ? pins : [] };
}

function imageText({ image, action, reason, digest, places }: PinnedImage): Text {
  const [first, ...others] = places;
  const more = others.length > 0 ? ` and ${count(others.length, 'more place')}` : '';
  const place = ['dim', `${first?.file}:${first?.line}${more}`] as const;
  if (action === 'left') return [['yellow', 'left'], ` ${image} (${reasons[reason ?? 'invalid']}) `, place];
  return [
    `${action} ${image} `,
    ...(digest === null ? [] : [['dim', shortDigest(digest)] as const]),
    ' ',
    place,
  ];
}

const reasons = {
  parameter: 'a param decides',
  'no-tag': 'a digest without a tag',
  invalid: 'no reference',
  'not-plain': 'not plain text on one line',
} as const;
