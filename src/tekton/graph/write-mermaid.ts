import type { GraphTask, TaskGraph } from './task-graph.js';

/** A graph as Mermaid, as Markdown of GitHub and GitLab shows it. */
export function writeMermaid({ tasks, omitted }: TaskGraph): string[] {
  const regular = tasks.filter(({ final }) => !final);
  const finals = tasks.filter(({ final }) => final);
  const ids = new Map(tasks.map((task, index) => [task, `t${index}`]));
  const byName = new Map(regular.map((task) => [task.name, task]));
  const idOf = (task: GraphTask | undefined) => (task === undefined ? '' : (ids.get(task) ?? ''));
  const nodes = (some: readonly GraphTask[], indent: string) =>
    some.map((task) => `${indent}${idOf(task)}${shape(task)}`);
  const edges = regular.flatMap((task) =>
    task.after.map(
      (name) => `  ${idOf(byName.get(name))} ${task.conditional ? '-.->' : '-->'} ${idOf(task)}`,
    ),
  );
  return [
    'flowchart LR',
    ...(finals.length === 0 ? nodes(regular, '  ') : []),
    ...(finals.length > 0 ? ['  subgraph main["tasks"]', ...nodes(regular, '    '), '  end'] : []),
    ...edges,
    ...(finals.length > 0
      ? [
          '  subgraph last["finally"]',
          ...nodes(finals, '    '),
          '  end',
          ...(regular.length > 0 ? ['  main ==> last'] : []),
        ]
      : []),
    ...(omitted > 0 ? [`  more["${omitted} more tasks"]`] : []),
  ];
}

/** A box, or a hexagon for a task that may be skipped. */
function shape(task: GraphTask): string {
  const lines = [task.name, task.runs, ...task.conditions.map((condition) => `when ${condition}`)];
  const label = lines.map(escapeLabel).join('<br/>');
  return task.conditional ? `{{"${label}"}}` : `["${label}"]`;
}

/** Letters, digits and plain signs as they are: all else, by its number, is neither markup nor Markdown. */
function escapeLabel(text: string): string {
  return text.replace(/[^\p{L}\p{N} ().,:/@=_-]/gu, (character) => `#${character.codePointAt(0)};`);
}
