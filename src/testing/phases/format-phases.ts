import type { PhaseRecord, PhaseTrace } from './phase-trace.js';

const barWidth = 32;

/**
 * Writes a trace as text: a line for each phase with its time, its wait, its attempts, and its place in the whole.
 *
 * @example
 * ```ts
 * import { formatPhases, phase, runPhases } from 'tekton-bundles/testing';
 *
 * await using environment = await runPhases([phase('cluster', { run: async () => 'kind-test' })]);
 * console.log(formatPhases(environment.trace()).startsWith('done      cluster')); // true
 * ```
 */
export function formatPhases({ phases, durationMs, complete }: PhaseTrace): string {
  const longest = Math.max(...phases.map(({ name }) => name.length), 0);
  const scale = Math.max(durationMs, ...phases.map(({ endedMs }) => endedMs ?? 0), 1);
  const lines = phases.flatMap((record) => [
    `${record.state.padEnd(9)} ${record.name.padEnd(longest)} ${bar(record, scale)} ${facts(record)}`.trimEnd(),
    ...errors(record).map((text) => `          ${text}`),
  ]);
  return `${lines.join('\n')}\n${complete ? 'up' : 'given up'} after ${seconds(durationMs)}\n`;
}

function bar({ readyMs, startedMs, endedMs }: PhaseRecord, scale: number): string {
  const at = (ms: number | null) => (ms === null ? barWidth : Math.floor((ms / scale) * barWidth));
  const [ready, start, end] = [at(readyMs), at(startedMs), Math.max(at(endedMs), at(startedMs) + 1)];
  const cells = Array.from({ length: barWidth }, (_, cell) =>
    cell >= start && cell < end ? '█' : cell >= ready && cell < start ? '▒' : ' ',
  );
  return `│${cells.join('')}│`;
}

function facts({ readyMs, startedMs, endedMs, attempts, undone }: PhaseRecord): string {
  const parts = [
    startedMs !== null && endedMs !== null ? seconds(endedMs - startedMs) : '',
    startedMs !== null && readyMs !== null && startedMs - readyMs >= 50
      ? `waited ${seconds(startedMs - readyMs)}`
      : '',
    attempts.length > 1 ? `${attempts.length} attempts` : '',
    undone && !undone.error ? `undone in ${seconds(undone.durationMs)}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function errors({ attempts, undone }: PhaseRecord): string[] {
  const failed = attempts.flatMap(({ error }) => (error ? [error.message] : []));
  return undone?.error ? [...failed, `not undone: ${undone.error.message}`] : failed;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
