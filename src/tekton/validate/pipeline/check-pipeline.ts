import { isOn } from '../feature-flags.js';
import { isNil, type Text } from '../field.js';
import { duplicates } from '../names.js';
import { quote, type Report } from '../problem.js';
import { namesTaskArtifact } from '../task/check-steps.js';
import {
  checkDuplicateParams,
  checkDuplicateSpecs,
  checkParamEnums,
  checkParamTypes,
} from '../values/check-params.js';
import { checkWhen } from '../values/check-when.js';
import { type Param, textsOf } from '../values/read-params.js';
import { checkKnown } from '../variables/variables.js';
import { checkGraph } from './check-graph.js';
import { checkMatrices } from './check-matrix.js';
import { checkPipelineOutputs } from './check-pipeline-outputs.js';
import { checkPipelineTask, type PipelineContext } from './check-pipeline-task.js';
import { allParams, type Used, usedByParam, usesOfOthers } from './pipeline-task-texts.js';
import type { PipelineSpec, PipelineTask } from './read-pipeline.js';

/** Everything of a pipeline spec that holds wherever it is: in a Pipeline, in a run. */
export function checkPipelineSpec(report: Report, spec: PipelineSpec, context: PipelineContext): void {
  const tasks = [...spec.tasks, ...spec.finally];
  if (spec.isEmpty) report('no-empty-pipeline', spec, 'found an empty spec, wanted tasks');
  if (spec.finally.length > 0 && spec.tasks.length === 0) {
    report('no-empty-pipeline', { path: [...spec.path, 'finally'] }, 'found finally without tasks');
  }
  const { value: resources } = spec.resources;
  const isEmptyList = Array.isArray(resources) && resources.length === 0;
  if (context.beta && !isNil(spec.resources) && !isEmptyList) {
    report(
      'no-removed-field',
      spec.resources,
      'found resources, which Tekton has removed, wanted params, results and workspaces',
    );
  }
  for (const name of duplicates(tasks.map(({ name }) => name))) {
    report('no-duplicate-task', name, `found the task ${quote(name.text)} twice`);
  }
  for (const task of tasks) {
    checkPipelineTask(report, task, { ...context, checkSpec: checkPipelineSpec });
    checkDuplicateParams(report, task.params);
    checkWhen(report, task.when, context.flags);
    checkPrefixes(report, task);
    checkArtifacts(report, task, context);
  }
  checkGraph(report, spec.tasks, context);
  checkSpecParams(report, spec, context);
  for (const list of [spec.tasks, spec.finally]) {
    checkContexts(report, list);
    checkMatrices(report, list, context);
  }
  checkWorkspaceNames(report, spec.workspaces);
  checkPipelineOutputs(report, spec, context);
}

function checkSpecParams(report: Report, { params }: PipelineSpec, { flags }: PipelineContext): void {
  checkParamTypes(report, params);
  checkDuplicateSpecs(report, params);
  checkParamEnums(report, params, flags);
}

function checkWorkspaceNames(report: Report, names: readonly Text[]): void {
  for (const name of names) {
    if (name.text === '') report('no-invalid-workspace', name, 'found a workspace without a name');
  }
  for (const name of duplicates(names)) {
    report('no-duplicate-workspace', name, `found the workspace ${quote(name.text)} twice`);
  }
}

const prefixes = ['params', 'tasks', 'finally', 'context', 'workspaces', 'results'];

function checkPrefixes(report: Report, task: PipelineTask): void {
  const uses: Used[] = [...usesOfOthers(task), ...allParams(task).map(usedByParam)];
  for (const { at, expressions } of uses) {
    for (const expression of expressions) {
      if (prefixes.includes(expression.split('.')[0] ?? '')) continue;
      report(
        'no-unknown-variable',
        at,
        `found $(${expression}), wanted one that starts with ${prefixes.join(', ')}; a shell variable is \${NAME}`,
      );
    }
  }
}

function checkArtifacts(report: Report, { params }: PipelineTask, { flags }: PipelineContext): void {
  if (isOn(flags, 'enable-artifacts')) return;
  for (const text of params.flatMap(({ value }) => textsOf(value))) {
    if (!namesTaskArtifact(text.text)) continue;
    report(
      'no-disabled-feature',
      text,
      'found the use of artifacts, which needs the feature flag enable-artifacts',
    );
  }
}

const contexts = [
  { prefix: 'context\\.pipelineRun', known: new Set(['name', 'namespace', 'uid']) },
  { prefix: 'context\\.pipeline', known: new Set(['name']) },
  { prefix: 'context\\.pipelineTask', known: new Set(['retries']) },
];

/** Tekton checks only the last task of a list; the others get the variable's text unchanged. */
function checkContexts(report: Report, tasks: readonly PipelineTask[]): void {
  for (const task of tasks) {
    const rule = task === tasks.at(-1) ? 'no-undefined-context' : 'no-unfilled-context';
    for (const param of allParams(task)) checkContextsIn(report, param, rule);
  }
}

function checkContextsIn(report: Report, { value }: Param, rule: string): void {
  for (const text of textsOf(value)) {
    for (const { prefix, known } of contexts)
      checkKnown(report, text, { prefix, rule, noun: 'context variable', known });
  }
}
