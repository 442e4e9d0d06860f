import { textWidth } from '../../../bytes/text-width.js';
import { layoutGraph } from '../../../tekton/graph/layout-graph.js';
import { type GraphTask, marksOf, type TaskGraph } from '../../../tekton/graph/task-graph.js';
import { count } from '../../output/amounts.js';
import type { Screen } from '../../output/screen.js';
import { type Text, wrap } from '../../output/wrap.js';

/** A graph as text: tasks that may run at the same time are below one number, those that run at the end below `finally`. */
export function showGraph(
  graph: TaskGraph,
  { name, screen }: { readonly name: string; readonly screen: Screen },
): string[] {
  const steps = stepsOf(graph);
  const finals = graph.tasks.filter(({ final }) => final);
  const groups: readonly (readonly [label: string, tasks: readonly GraphTask[]])[] = [
    ...steps.map((tasks, index) => [`${index + 1}`, tasks] as const),
    ...(finals.length > 0 ? [['finally', finals] as const] : []),
  ];
  const label = Math.max(1, ...groups.map(([text]) => text.length));
  const column = Math.min(40, Math.max(4, ...graph.tasks.map((task) => textWidth(screen.clean(task.name)))));
  const lines = groups.flatMap(([text, tasks]) =>
    tasks.flatMap((task, index) =>
      taskLines(task, { number: (index === 0 ? text : '').padEnd(label), column, screen }),
    ),
  );
  const more = graph.omitted > 0 ? [`${count(graph.omitted, 'more task')} not shown`] : [];
  return [...lines, ...more, ...wrap([['bold', summary(name, steps, finals)]], { indent: 0 }, screen)].map(
    (line) => line.trimEnd(),
  );
}

/** In the order of the layout's columns. */
function stepsOf(graph: TaskGraph): readonly (readonly GraphTask[])[] {
  const columns = new Map<number, GraphTask[]>();
  for (const { task, x } of layoutGraph(graph).tasks) {
    if (!task.final) columns.set(x, [...(columns.get(x) ?? []), task]);
  }
  return [...columns].sort(([one], [other]) => one - other).map(([, tasks]) => tasks);
}

function taskLines(
  task: GraphTask,
  { number, column, screen }: { readonly number: string; readonly column: number; readonly screen: Screen },
): string[] {
  const { paint } = screen;
  const name = screen.clean(task.name);
  const start = `${paint('dim', number)}  ${paint('bold', name)}`;
  const width = number.length + 2 + textWidth(name);
  const hanging = number.length + 2 + column + 2;
  const indent = screen.width - hanging < 28 ? number.length + 4 : hanging;
  const gap = Math.max(2, hanging - width);
  const facts: Text = [
    ['dim', task.runs],
    ...(task.after.length > 0 ? [` after ${task.after.join(', ')}`] : []),
    ...marksOf({ ...task, conditional: task.conditional && task.conditions.length === 0 }).map(
      (mark) => `, ${mark}`,
    ),
  ];
  const lines =
    width + gap <= screen.width
      ? wrap(facts, { indent, first: { text: start + ' '.repeat(gap), width: width + gap } }, screen)
      : [
          ...wrap([['dim', number], '  ', ['bold', name]], { indent: number.length + 2 }, screen),
          ...wrap(facts, { indent }, screen),
        ];
  const conditions = task.conditions.flatMap((condition) => wrap(['when ', condition], { indent }, screen));
  return [...lines, ...conditions];
}

function summary(
  name: string,
  steps: readonly (readonly GraphTask[])[],
  finals: readonly GraphTask[],
): string {
  const tasks = steps.reduce((sum, step) => sum + step.length, 0);
  const end = finals.length > 0 ? `, ${finals.length} finally` : '';
  return `Pipeline ${name}: ${count(tasks, 'task')} in ${count(steps.length, 'step')}${end}`;
}
