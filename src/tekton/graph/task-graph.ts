/** The tasks of a Pipeline and what each waits for. */
export interface TaskGraph {
  readonly tasks: readonly GraphTask[];
  /** How many tasks the Pipeline has beyond these. */
  readonly omitted: number;
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
  /** What its `when` states, one text for each. */
  readonly conditions: readonly string[];
  /** Runs once for each combination of a matrix. */
  readonly matrix: boolean;
  readonly retries: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** A larger picture would be unreadable. */
const mostTasks = 200;
const mostEdges = 1_000;
/** Of one task. */
const mostConditions = 10;
/** Longer than any name that Kubernetes takes. */
const longestName = 253;

/** Reads a Pipeline object; what is not a Pipeline has no tasks. A task waits by `runAfter`, by results it uses, and by `from`. */
export function readTaskGraph(pipeline: unknown): TaskGraph {
  const spec = fields(fields(pipeline).spec);
  const [regular, last] = [list(spec.tasks), list(spec.finally)];
  const drawn = regular.slice(0, mostTasks);
  const names = new Set(drawn.map((task) => nameAt(fields(task).name)));
  let edges = 0;
  const tasks = drawn.map((task) => {
    const read = readTask(fields(task), { final: false, names });
    const after = read.after.slice(0, mostEdges - edges);
    edges += after.length;
    return { ...read, after };
  });
  const finals = last
    .slice(0, mostTasks)
    .map((task) => readTask(fields(task), { final: true, names: new Set() }));
  return {
    tasks: [...tasks, ...finals],
    omitted: regular.length + last.length - tasks.length - finals.length,
  };
}

/** What a task does beside running once. */
export function marksOf({
  conditional,
  matrix,
  retries,
}: Pick<GraphTask, 'conditional' | 'matrix' | 'retries'>): string[] {
  return [conditional && 'when', matrix && 'matrix', retries > 0 && `${retries} retries`].filter(
    (mark) => typeof mark === 'string',
  );
}

function readTask(
  task: Fields,
  { final, names }: { readonly final: boolean; readonly names: ReadonlySet<string> },
): GraphTask {
  const name = nameAt(task.name);
  const from = list(fields(task.resources).inputs).flatMap((input) => list(fields(input).from).map(nameAt));
  const after = names.size > 0 ? [...list(task.runAfter).map(nameAt), ...from, ...usedResults(task)] : [];
  return {
    name,
    runs: runsOf(task).slice(0, longestName),
    after: [...new Set(after)].filter((one) => one !== name && names.has(one)),
    final,
    conditional: list(task.when).length > 0 || list(task.conditions).length > 0,
    conditions: list(task.when).slice(0, mostConditions).map(conditionOf),
    matrix: task.matrix !== undefined && task.matrix !== null,
    retries: typeof task.retries === 'number' ? task.retries : 0,
  };
}

/** `$(params.x) in [a, b]`, or an expression of CEL. */
function conditionOf(when: unknown): string {
  const { input, operator, values, cel } = fields(when);
  const shown =
    text(cel) === ''
      ? `${text(input) || '""'} ${text(operator)} [${list(values).map(text).join(', ')}]`
      : text(cel);
  return shown.slice(0, longestName);
}

function usedResults(task: Fields): string[] {
  const used = JSON.stringify(task).matchAll(/\$\(tasks\.([^.()"]{1,253})\.(?:results|outputs)\b/g);
  return Array.from(used, (match) => match[1] ?? '');
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

function nameAt(value: unknown): string {
  return text(value).slice(0, longestName);
}
