import type { FieldPath } from '../../objects/field-path.js';
import { checkRef } from '../check-ref.js';
import { type FeatureFlags, takes } from '../feature-flags.js';
import { isNil, type Text } from '../field.js';
import { isDnsLabel } from '../names.js';
import { quote, type Report } from '../problem.js';
import { checkTaskSpec } from '../task/check-task.js';
import type { PipelineSpec, PipelineTask } from './read-pipeline.js';

export interface PipelineContext {
  readonly flags: FeatureFlags;
  /** Of apiVersion v1beta1. */
  readonly beta: boolean;
}

type CheckSpec = (report: Report, spec: PipelineSpec, context: PipelineContext) => void;

/** One task of `tasks` or `finally` by itself; `checkSpec` looks into a pipeline inside it. */
export function checkPipelineTask(
  report: Report,
  task: PipelineTask,
  { checkSpec, ...context }: PipelineContext & { readonly checkSpec: CheckSpec },
): void {
  if (!isDnsLabel(task.name.text)) {
    report(
      'no-invalid-task-name',
      task.name,
      `found the name ${quote(task.name.text)}, wanted a DNS label: at most 63 lower-case letters, digits and -`,
    );
  }
  checkRefOrSpec(report, task, context.flags);
  if (context.beta && !isNil(task.resources)) {
    report(
      'no-removed-field',
      task.resources,
      'found resources, which Tekton has removed, wanted params, results and workspaces',
    );
  }
  checkEmbedded(report, task);
  checkOnError(report, task, context.flags);
  if (isCustom(task)) {
    checkCustom(report, task);
    return;
  }
  const { taskSpec, taskRef, pipelineRef, pipelineSpec } = task;
  if (taskSpec) checkTaskSpec(report, taskSpec, context);
  if (taskRef) checkRef(report, taskRef, context);
  // v1beta1 looks at neither.
  if (context.beta) return;
  if (pipelineRef) checkRef(report, pipelineRef, context);
  if (pipelineSpec) checkSpec(report, pipelineSpec, context);
}

function checkRefOrSpec(report: Report, task: PipelineTask, flags: FeatureFlags): void {
  const { taskRef, taskSpec, pipelineRef, pipelineSpec } = task;
  const given = Object.entries({ taskRef, taskSpec, pipelineRef, pipelineSpec }).filter(([, value]) => value);
  const alpha = takes(flags, 'alpha');
  for (const [field] of given.filter(([name]) => name.startsWith('pipeline') && !alpha)) {
    report(
      'no-disabled-feature',
      { path: [...task.path, field] },
      `found ${field}, which needs enable-api-fields alpha`,
    );
  }
  if (given.length === 1) return;
  const found = given.length === 0 ? 'neither' : given.map(([field]) => field).join(' and ');
  report('no-ambiguous-task', task, `found ${found}, wanted exactly one of taskRef and taskSpec`);
}

/** A custom task has no steps, and steps have no apiVersion and kind. */
function checkEmbedded(report: Report, { taskSpec }: PipelineTask): void {
  if (taskSpec === undefined || taskSpec.steps.length === 0) return;
  for (const [field, text] of Object.entries({ apiVersion: taskSpec.apiVersion, kind: taskSpec.kind })) {
    if (text.text !== '')
      report('no-invalid-custom-task', text, `found ${field} beside steps, wanted it in custom tasks only`);
  }
}

function checkOnError(report: Report, { onError, retries }: PipelineTask, flags: FeatureFlags): void {
  const { text } = onError;
  if (text === '' || text.startsWith('$(params')) return;
  const rule = 'no-invalid-on-error';
  if (!takes(flags, 'beta'))
    report('no-disabled-feature', onError, 'found onError, which needs enable-api-fields beta');
  if (text !== 'continue' && text !== 'stopAndFail')
    report(rule, onError, `found ${quote(text)}, wanted continue, stopAndFail or a param`);
  if (text === 'continue' && retries > 0)
    report(rule, onError, 'found both continue and retries, wanted one of them');
}

function isCustom({ taskRef, taskSpec }: PipelineTask): boolean {
  return [taskRef, taskSpec].some(
    (task) => task && (!['', 'Task'].includes(task.kind.text) || task.apiVersion.text !== ''),
  );
}

function checkCustom(report: Report, { taskRef, taskSpec }: PipelineTask): void {
  if (taskRef) {
    // Tekton fills in the kind Task where there is no resolver.
    const filledIn = taskRef.resolver.text === '' ? 'Task' : '';
    checkCustomType(report, { ...taskRef, kind: { ...taskRef.kind, text: taskRef.kind.text || filledIn } });
  }
  if (taskSpec) checkCustomType(report, taskSpec);
}

interface CustomType {
  readonly path: FieldPath;
  readonly apiVersion: Text;
  readonly kind: Text;
}

function checkCustomType(report: Report, { path, apiVersion, kind }: CustomType): void {
  const rule = 'no-invalid-custom-task';
  if (kind.text === '') report(rule, { path }, 'found a custom task without a kind');
  if (apiVersion.text === '') {
    const removed =
      kind.text === 'ClusterTask'
        ? '; Tekton has removed ClusterTask, wanted a resolver'
        : ', wanted GROUP/VERSION';
    report(
      rule,
      kind.text === '' ? { path } : kind,
      `found the kind ${quote(kind.text)} without apiVersion${removed}`,
    );
    return;
  }
  const [group, version, ...more] = apiVersion.text.split('/');
  if (group && version && more.length === 0) return;
  report(rule, apiVersion, `found the apiVersion ${quote(apiVersion.text)}, wanted GROUP/VERSION`);
}
