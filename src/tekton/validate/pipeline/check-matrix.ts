import { type FeatureFlags, takes } from '../feature-flags.js';
import { quote, type Report } from '../problem.js';
import { checkDuplicateParams } from '../values/check-params.js';
import { looksLikeResult, resultsIn } from '../variables/expressions.js';
import { usedByParam } from './pipeline-task-texts.js';
import { isMatrixed, type Matrix, type PipelineTask } from './read-pipeline.js';

/** `default-max-matrix-combinations-count` as Tekton ships it. */
const MOST_COMBINATIONS = 256;
const rule = 'no-invalid-matrix';

export interface MatrixContext {
  readonly flags: FeatureFlags;
  readonly beta: boolean;
}

/** The matrices of `tasks` or of `finally`, and the uses of their results. */
export function checkMatrices(report: Report, tasks: readonly PipelineTask[], context: MatrixContext): void {
  for (const task of tasks) {
    const { matrix } = task;
    if (matrix === undefined) continue;
    if (isMatrixed(task)) checkMatrix(report, matrix, context);
    const fanned = new Set(
      [matrix, ...matrix.include].flatMap(({ params }) => params.map(({ name }) => name.text)),
    );
    for (const { name } of task.params) {
      if (fanned.has(name.text))
        report(
          rule,
          name,
          `found the param ${quote(name.text)} in matrix and in params, wanted it in one of them`,
        );
    }
  }
  checkUses(report, tasks);
}

function checkMatrix(report: Report, matrix: Matrix, { flags, beta }: MatrixContext): void {
  if (!takes(flags, 'beta'))
    report('no-disabled-feature', matrix, 'found a matrix, which needs enable-api-fields beta');
  const count = countCombinations(matrix, { beta });
  if (count > MOST_COMBINATIONS) {
    report(rule, matrix, `found ${count} combinations, wanted at most ${MOST_COMBINATIONS}`);
  }
  for (const { params } of [matrix, ...matrix.include]) checkDuplicateParams(report, params);
}

function countCombinations({ params, include }: Matrix, { beta }: { readonly beta: boolean }): number {
  if (params.length === 0) return include.length;
  const sizes = params.map(({ value }) => value.items.length);
  const product = sizes.filter((size) => beta || size > 0).reduce((all, size) => all * size, 1);
  const values = new Map(
    params.map(({ name, value }) => [name.text, new Set(value.items.map(({ text }) => text))]),
  );
  let added = 0;
  for (const { params: own } of include) {
    for (const { name, value } of own) {
      const known = values.get(name.text);
      if (known === undefined) continue;
      if (known.has(value.text.text)) break;
      added++;
    }
  }
  return product + added;
}

/** A task that fans out has a list of results, never one; Tekton stops at the first task that takes one. */
function checkUses(report: Report, tasks: readonly PipelineTask[]): void {
  const byName = new Map(tasks.map((task) => [task.name.text, task]));
  let last: readonly string[] = [];
  for (const { at, expressions } of tasks.flatMap(({ params }) => params.map(usedByParam))) {
    const results = expressions.filter(looksLikeResult);
    if (results.length === 0) continue;
    last = results.filter((text) => {
      const task = byName.get(text.split('.')[1] ?? '');
      return task !== undefined && isMatrixed(task);
    });
    const single = last.filter((text) => !text.endsWith('[*]'));
    for (const text of single)
      report(rule, at, `found $(${text}), one result of a task with a matrix, wanted $(${text}[*])`);
    if (single.length > 0) return;
  }
  checkResultTypes(report, last, byName);
}

function checkResultTypes(
  report: Report,
  expressions: readonly string[],
  byName: ReadonlyMap<string, PipelineTask>,
): void {
  const wanted = new Map<PipelineTask, Set<string>>();
  for (const { task: taskName, result } of resultsIn(expressions)) {
    const task = byName.get(taskName);
    const named = task?.taskRef === undefined ? task : byName.get(task.taskRef.name.text);
    if (named !== undefined) wanted.set(named, (wanted.get(named) ?? new Set()).add(result));
  }
  for (const [{ taskSpec }, results] of wanted) {
    for (const { name, type } of taskSpec?.results ?? []) {
      if (!results.has(name.text) || type.text === 'string') continue;
      report(
        rule,
        type,
        `found the type ${quote(type.text)} for a result of a task with a matrix, wanted string`,
      );
    }
  }
}
