/** The tasks of a Pipeline and what each waits for. */
export interface TaskGraph {
  readonly tasks: readonly GraphTask[];
}

export interface GraphTask {
  readonly name: string;
  /** What it runs: a Task's name, `inline`, or where a resolver finds it. */
  readonly runs: string;
  /** Names of tasks that end before it begins. */
  readonly after: readonly string[];
  /** Runs at the end, whatever became of the others. */
  readonly final: boolean;
  /** Skipped unless its `when` holds. */
  readonly conditional: boolean;
  /** Runs once for each combination of a matrix. */
  readonly matrix: boolean;
  readonly retries: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Beyond this a picture tells nothing. */
const mostTasks = 200;

/** Reads a Pipeline object; what is no Pipeline has no tasks. A task waits by `runAfter`, by results it uses, and by `from`. */
export function readTaskGraph(pipeline: unknown): TaskGraph {
  const spec = fields(fields(pipeline).spec);
  const regular = list(spec.tasks).slice(0, mostTasks);
  const names = new Set(regular.map((task) => text(fields(task).name)));
  const tasks = regular.map((task) => readTask(fields(task), { final: false, names }));
  const last = list(spec.finally)
    .slice(0, mostTasks)
    .map((task) => readTask(fields(task), { final: true, names: new Set() }));
  return { tasks: [...tasks, ...last] };
}

function readTask(
  task: Fields,
  { final, names }: { readonly final: boolean; readonly names: ReadonlySet<string> },
): GraphTask {
  const name = text(task.name);
  const used = JSON.stringify(task).matchAll(/\$\(tasks\.([^.()"]+)\.(?:results|outputs)\b/g);
  const from = list(fields(task.resources).inputs).flatMap((input) => list(fields(input).from).map(text));
  const after = [...list(task.runAfter).map(text), ...from, ...[...used].map((match) => match[1] ?? '')];
  return {
    name,
    runs: runsOf(task),
    after: [...new Set(after)].filter((one) => one !== name && names.has(one)),
    final,
    conditional: list(task.when).length > 0 || list(task.conditions).length > 0,
    matrix: task.matrix !== undefined && task.matrix !== null,
    retries: typeof task.retries === 'number' ? task.retries : 0,
  };
}

function runsOf(task: Fields): string {
  if (task.taskSpec !== undefined) return 'inline';
  if (task.pipelineSpec !== undefined) return 'inline pipeline';
  const reference = fields(task.taskRef ?? task.pipelineRef);
  const name = text(reference.name);
  if (name !== '') return name;
  const resolver = text(reference.resolver);
  const named = list(reference.params).find((param) => text(fields(param).name) === 'name');
  return [resolver, text(fields(named).value)].filter((part) => part !== '').join(': ') || 'nothing';
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
