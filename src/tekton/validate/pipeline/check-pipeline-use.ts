import type { Text } from '../field.js';
import { duplicates } from '../names.js';
import { quote, type Report } from '../problem.js';
import { checkParamUse, mergedSteps } from '../task/check-task.js';
import { checkDuplicateParams, checkObjectProperties, knownParams } from '../values/check-params.js';
import type { Param } from '../values/read-params.js';
import {
  checkArrayUse,
  checkStringUse,
  checkValueUse,
  type KnownParams,
  nestedParams,
} from '../variables/variables.js';
import type { PipelineContext } from './check-pipeline-task.js';
import { isMatrixed, type PipelineSpec, type PipelineTask } from './read-pipeline.js';

/** A Pipeline that is not embedded in a run must declare the params and workspaces that its tasks use. */
export function checkPipelineUse(report: Report, spec: PipelineSpec, context: PipelineContext): void {
  const known = knownParams(spec.params);
  // Objects without keys are left out: their use in params cannot be checked.
  const { objects } = knownParams(spec.params.filter(({ properties }) => properties?.size));
  const tasks = [...spec.tasks, ...spec.finally];
  if (tasks.some(({ taskSpec }) => taskSpec !== undefined)) checkObjectProperties(report, spec.params);
  const workspaces = new Set(spec.workspaces.map(({ text }) => text));
  for (const task of tasks) {
    if (task.taskSpec) {
      const { params } = task.taskSpec;
      const { steps } = mergedSteps(task.taskSpec, context);
      checkParamUse(report, steps, params.length === 0 ? known : nestedParams(knownParams(params), known));
      checkObjectProperties(report, params);
    }
    checkTaskParams(report, task, { ...known, objects });
    checkWorkspaces(report, task, workspaces);
  }
}

function checkTaskParams(report: Report, task: PipelineTask, known: KnownParams): void {
  checkDuplicateParams(report, task.params);
  for (const param of task.params) checkParam(report, param, known);
  if (isMatrixed(task) && task.matrix) {
    const included = task.matrix.include.flatMap(({ params }) => params);
    for (const { value } of included) checkStringUse(report, value.text, known);
    for (const text of task.matrix.params.flatMap(({ value }) => value.items))
      checkArrayUse(report, text, known);
  }
  for (const { input, values } of task.when) {
    checkStringUse(report, input, known);
    for (const value of values) {
      if (known.arrays.has(wholeArray(value))) checkArrayUse(report, value, known);
      else checkStringUse(report, value, known);
    }
  }
}

function checkParam(report: Report, { value }: Param, known: KnownParams): void {
  if (value.type === 'array') for (const text of value.items) checkArrayUse(report, text, known);
  else if (value.type === 'object')
    for (const text of value.entries.values()) checkStringUse(report, text, known);
  else checkValueUse(report, value.text, known);
}

/** `list` for `$(params.list[*])`. */
function wholeArray({ text }: Text): string {
  return text.replace(/^\$\(params\./, '').replace(/\[\*\]\)$/, '');
}

function checkWorkspaces(
  report: Report,
  { name, workspaces }: PipelineTask,
  declared: ReadonlySet<string>,
): void {
  for (const twice of duplicates(workspaces.map((binding) => binding.name))) {
    report('no-duplicate-workspace', twice, `found the workspace ${quote(twice.text)} twice`);
  }
  for (const { path, name: own, workspace } of workspaces) {
    const wanted = workspace.text === '' ? own.text : workspace.text;
    if (declared.has(wanted)) continue;
    const at = workspace.text === '' ? { path } : workspace;
    report(
      'no-missing-workspace',
      at,
      `found the workspace ${quote(wanted)} for the task ${quote(name.text)}, which the pipeline does not declare`,
    );
  }
}
