import type { BundleResult, EnsureResult } from '../../ensure/result.js';
import { failureText } from '../../http/failure.js';
import { count, totalsLine, withShortDigests } from './amounts.js';
import { errorTexts } from './report-error.js';
import { formatRows, type Mark, type Row } from './rows.js';
import type { Screen } from './screen.js';
import { type Text, wrap } from './wrap.js';

export interface ResultView {
  readonly screen: Screen;
  /** Full references, and each bundle that is as it was. */
  readonly verbose: boolean;
  /** The command that serves a fallback. */
  readonly serve: string;
  /** The exit status of the run. */
  readonly exitCode: number;
  /** Those of workflows that are declared by themselves. */
  readonly workflowRows?: readonly Row[] | undefined;
}

/** Up to this number, each unchanged bundle has a row. */
const maxUnchanged = 20;

/** The result of `ensure` or `check` as lines for people. */
export function showResult(result: EnsureResult, view: ResultView): string[] {
  const { bundles, error, summary } = result;
  const { screen } = view;
  const lines = formatRows([...rowsOf(bundles, view), ...(view.workflowRows ?? [])], screen);
  if (error) lines.push(...errorTexts(error).flatMap((text) => wrap(text, { indent: 0 }, screen)));
  const end = [
    ...servedTexts(bundles, view.serve),
    ...(summary ? [[['bold', summaryLine(result)]] as const] : []),
    ...partTexts(result.part),
    ...endTexts(result, view),
  ];
  if (lines.length > 0 && end.length > 0) lines.push('');
  lines.push(...end.flatMap((text) => wrap(text, { indent: 0 }, screen)));
  return lines;
}

/** One line: how many bundles came to what, the time taken and the requests made. */
export function summaryLine({ bundles, workflows, summary }: EnsureResult): string {
  if (!summary) return '';
  const counts: Record<string, number> = Object.fromEntries(outcomeOrder.map((outcome) => [outcome, 0]));
  for (const bundle of bundles) counts[outcomeOf(bundle)] = (counts[outcomeOf(bundle)] ?? 0) + 1;
  const { durationMs, requests } = summary;
  const own = workflows.length > 0 ? `, ${count(workflows.length, 'workflow')}` : '';
  return totalsLine({ what: `${count(bundles.length, 'bundle')}${own}`, durationMs, requests, counts });
}

const plans = { publish: 'would publish', fallback: 'would fall back', fail: 'would fail' } as const;

const outcomeOrder = ['reused', 'published', 'fallback', ...Object.values(plans), 'failed'] as const;

function outcomeOf({ outcome, plan }: BundleResult): (typeof outcomeOrder)[number] {
  return outcome === 'planned' ? plans[plan ?? 'fail'] : outcome;
}

function rowsOf(bundles: readonly BundleResult[], view: ResultView): Row[] {
  const unchanged = view.verbose ? 0 : bundles.filter(isUnchanged).length;
  if (unchanged <= maxUnchanged) return bundles.map((bundle) => rowOf(bundle, view));
  return [
    { mark: 'ok', name: count(unchanged, 'bundle'), outcome: 'reused', text: 'unchanged' },
    ...bundles.filter((bundle) => !isUnchanged(bundle)).map((bundle) => rowOf(bundle, view)),
  ];
}

function isUnchanged({ outcome, verdict, changes, warnings, signature, error }: BundleResult): boolean {
  return (
    outcome === 'reused' &&
    verdict === 'present' &&
    changes.length === 0 &&
    warnings.length === 0 &&
    (signature === null || signature.action === 'held') &&
    error === null
  );
}

function rowOf(bundle: BundleResult, { verbose }: ResultView): Row {
  const { name, outcome, plan, digest, reference, pinned, changes, schema, error } = bundle;
  const planned = outcome === 'planned' || plan !== null;
  const fails = failsOf(bundle);
  const [why, ...more] = whyOf(bundle, verbose);
  const publishes = outcome === 'published' || plan === 'publish';
  const text = why ?? (publishes && !verbose ? reference : '');
  if (why !== undefined && publishes && !verbose) more.unshift(reference);
  const served = verbose || bundle.served?.live ? servedText(bundle) : [];
  if (schema && !planned && changes.includes('schema')) more.push([['dim', `schema ${schema.path}`]]);
  more.push(...signatureTexts(bundle));
  const workflow = workflowText(bundle);
  if (workflow) more.push([['dim', workflow]]);
  if (planned && changes.length > 0) more.push([['dim', `changes: ${changes.join(', ')}`]]);
  return {
    mark: markOf(bundle),
    name,
    outcome: outcomeOf(bundle),
    digest: error || fails || outcome === 'fallback' || plan === 'fallback' ? null : digest,
    text,
    more,
    wide: [...(verbose && pinned && !fails ? [pinned] : []), ...served],
  };
}

function failsOf({ outcome, plan }: BundleResult): boolean {
  return outcome === 'failed' || (outcome === 'planned' && (plan === 'fail' || plan === null));
}

function markOf(bundle: BundleResult): Mark {
  const { outcome, plan, error, signature } = bundle;
  if (signature?.error) return 'failed';
  if (failsOf(bundle) || (error !== null && outcome !== 'planned')) return 'failed';
  if (outcome === 'fallback' || plan === 'fallback') return 'fallback';
  if (outcome === 'published') return 'published';
  return outcome === 'planned' ? 'planned' : 'ok';
}

