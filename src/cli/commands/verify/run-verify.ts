import { verifyOpened } from '../../../ensure/verify/verify.js';
import type { VerifiedBundle, VerifiedLink, VerifyResult } from '../../../ensure/verify/verify-result.js';
import { BundlesError } from '../../../errors.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { openConnection } from '../../../open/open-connection.js';
import { openTrusted, type TrustedOptions } from '../../../open/trusted.js';
import type { Project } from '../../../project/project.js';
import { readPredicateTypes } from '../../../signing/predicate-types.js';
import type { Context } from '../../context.js';
import { exitCodes, worstExitCode } from '../../exit-codes.js';
import { declaredTargets, referenceTarget, splitWords } from '../../open/signature-targets.js';
import { openProject, type ProjectOptions } from '../../options/common-options.js';
import { count, totalsLine, withShortDigests } from '../../output/amounts.js';
import type { ReportForm } from '../../output/ci/report-form.js';
import { errorTexts } from '../../output/report-error.js';
import { formatRows, type Mark, type Row } from '../../output/rows.js';
import type { Screen } from '../../output/screen.js';
import { createScreen } from '../../output/terminal.js';
import { type Text, wrap } from '../../output/wrap.js';
import type { Session } from '../../session.js';
import {
  showSignatures,
  signatureCases,
  type VerifiedTarget,
  verifySignaturesOf,
} from './verify-signatures-of.js';

export interface VerifyOptions extends Omit<ProjectOptions, 'output'>, NetworkOptions, TrustedOptions {
  readonly output: 'text' | 'json' | ReportForm;
  readonly frozen?: boolean;
  readonly deep?: boolean;
  readonly offline?: boolean;
  readonly catalog?: string;
  readonly catalogTokenFile?: string;
  readonly type?: readonly string[];
}

/** Verifies declared bundles link by link, and with `--key` signatures, also of references; then sets the exit status. */
export async function runVerify(
  session: Session,
  { words, options }: { readonly words: readonly string[]; readonly options: VerifyOptions },
): Promise<void> {
  const { context } = session;
  const { names, references } = splitWords(words);
  refuseContradictions(references, options);
  const targets = references.map(referenceTarget);
  const opened =
    names.length > 0 || references.length === 0 ? await openProject(context, options) : undefined;
  const { type: types = [] } = options;
  const wanted = types.map(readPredicateTypes);
  const judged = opened?.project.directory;
  const trusted = await openTrusted(context, options, { judged });
  if (opened && trusted.length > 0)
    targets.unshift(...(await declaredTargets({ ...opened, names }, context.signal)));
  const connection = options.offline
    ? undefined
    : await openConnection(context, {
        options,
        projects: opened ? [opened.project] : [],
        patience: 'full',
        registries: [
          ...(opened?.project.bundles ?? []).map(({ reference }) => reference.registry),
          ...targets.map(({ reference }) => reference.registry),
        ],
      });
  const signal = connection ? AbortSignal.any([context.signal, connection.signal]) : context.signal;
  try {
    const links = opened
      ? await verifyOpened(context, { ...opened, options: { ...options, names }, connection }, signal)
      : withoutProject;
    const signatures =
      connection && trusted.length > 0
        ? await verifySignaturesOf(connection, targets, trusted, { wanted, signal })
        : [];
    await print(context, { project: opened?.project, links, signatures, options });
    const signed = signatures.flatMap(({ error }) => (error ? [exitCodes[error.code]] : []));
    session.exitCode = worstExitCode([exitCode(links, options.frozen === true), ...signed]);
  } finally {
    await connection?.close();
  }
}

interface Verified {
  /** Undefined where references alone are named. */
  readonly project: Project | undefined;
  readonly links: VerifyResult;
  readonly signatures: readonly VerifiedTarget[];
  readonly options: VerifyOptions;
}

