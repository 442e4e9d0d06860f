import { createRun } from '../../../ensure/create-run.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { pinProject } from '../../../release/pin-project.js';
import type { PinnedBundleResult, PinnedImage, PinResult } from '../../../release/pin-result.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count } from '../../output/amounts.js';
import { errorLines } from '../../output/show-result.js';
import { createPaint, type Paint } from '../../output/terminal.js';
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
    const paint = createPaint(context, 'stdout', options);
    if (options.output === 'json') context.stdout.json(result);
    else context.stdout.lines(showPins(result, { paint, dryRun }));
    session.exitCode = exitCode(result, dryRun);
  } finally {
    await connection?.close();
  }
}

function exitCode({ bundles, error }: PinResult, dryRun: boolean): number {
  const failures = [error, ...bundles.map((bundle) => bundle.error)].flatMap((one) =>
    one ? [exitCodes[one.code]] : [],
  );
  const wouldChange = dryRun && bundles.some(({ changes }) => changes.length > 0);
  return worstExitCode([...failures, wouldChange ? 3 : 0]);
}

interface View {
  readonly paint: Paint;
  readonly dryRun: boolean;
}

function showPins({ bundles, summary, error }: PinResult, view: View): string[] {
  const lines = bundles.flatMap((bundle) => showBundle(bundle, view));
  if (error) lines.push(...errorLines(error, { paint: view.paint, indent: '  ' }));
  const { pinned, updated, unchanged, left, failed, requests } = summary;
  const parts = Object.entries({ pinned, updated, unchanged, left }).filter(([, number]) => number > 0);
  const images = parts.map(([word, number]) => `${number} ${word}`).join(', ');
  const shown = images === '' ? '' : `${view.dryRun ? 'would be: ' : ''}${images}`;
  const failures = failed > 0 ? `${count(failed, 'bundle')} failed` : '';
  // Of a bundle that failed nobody knows what images it has.
  const what = [shown, failures].filter((part) => part !== '').join(', ') || 'no images';
  lines.push(view.paint('bold', `${what}; ${count(requests, 'request')}`));
  return lines;
}

function showBundle({ name, mode, images, files, changes, error }: PinnedBundleResult, view: View): string[] {
  const { paint } = view;
  const mark = error ? paint('red', '✗') : paint('green', '✓');
  const where = mode === 'bundle' ? ' in the built bundle' : '';
  const lines = [
    `${mark} ${paint('bold', name)}${where}`,
    ...images.map((image) => `  ${showImage(image, view)}`),
  ];
  const written = [...files, ...changes.filter((change) => change !== 'sources')];
  if (written.length > 0) lines.push(`  ${paint('dim', `changes: ${written.join(', ')}`)}`);
  return error ? [...lines, ...errorLines(error, { paint: view.paint, indent: '  ' })] : lines;
}

function showImage({ image, action, reason, digest, places }: PinnedImage, { paint }: View): string {
  const [first, ...others] = places;
  const more = others.length > 0 ? ` and ${count(others.length, 'more place')}` : '';
  const place = paint('dim', `${first?.file}:${first?.line}${more}`);
  if (action === 'left')
    return `${paint('yellow', 'left')} ${image} (${reasons[reason ?? 'invalid']}) ${place}`;
  return `${action} ${image}@${digest} ${place}`;
}

const reasons = {
  parameter: 'a param decides',
  'no-tag': 'a digest without a tag',
  invalid: 'no reference',
  'not-plain': 'not plain text on one line',
} as const;