/** The reasons; the first one is printed in the row. */
function whyOf(bundle: BundleResult, verbose: boolean): Text[] {
  const { verdict, differences, error } = bundle;
  const details = verbose ? differences.map((text): Text => [['dim', text]]) : [];
  if (error?.code === 'TAG_DIFFERS' && !verbose) {
    return [otherContent(bundle), [['bold', `run: npx tekton-bundles bump ${bundle.name}`]]];
  }
  // Its first three differences are part of this error's message.
  if (error) return [...errorTexts(error), ...(error.code === 'TAG_DIFFERS' ? details.slice(3) : details)];
  if (verdict === 'different') return [otherContent(bundle), ...details];
  if (verdict === 'equivalent') {
    const what = verbose ? '' : listed(differences);
    return [`same content, other bytes${what === '' ? '' : ` (${what})`}`, ...details];
  }
  const reason = reasonText(bundle);
  return reason === undefined ? details : [reason, ...details];
}

function signatureTexts({ signature }: BundleResult): Text[] {
  if (!signature || signature.action === 'held' || signature.action === 'skipped') return [];
  if (signature.error) return errorTexts(signature.error);
  return [[['dim', `signed (${signature.written.join(', ')})`]]];
}

function otherContent({ reference, differences }: BundleResult): string {
  const objects = listed(differences.map((text) => text.replace(/: changed$/, '')));
  const tag = /:([^/:]+)$/.exec(reference)?.[1] ?? 'the tag';
  return `${tag} holds other content${objects === '' ? '' : ` (${objects})`}`;
}

/** The first three; the digests in them shortened. */
function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, 3).map(withShortDigests);
  return [...shown, ...(texts.length > 3 ? [`${texts.length - 3} more`] : [])].join(', ');
}

function reasonText({ verdict, reason, reference, outcome, plan }: BundleResult): string | undefined {
  if (verdict === 'present' || outcome === 'published') return undefined;
  if (verdict === null) return reason ?? undefined;
  if (verdict === 'absent' && plan === 'publish') return undefined;
  if (reason === null || reason === verdict) return verdict;
  const host = reference.slice(0, reference.indexOf('/'));
  if (reason === 'dns') return `${verdict}: ${host} has no address (DNS)`;
  const text = ownReasons[reason] ?? failureText(reason) ?? reason;
  return verdict === 'unreachable' ? `${verdict}: ${host}: ${text}` : `${verdict}: ${text}`;
}

/** Reasons that no registry gave. */
const ownReasons: Readonly<Record<string, string>> = {
  'push-not-allowed': 'publishing is not allowed',
  declined: 'the question whether to publish was answered with no',
  'push-incomplete': 'the push broke off',
  'no-credential': 'there is no credential for the registry',
};

function workflowText({ workflow, changes, outcome }: BundleResult): string | undefined {
  if (!workflow) return undefined;
  const { name, version, workflowId, action } = workflow;
  const id = workflowId === null ? '' : ` as ${workflowId}`;
  if (action === 'created') return `workflow ${name} ${version} registered${id}`;
  if (action === 'skipped' && outcome === 'fallback')
    return `workflow ${name} ${version} not registered: the catalog could not reach a fallback`;
  return action === 'none' && changes.includes('catalog')
    ? `workflow ${name} ${version} to be registered`
    : undefined;
}

/** Where the bytes of a fallback are. */
function servedText({ outcome, served }: BundleResult): Text[] {
  if (outcome !== 'fallback' || !served) return [];
  if (served.live) return [`served as ${served.reference}`];
  return [`kept in ${served.layout}, to be served as ${served.reference}`];
}

/** Where the fallbacks are kept that nothing serves yet, and the command that does. */
function servedTexts(bundles: readonly BundleResult[], serve: string): Text[] {
  const places = new Map<string, { readonly directory: string; readonly host: string; number: number }>();
  for (const { outcome, served, reference } of bundles) {
    if (outcome !== 'fallback' || !served?.layout || served.live) continue;
    const host = served.reference.slice(0, served.reference.indexOf('/'));
    const repository = reference.slice(reference.indexOf('/'), reference.lastIndexOf(':'));
    const { layout } = served;
    const directory = layout.endsWith(repository) ? layout.slice(0, -repository.length) : layout;
    const place = places.get(directory) ?? { directory, host, number: 0 };
    place.number++;
    places.set(directory, place);
  }
  return [...places.values()].flatMap(({ directory, host, number }): Text[] => [
    `${count(number, 'fallback')} kept in ${directory}, to be served on ${host}`,
    [['bold', `run: ${serve}`]],
  ]);
}

/** What a run over one shard leaves. */
function partTexts(part: EnsureResult['part']): Text[] {
  if (!part) return [];
  const { shard, of, location, entries } = part;
  return [`part ${shard}/${of} of the lock, ${count(entries, 'bundle')}: ${location}`];
}

/** What `check` ends with where `ensure` would end well. */
function endTexts({ bundles, workflows }: EnsureResult, { exitCode }: ResultView): Text[] {
  // Where something fails, ensure does not end well either.
  if (exitCode === 0 || bundles.some((bundle) => failsOf(bundle) || bundle.error !== null)) return [];
  if (workflows.some(({ error }) => error !== null)) return [];
  const verdicts = new Map<string, number>();
  for (const { outcome, plan, verdict, error } of bundles) {
    if (outcome !== 'planned' || plan === 'fail' || plan === null || error || verdict === null) continue;
    const text = plan === 'publish' ? 'publish' : 'fall back';
    const key = `${verdict} (ensure would ${text} and exit 0)`;
    verdicts.set(key, (verdicts.get(key) ?? 0) + 1);
  }
  if (verdicts.size === 0) return [];
  const parts = [...verdicts].map(([key, number]) => `${number} ${key}`);
  return [`${parts.join(', ')}; exit ${exitCode}`];
}