async function print(context: Context, { project, links, signatures, options }: Verified): Promise<void> {
  const { output, frozen = false, type = [] } = options;
  const demanded = type.length > 0 ? 'attestation' : 'signature';
  if (output === 'json') {
    const { error, ...rest } = links;
    return context.stdout.json({ ...rest, signatures, error });
  }
  if (output === 'text') {
    const view = { screen: createScreen(context, 'stdout', options), verbose: options.verbose === true };
    const lines = project ? showVerified(links, { ...view, frozen }) : [];
    return context.stdout.lines([...lines, ...showSignatures(signatures, { ...view, demanded })]);
  }
  const { placesOfBundles, printReport } = await import('../../output/ci/report-form.js');
  const { verifyCases } = await import('../../output/ci/report-case.js');
  const placeOf = await placesOfBundles(context, project ? [project.file] : []);
  const cases = [
    ...verifyCases(links, { placeOf, frozen }),
    ...signatureCases(signatures, demanded, placeOf),
  ];
  printReport(context, cases, { form: output, command: 'verify', durationMs: links.summary.durationMs });
}

/** Where references alone are named. */
const withoutProject: VerifyResult = {
  version: 1,
  bundles: [],
  workflows: [],
  undeclared: [],
  summary: { ok: 0, drift: 0, unknown: 0, failed: 0, requests: 0, durationMs: 0 },
  error: null,
};

/** @throws USAGE */
function refuseContradictions(references: readonly string[], options: VerifyOptions): void {
  const { key = [], type = [], offline } = options;
  const { certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer } = options;
  const named = [certificateIdentity, certificateIdentityRegexp, certificateOidcIssuer];
  const trusts = key.length > 0 || named.some((one) => one !== undefined);
  const how = 'Give the public key with --key, or --certificate-identity and --certificate-oidc-issuer';
  if (type.length > 0 && !trusts) {
    throw new BundlesError('USAGE', 'Cannot verify attestations without a key or an identity', { hint: how });
  }
  if (references.length > 0 && !trusts) {
    throw new BundlesError(
      'USAGE',
      `Cannot verify ${JSON.stringify(references[0])} without a key or an identity`,
      { hint: `${how}; without them, declared bundles are verified by their names` },
    );
  }
  if (!offline || !trusts) return;
  throw new BundlesError('USAGE', 'Cannot verify signatures with --offline: they are on the registry', {
    hint: 'Leave out --offline, or the key and the identity',
  });
}

function exitCode({ bundles, workflows, undeclared }: VerifyResult, frozen: boolean): number {
  const codes = [...bundles, ...workflows].flatMap(({ links, error }) => [
    ...(error ? [exitCodes[error.code]] : []),
    ...links.map(codeOf),
  ]);
  return worstExitCode([...codes, frozen && undeclared.length > 0 ? 4 : 0]);
}

/** The same statuses as `check`: 3 for what is missing, 4 for what differs, 5 and 6 for what could not be queried. */
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

function showVerified({ bundles, workflows, undeclared, summary }: VerifyResult, view: View): string[] {
  const { screen, frozen } = view;
  const rows = [...bundles, ...workflows].map((one) => rowOf(one, view));
  if (undeclared.length > 0) {
    const text = `names bundles that are not declared: ${undeclared.join(', ')}`;
    rows.push({ mark: frozen ? 'failed' : 'warning', name: 'bundles.lock', text });
  }
  const { requests, durationMs, ...counts } = summary;
  const own = workflows.length > 0 ? `, ${count(workflows.length, 'workflow')}` : '';
  const totals = totalsLine({
    what: `${count(bundles.length, 'bundle')}${own}`,
    durationMs,
    requests,
    counts,
  });
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
  const word = state === 'ok' ? 'ok, but' : state === 'drift' ? `${reason}` : `${state}: ${reason}`;
  const whole =
    expected !== null && found !== null && expected !== found ? `: wanted ${expected}, found ${found}` : '';
  const shorten = view.verbose ? (text: string) => text : withShortDigests;
  return [
    [[state === 'drift' ? 'red' : 'yellow', link], ` ${word}${shorten(whole)}`],
    ...differences.map((difference): Text => [['dim', shorten(difference)]]),
  ];
}
