import { quote, type Report } from '../problem.js';
import { parseResult } from '../variables/expressions.js';
import { dependencyUses } from './pipeline-task-texts.js';
import type { PipelineTask } from './read-pipeline.js';

/** The tasks form a graph without circles, and depend on tasks that exist. */
export function checkGraph(
  report: Report,
  tasks: readonly PipelineTask[],
  { beta }: { readonly beta: boolean },
): void {
  const names = new Set(tasks.map(({ name }) => name.text));
  // Twice the same name is reported elsewhere, and a graph of them means nothing.
  if (names.size < tasks.length) return;
  const graph = new Map<string, Set<string>>();
  for (const task of tasks) graph.set(task.name.text, dependenciesOf(task, { beta }));
  const circle = findCircle(graph);
  if (circle !== undefined) {
    const first = tasks.find(({ name }) => name.text === circle[0]);
    report(
      'no-pipeline-task-cycle',
      first?.name ?? { path: [] },
      `found tasks that wait for each other: ${circle.join(' → ')}`,
    );
    return;
  }
  for (const task of tasks) reportMissing(report, task, { beta, names });
}

function dependenciesOf(task: PipelineTask, { beta }: { readonly beta: boolean }): Set<string> {
  const results = dependencyUses(task, { beta }).flatMap(({ expressions }) => expressions.map(parseResult));
  const used = results.flatMap((result) => (result === undefined ? [] : [result.task]));
  return new Set([...used, ...task.runAfter.map(({ text }) => text)]);
}

function reportMissing(
  report: Report,
  task: PipelineTask,
  { beta, names }: { readonly beta: boolean; readonly names: ReadonlySet<string> },
): void {
  const rule = 'no-pipeline-missing-task';
  for (const name of task.runAfter) {
    if (!names.has(name.text))
      report(rule, name, `found runAfter ${quote(name.text)}, wanted a task of this pipeline`);
  }
  for (const { at, expressions } of dependencyUses(task, { beta })) {
    for (const result of expressions.map(parseResult)) {
      if (result === undefined || names.has(result.task)) continue;
      report(rule, at, `found a result of the task ${quote(result.task)}, wanted a task of this pipeline`);
    }
  }
}

/** The names along a circle, the first one again at the end. */
function findCircle(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const waiting = new Map(
    [...graph].map(([name, needs]) => [name, [...needs].filter((need) => graph.has(need))]),
  );
  const free = [...waiting].filter(([, needs]) => needs.length === 0).map(([name]) => name);
  const users = usersOf(waiting);
  const open = new Map([...waiting].map(([name, needs]) => [name, needs.length]));
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    open.delete(name);
    for (const user of users.get(name) ?? []) {
      const left = (open.get(user) ?? 0) - 1;
      open.set(user, left);
      if (left === 0) free.push(user);
    }
  }
  const [start] = open.keys();
  if (start === undefined) return undefined;
  const path = [start];
  const places = new Map([[start, 0]]);
  for (;;) {
    const next = waiting.get(path.at(-1) ?? '')?.find((need) => open.has(need)) ?? start;
    const seen = places.get(next);
    places.set(next, path.length);
    path.push(next);
    if (seen !== undefined) return path.slice(seen);
  }
}

function usersOf(graph: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const [name, needs] of graph) {
    for (const need of needs) {
      const known = users.get(need);
      if (known === undefined) users.set(need, [name]);
      else known.push(name);
    }
  }
  return users;
}
