import { BundlesError } from '../../../errors.js';
import { parseReference } from '../../../oci/reference.js';
import { isTag } from '../../../oci/repository-name.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { openTrusted, type TrustedOptions } from '../../../open/trusted.js';
import { promoteBundles } from '../../../release/promote-bundles.js';
import type { PromotedBundle, PromoteResult } from '../../../release/promote-result.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count, totalsLine } from '../../output/amounts.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import { showCopy } from '../../output/show-copy.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';

export interface PromoteOptions extends ProjectOptions, NetworkOptions, TrustedOptions {
  readonly to?: string;
  readonly tag?: readonly string[];
  readonly force?: boolean;
  /** False for --no-keep-old. */
  readonly keepOld: boolean;
  /** False for --no-referrers. */
  readonly referrers: boolean;
}

/** Promotes pinned bundles and reports the outcome of each. */
export async function runPromote(
  session: Session,
  { names, options }: { readonly names: readonly string[]; readonly options: PromoteOptions },
): Promise<void> {
  const { context } = session;
  const { to, tag: tags = [], force = false, keepOld, referrers } = options;
  refuseUnfit(to, tags);
  const opened = await openProject(context, options);
  const { project } = opened;
  const judged = project.directory;
  const keys = await openTrusted(context, options, { judged });
  const connection = await openConnection(context, {
    options,
    projects: [project],
    patience: 'full',
    registries: [
      ...project.bundles.map(({ reference }) => reference.registry),
      ...(to === undefined ? [] : [parseReference(`${to}/x`).registry]),
    ],
  });
  const signal = AbortSignal.any([context.signal, connection.signal]);
  try {
    const result = await promoteBundles(
      { ...opened, names, to, tags, force, keepOld, alone: !referrers, keys },
      { client: connection.registry, clock: context.clock },
      { signal },
    );
    for (const warning of result.bundles.flatMap(({ copy }) => copy?.warnings ?? [])) {
      if (!options.quiet) context.stderr.line(`warning: ${warning}`);
    }
    const screen = createScreen(context, 'stdout', options);
    if (options.output === 'json') context.stdout.json(result);
    else context.stdout.lines(showPromoted(result, screen, options.verbose === true));
    const failures = [result.error, ...result.bundles.map(({ error }) => error)];
    session.exitCode = worstExitCode(failures.flatMap((one) => (one ? [exitCodes[one.code]] : [])));
  } finally {
    await connection.close();
  }
}

function refuseUnfit(to: string | undefined, tags: readonly string[]): void {
  const wrong = tags.find((tag) => !isTag(tag));
  if (wrong !== undefined) {
    throw new BundlesError(
      'USAGE',
      `Cannot use --tag ${JSON.stringify(wrong.slice(0, 200))}: it is not a tag`,
    );
  }
  if (to === undefined || !/@|:[^/]*$/.test(to.replace(/^[^/]*/, ''))) return;
  throw new BundlesError(
    'USAGE',
    `Cannot promote to ${JSON.stringify(to)}: wanted a repository without a tag`,
    {
      hint: 'Give the tag with --tag',
    },
  );
}

function showPromoted(
  { bundles, summary, error }: PromoteResult,
  screen: Screen,
  verbose: boolean,
): string[] {
  const lines = formatRows(
    bundles.map((bundle) => rowOf(bundle, verbose)),
    screen,
  );
  const { bytes, requests, promoted, unchanged, failed } = summary;
  const what = count(bundles.length, 'bundle');
  const totals = totalsLine({ what, bytes, requests, counts: { promoted, unchanged, failed } });
  const end: Text[] = [...(error ? errorTexts(error) : []), [['bold', totals]]];
  lines.push('', ...end.flatMap((text) => wrap(text, { indent: 0 }, screen)));
  return lines;
}

function rowOf({ name, outcome, source, target, copy, error }: PromotedBundle, verbose: boolean): Row {
  const whole = verbose ? [source, target].filter((place) => place !== null) : [];
  const [text = '', ...more]: Text[] = [
    ...(error ? errorTexts(error) : []),
    ...(target === null
      ? outcome === 'unchanged'
        ? ['already there']
        : []
      : [target.replace(/@sha256:.*$/, '')]),
    ...(source && target ? [[['dim', `from ${source.replace(/@sha256:.*$/, '')}`] as const]] : []),
    ...(copy ? showCopy(copy).map((line): Text => [['dim', line]]) : []),
  ];
  return {
    mark: error ? 'failed' : outcome === 'promoted' ? 'published' : 'ok',
    name,
    outcome,
    digest: error ? null : (copy?.digest ?? null),
    text,
    more,
    wide: whole,
  };
}
