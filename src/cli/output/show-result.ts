import type { BundleResult, EnsureResult } from '../../ensure/result.js';
import type { ReportedError } from '../../publish/reported-error.js';
import { count } from './progress.js';
import type { Paint } from './terminal.js';

/** The result of `ensure` or `check` as lines for people; `serve` is the command that serves a fallback. */
export function showResult(
  result: EnsureResult,
  { paint, serve }: { readonly paint: Paint; readonly serve: string },
): string {
  const lines = result.bundles.flatMap((bundle) => showBundle(bundle, { paint, serve }));
  if (result.error) lines.push(...errorLines(result.error, { paint, indent: '' }));
  if (result.summary) lines.push(paint('bold', summaryLine(result)));
  return `${lines.join('\n')}\n`;
}

/** One line: how many bundles came to what, the requests made and the time taken. */
export function summaryLine({ summary }: EnsureResult): string {
  if (!summary) return '';
  const parts = (['published', 'reused', 'planned', 'fallback', 'failed'] as const)
    .filter((outcome) => summary[outcome] > 0)
    .map((outcome) => `${summary[outcome]} ${outcome}`);
  const what = parts.length > 0 ? parts.join(', ') : 'no bundles';
  return `${what}; ${count(summary.requests, 'request')}, ${summary.durationMs} ms`;
}

function showBundle(
  bundle: BundleResult,
  { paint, serve }: { readonly paint: Paint; readonly serve: string },
): string[] {
  const outcome = bundle.outcome === 'planned' ? `would ${plans[bundle.plan ?? 'fail']}` : bundle.outcome;
  const lines = [`${mark(bundle, paint)} ${paint('bold', bundle.name)} ${outcome}${why(bundle)}`];
  if (bundle.pinned && bundle.outcome !== 'failed') lines.push(`  ${bundle.pinned}`);
  if (bundle.outcome === 'fallback' && bundle.served) lines.push(`  ${servedLine(bundle, serve)}`);
  if (bundle.schema && bundle.changes.includes('schema'))
    lines.push(`  ${paint('dim', `schema ${bundle.schema.path}`)}`);
  const registered = workflowLine(bundle);
  if (registered) lines.push(`  ${paint('dim', registered)}`);
  // The error of a different tag tells the first three by itself.
  const told = bundle.error?.code === 'TAG_DIFFERS' && bundle.differences.length <= 3;
  const differences = told ? [] : bundle.differences;
  for (const difference of differences) lines.push(`  ${paint('dim', difference)}`);
  if (bundle.outcome === 'planned' || bundle.plan)
    lines.push(`  changes: ${bundle.changes.join(', ') || 'none'}`);
  if (bundle.error) lines.push(...errorLines(bundle.error, { paint, indent: '  ' }));
  return lines;
}

function workflowLine({ workflow, changes, outcome }: BundleResult): string | undefined {
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

const plans = { publish: 'publish', fallback: 'fall back', fail: 'fail' } as const;

/** An error as `error[CODE]: message` and its hint. */
export function errorLines(
  { code, message, hint }: ReportedError,
  { paint, indent }: { readonly paint: Paint; readonly indent: string },
): string[] {
  const first = `${indent}${paint('red', `error[${code}]`)}: ${message}`;
  return hint ? [first, `${indent}hint: ${hint}`] : [first];
}

function why({ verdict, reason }: BundleResult): string {
  const words = [verdict, reason === verdict ? null : reason].filter((word) => word !== null);
  return words.length > 0 ? ` (${words.join(': ')})` : '';
}

function servedLine({ served }: BundleResult, serve: string): string {
  if (!served) return '';
  if (served.live) return `served as ${served.reference}`;
  return `kept in ${served.layout}; \`${serve}\` serves it as ${served.reference}`;
}

function mark(bundle: BundleResult, paint: Paint): string {
  const failed = bundle.outcome === 'failed' || (bundle.error !== null && bundle.outcome !== 'planned');
  if (failed) return paint('red', '✗');
  if (bundle.outcome === 'fallback') return paint('yellow', '↓');
  return bundle.outcome === 'planned' ? paint('cyan', '·') : paint('green', '✓');
}
