import type { GraphTask, TaskGraph } from './task-graph.js';

export interface PlacedTask {
  readonly task: GraphTask;
  readonly x: number;
  readonly y: number;
}

export interface PlacedGraph {
  readonly width: number;
  readonly height: number;
  readonly tasks: readonly PlacedTask[];
  /** From the right edge of one to the left edge of the other. */
  readonly edges: readonly { readonly from: PlacedTask; readonly to: PlacedTask }[];
  /** Where the tasks of the end begin, or undefined where there are none. */
  readonly finalX: number | undefined;
}

export const box = { width: 176, height: 56, columnGap: 64, rowGap: 24, margin: 20 } as const;

/**
 * Places tasks in columns from left to right: each is right of all it waits for, near the middle of them. Tasks
 * that wait for each other in a circle, which Tekton refuses, stand where the circle is found.
 */
export function layoutGraph({ tasks }: TaskGraph): PlacedGraph {
  const regular = tasks.filter(({ final }) => !final);
  const columns = inColumns(regular);
  const finals = tasks.filter(({ final }) => final);
  if (finals.length > 0) columns.push(finals);
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const height = box.margin * 2 + tallest * (box.height + box.rowGap) - box.rowGap;
  const placed = new Map<GraphTask, PlacedTask>();
  for (const [index, column] of columns.entries()) {
    const x = box.margin + index * (box.width + box.columnGap);
    const used = column.length * (box.height + box.rowGap) - box.rowGap;
    const top = (height - used) / 2;
    for (const [row, task] of byTheirSources(column, placed).entries()) {
      placed.set(task, { task, x, y: top + row * (box.height + box.rowGap) });
    }
  }
  const byName = new Map(regular.map((task) => [task.name, placed.get(task)]));
  const all = [...placed.values()];
  return {
    width: box.margin * 2 + Math.max(1, columns.length) * (box.width + box.columnGap) - box.columnGap,
    height,
    tasks: all,
    edges: all.flatMap((to) =>
      to.task.after.flatMap((name) => {
        const from = byName.get(name);
        return from ? [{ from, to }] : [];
      }),
    ),
    finalX: finals.length > 0 ? all.find(({ task }) => task.final)?.x : undefined,
  };
}

/** The column of a task is one more than the last of those it waits for. */
function inColumns(tasks: readonly GraphTask[]): GraphTask[][] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const depths = new Map<GraphTask, number>();
  const open = new Set<GraphTask>();
  const depthOf = (task: GraphTask): number => {
    const known = depths.get(task);
    if (known !== undefined) return known;
    if (open.has(task)) return 0;
    open.add(task);
    let depth = 0;
    for (const name of task.after) {
      const before = byName.get(name);
      if (before) depth = Math.max(depth, depthOf(before) + 1);
    }
    open.delete(task);
    depths.set(task, depth);
    return depth;
  };
  const columns: GraphTask[][] = [];
  for (const task of tasks) {
    const depth = depthOf(task);
    while (columns.length <= depth) columns.push([]);
    columns[depth]?.push(task);
  }
  return columns.filter((column) => column.length > 0);
}

/** Fewer lines cross where a task is at the height of those it waits for. */
function byTheirSources(
  column: readonly GraphTask[],
  placed: ReadonlyMap<GraphTask, PlacedTask>,
): readonly GraphTask[] {
  const heights = new Map(Array.from(placed.values(), ({ task, y }) => [task.name, y]));
  const heightOf = ({ after }: GraphTask): number => {
    const sources = after.flatMap((name) => heights.get(name) ?? []);
    if (sources.length === 0) return Number.POSITIVE_INFINITY;
    return sources.reduce((sum, y) => sum + y, 0) / sources.length;
  };
  // Those of one height stay in their order.
  return column
    .map((task) => ({ task, height: heightOf(task) }))
    .sort((one, other) => (one.height === other.height ? 0 : one.height - other.height))
    .map(({ task }) => task);
}
