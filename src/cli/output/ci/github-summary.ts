import type { BundleResult, EnsureResult } from '../../../ensure/result.js';
import type { WorkflowResult } from '../../../ensure/workflows/workflow-result.js';
import { shorten } from '../../../http/shorten.js';
import { count } from '../amounts.js';
import { summaryLine } from '../show-result.js';

/** GitHub refuses the whole summary of a step beyond 1 MiB; what the writer escapes may need a little more. */
export const longestSummary = 1_000_000;

export interface SummaryOptions {
  /** The command that ran: `ensure` or `check`. */
  readonly command: string;
  /** Bytes that may be written. */
  readonly room: number;
  /** A line as it will be written. */
  readonly clean: (line: string) => string;
}

/** The step summary: first what fell back, then a row for each bundle, the worst first, as many as there is room for. */
export function stepSummary(result: EnsureResult, { command, room, clean }: SummaryOptions): string[] {
  const { bundles } = result;
  const lines: string[] = [];
  const fallbacks = bundles.filter(({ outcome }) => outcome === 'fallback');
  if (fallbacks.length > 0) {
    lines.push(`⚠️ ${fallbacks.length} of ${bundles.length} bundles fell back to a local registry`, '');
  }
  lines.push(`### bundles ${command}: ${summaryLine(result)}`, '');
  lines.push('| bundle | outcome | verdict | why | pinned |', '| --- | --- | --- | --- | --- |');
  const ordered = [
    ...bundles.map((bundle) => ({ rank: rankOf(bundle), outcome: bundle.outcome, row: rowOf(bundle) })),
    ...result.workflows.map((workflow) => ({
      // Behind the bundles of the same rank.
      rank: workflow.error ? 0.1 : workflow.changes.length > 0 ? 3.1 : ranks.length,
      outcome: workflow.outcome,
      row: workflowRow(workflow),
    })),
  ].sort((left, right) => left.rank - right.rank);
  // The line that counts the others fits into what is kept free.
  let left = room - 500 - bytesOf(lines.map(clean));
  for (const [index, { row }] of ordered.entries()) {
    left -= bytesOf([clean(row)]);
    if (left < 0) return [...lines, '', restLine(ordered.slice(index), result), ''];
    lines.push(row);
  }
  return [...lines, ''];
}

const bytesOf = (lines: readonly string[]) =>
  lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);

const ranks = ['failed', 'fail', 'fallback', 'publish', 'published', 'reused'] as const;

function rankOf({ outcome, plan, signature, warnings }: BundleResult): number {
  if (signature?.error) return 0;
  const rank = (ranks as readonly string[]).indexOf(outcome === 'planned' ? (plan ?? 'fail') : outcome);
  return warnings.length > 0 ? Math.min(rank, ranks.indexOf('fallback') + 0.5) : rank;
}

function rowOf({ name, outcome, verdict, error, reason, pinned }: BundleResult): string {
  const cells = [name, outcome, verdict, error?.message ?? reason, pinned];
  return `| ${cells.map((cell) => markdownCell(cell ?? '')).join(' | ')} |`;
}

function workflowRow({ name, outcome, error, changes, reason, pinned }: WorkflowResult): string {
  const cells = [`workflow ${name}`, outcome, null, error?.message ?? reason ?? changes.join(', '), pinned];
  return `| ${cells.map((cell) => markdownCell(cell ?? '')).join(' | ')} |`;
}

function restLine(rest: readonly { readonly outcome: string }[], { workflows }: EnsureResult): string {
  const counts = new Map<string, number>();
  for (const { outcome } of rest) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const parts = [...counts].map(([outcome, number]) => `${number} ${outcome}`);
  return `and ${count(rest.length, workflows.length > 0 ? 'more row' : 'more bundle')}: ${parts.join(', ')}; the report has them all`;
}

function markdownCell(text: string): string {
  return shorten(text.replace(/[\r\n]+/g, ' '), { max: 1000 }).replace(
    /[\\|<>`*_[\]]/g,
    (character) => `\\${character}`,
  );
}
