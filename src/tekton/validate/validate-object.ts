import type { YamlValue } from '../yaml/value.js';
import type { FeatureFlags } from './feature-flags.js';
import { child, type Field, isNil, textAt } from './field.js';
import { isDnsSubdomain } from './names.js';
import { checkPipelineSpec } from './pipeline/check-pipeline.js';
import { checkPipelineUse } from './pipeline/check-pipeline-use.js';
import { readPipelineSpec } from './pipeline/read-pipeline.js';
import { type Problem, quote, type Report } from './problem.js';
import { checkStepAction } from './task/check-step-action.js';
import { checkParamUse, checkTaskSpec, mergedSteps } from './task/check-task.js';
import { readTaskSpec } from './task/read-task.js';
import { checkObjectProperties, knownParams } from './values/check-params.js';
import { checkValues } from './values/check-values.js';

/**
 * Lists what the webhook of a cluster would refuse about a Task, a Pipeline or a StepAction that could be decoded: Tekton's defaults and
 * validation, rule by rule. Of runs it checks the specs inside them, of other kinds the name alone.
 *
 * @example
 * ```ts
 * import { readSources } from 'tekton-bundles/bundle';
 * import { validateObject } from 'tekton-bundles/lint';
 *
 * const text = 'apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: build}\nspec: {steps: [{name: run, image: "alpine:3.20", script: echo, command: [echo]}]}\n';
 * const { objects } = readSources([{ path: 'task.yaml', bytes: new TextEncoder().encode(text) }]);
 * const problems = objects.flatMap(({ value }) => validateObject(value));
 * console.log(problems.map(({ rule }) => rule)); // [ 'no-script-with-command' ]
 * ```
 */
export function validateObject(value: YamlValue, flags: FeatureFlags = {}): Problem[] {
  const object: Field = { value, path: [] };
  const problems: Problem[] = [];
  const known = new Set<string>();
  const report: Report = (rule, { path }, message) => {
    const key = JSON.stringify([rule, path, message]);
    if (known.has(key)) return;
    known.add(key);
    problems.push({ rule, message, path });
  };
  const kind = textAt(object, 'kind').text;
  const apiVersion = textAt(object, 'apiVersion').text;
  const beta = apiVersion === 'tekton.dev/v1beta1';
  checkName(report, object);
  checkValues(report, object);
  const spec = child(object, 'spec');
  if (kind === 'Task') {
    const task = readTaskSpec(spec, { defaults: true });
    checkTaskSpec(report, task, { flags, beta });
    checkParamUse(report, mergedSteps(task, { flags, beta }).steps, knownParams(task.params));
    checkObjectProperties(report, task.params);
  } else if (kind === 'Pipeline') {
    const pipeline = readPipelineSpec(spec, { defaults: true });
    checkPipelineSpec(report, pipeline, { flags, beta });
    checkPipelineUse(report, pipeline, { flags, beta });
  } else if (kind === 'StepAction') {
    checkStepAction(report, spec, { flags, alpha: apiVersion === 'tekton.dev/v1alpha1' });
  } else if (kind === 'TaskRun') {
    const field = child(spec, 'taskSpec');
    if (!isNil(field)) checkTaskSpec(report, readTaskSpec(field, { defaults: true }), { flags, beta });
  } else if (kind === 'PipelineRun') {
    const field = child(spec, 'pipelineSpec');
    if (!isNil(field))
      checkPipelineSpec(report, readPipelineSpec(field, { defaults: true }), { flags, beta });
  }
  return problems;
}

function checkName(report: Report, object: Field): void {
  const rule = 'no-invalid-name';
  const name = textAt(child(object, 'metadata'), 'name');
  if (!isDnsSubdomain(name.text)) {
    report(
      rule,
      name,
      `found the name ${quote(name.text)}, wanted lower-case letters, digits, - and ., the first and last a letter or digit`,
    );
  } else if (name.text.length > 63) {
    report(rule, name, `found a name of ${name.text.length} characters, wanted at most 63`);
  }
}
