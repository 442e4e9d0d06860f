import { quote, type Report } from '../problem.js';
import { textsOf } from '../values/read-params.js';
import { expressionsIn, looksLikeResult, parseResult, resultsIn } from '../variables/expressions.js';
import { dependencyUses, usesOfOthers } from './pipeline-task-texts.js';
import type { PipelineSpec, PipelineTask } from './read-pipeline.js';

interface Names {
  readonly tasks: ReadonlySet<string>;
  readonly finally: ReadonlySet<string>;
}

/** What is made of the results and the status of tasks, in the pipeline's results, in finally and in tasks. */
export function checkPipelineOutputs(
  report: Report,
  spec: PipelineSpec,
  { beta }: { readonly beta: boolean },
): void {
  const names = { tasks: namesOf(spec.tasks), finally: namesOf(spec.finally) };
  checkResults(report, spec, names);
  checkStatus(report, spec, names.tasks);
  checkFinally(report, spec.finally, names);
  if (!beta) checkChildResults(report, spec);
}

function namesOf(tasks: readonly PipelineTask[]): Set<string> {
  return new Set(tasks.map(({ name }) => name.text));
}

/** A pipeline's result is made of results of its tasks, and of nothing else. */
function checkResults(report: Report, { results }: PipelineSpec, names: Names): void {
  const rule = 'no-invalid-pipeline-result';
  for (const { path, value } of results) {
    const at = { path: [...path, 'value'] };
    const expressions = textsOf(value).flatMap(({ text }) => expressionsIn(text));
    const wanted = 'wanted $(tasks.TASK.results.RESULT)';
    if (!expressions.some(looksLikeResult)) {
      report(rule, at, `found no result of a task, ${wanted}`);
      continue;
    }
    const wrong = expressions.find((text) => looksLikeResult(text) && parseResult(text) === undefined);
    if (wrong !== undefined) report(rule, at, `found $(${wrong}), ${wanted}`);
    const missing = missingTask(value.text.text, names);
    if (missing !== undefined)
      report(rule, at, `found ${quote(missing)}, ${wanted} of a task of this pipeline and no other text`);
  }
}

/** What is not the result of an existing task: Tekton cuts the text at every `$`. */
function missingTask(text: string, names: Names): string | undefined {
  return text
    .split('$')
    .filter((part) => part !== '')
    .find((part) => {
      const expression = `$${part}`.replace(/^\$\(/, '').replace(/\)$/, '');
      const result = parseResult(expression);
      if (result === undefined) return true;
      if (expression.startsWith('tasks') && !names.tasks.has(result.task)) return true;
      return expression.startsWith('finally') && !names.finally.has(result.task);
    });
}

/** The status of tasks is known in finally only. */
function checkStatus(report: Report, spec: PipelineSpec, names: ReadonlySet<string>): void {
  const rule = 'no-misplaced-status';
  for (const { at, expressions } of spec.tasks.flatMap(usesOfOthers)) {
    const found = expressions.some(looksLikeResult) ? undefined : expressions.find(isStatus);
    if (found !== undefined) report(rule, at, `found $(${found}), wanted it in finally only`);
  }
  for (const { at, expressions } of spec.finally.flatMap(usesOfOthers)) {
    if (expressions.some(looksLikeResult)) continue;
    for (const text of expressions.filter((found) => isStatus(found) && found !== 'tasks.status')) {
      const task = text.slice('tasks.'.length).replace(/\.(?:status|reason)$/, '');
      if (!names.has(task)) report(rule, at, `found $(${text}), wanted a task of this pipeline's tasks`);
    }
  }
}

/** `tasks.status`, `tasks.NAME.status` and `tasks.NAME.reason`. */
function isStatus(text: string): boolean {
  return text.startsWith('tasks.') && (text.endsWith('.status') || text.endsWith('.reason'));
}

function checkFinally(report: Report, tasks: readonly PipelineTask[], names: Names): void {
  const rule = 'no-invalid-finally';
  for (const task of tasks) {
    const [after] = task.runAfter;
    if (after !== undefined) report(rule, after, 'found runAfter in finally, whose tasks all start at once');
    for (const { at, expressions } of usesOfOthers(task)) {
      for (const { task: name } of resultsIn(expressions)) {
        if (names.finally.has(name))
          report(rule, at, `found a result of ${quote(name)}, a task in finally, wanted one of tasks`);
        else if (!names.tasks.has(name))
          report(rule, at, `found a result of the task ${quote(name)}, wanted a task of this pipeline`);
      }
    }
  }
}

/** A pipeline inside a pipeline gives no results. */
function checkChildResults(report: Report, spec: PipelineSpec): void {
  const children = namesOf(spec.tasks.filter(({ pipelineRef, pipelineSpec }) => pipelineRef ?? pipelineSpec));
  if (children.size === 0) return;
  for (const task of [...spec.tasks, ...spec.finally]) {
    for (const { at, expressions } of dependencyUses(task, { beta: false })) {
      for (const { task: name } of resultsIn(expressions)) {
        if (children.has(name))
          report(
            'no-child-pipeline-result',
            at,
            `found a result of ${quote(name)}, which is a pipeline, and pipelines inside pipelines give none`,
          );
      }
    }
  }
}
