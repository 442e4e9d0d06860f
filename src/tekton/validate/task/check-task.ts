import { type FeatureFlags, takes } from '../feature-flags.js';
import type { Text } from '../field.js';
import { isNil } from '../field.js';
import { duplicates } from '../names.js';
import { quote, type Report } from '../problem.js';
import {
  checkDuplicateSpecs,
  checkParamEnums,
  checkParamNames,
  checkParamTypes,
  knownParams,
} from '../values/check-params.js';
import { checkTaskResults } from '../values/check-results.js';
import type { ParamSpec } from '../values/read-params.js';
import {
  checkIsolated,
  checkKeys,
  checkKnown,
  checkNoArrays,
  checkNoWholeObjects,
  type KnownParams,
} from '../variables/variables.js';
import { checkScriptAlone, checkSteps, cleanPath, type StepContext } from './check-steps.js';
import { type MergedSteps, mergeStepTemplate } from './merge-step-template.js';
import type { Step, TaskSpec } from './read-task.js';

/** Everything of a task spec that holds wherever it is: in a Task, in a Pipeline, in a run. */
export function checkTaskSpec(report: Report, spec: TaskSpec, context: StepContext): void {
  const { steps, unmergeable } = mergedSteps(spec, context);
  if (unmergeable !== undefined) {
    report('no-unmergeable-step', unmergeable.at, unmergeable.message);
  }
  if (spec.steps.length === 0) report('no-missing-steps', spec, 'found no steps, wanted at least one');
  for (const name of duplicates(spec.volumes))
    report('no-duplicate-volume', name, `found the volume ${quote(name.text)} twice`);
  checkWorkspaces(report, spec, context.flags);
  if (unmergeable === undefined) checkSteps(report, steps, context);
  checkSidecars(report, spec, context);
  checkParamTypes(report, spec.params);
  checkDuplicateSpecs(report, spec.params);
  checkParamEnums(report, spec.params, context.flags);
  checkParamNames(report, spec.params);
  checkArrayUse(report, steps, spec.params);
  checkContexts(report, steps);
  const results = new Set(spec.results.map(({ name }) => name.text));
  for (const { script } of steps) {
    checkKnown(report, script, {
      prefix: 'results',
      rule: 'no-undefined-result',
      noun: 'result',
      known: results,
    });
  }
  checkTaskResults(report, spec.results);
  if (context.beta && !isNil(spec.resources)) {
    report(
      'no-removed-field',
      spec.resources,
      'found resources, which Tekton has removed, wanted params, results and workspaces',
    );
  }
}

/** Every param that the steps use is known, and used as its type allows. */
export function checkParamUse(
  report: Report,
  steps: readonly Step[],
  { names, objects }: Pick<KnownParams, 'names' | 'objects'>,
): void {
  for (const step of steps) {
    const texts = [...singleTexts(step), ...listTexts(step)];
    for (const text of [...texts, step.onError]) {
      checkKnown(report, text, { prefix: 'params', rule: 'no-undefined-param', noun: 'param', known: names });
      checkKeys(report, text, objects);
    }
    for (const text of texts) checkNoWholeObjects(report, text, objects);
  }
}

export function mergedSteps({ steps, stepTemplate }: TaskSpec, { beta }: StepContext): MergedSteps {
  return mergeStepTemplate(steps, stepTemplate, { beta });
}

function checkWorkspaces(
  report: Report,
  { steps, stepTemplate, sidecars, workspaces }: TaskSpec,
  flags: FeatureFlags,
): void {
  for (const name of duplicates(workspaces.map(({ name }) => name))) {
    report('no-duplicate-workspace', name, `found the workspace ${quote(name.text)} twice`);
  }
  const mounts = [...steps, ...(stepTemplate ? [stepTemplate] : [])].flatMap(
    ({ volumeMounts }) => volumeMounts,
  );
  const taken = new Set(mounts.map(({ mountPath }) => cleanPath(mountPath.text)));
  for (const { name, mountPath } of workspaces) {
    const path = cleanPath(mountPath.text === '' ? `/workspace/${name.text}` : mountPath.text);
    const at = mountPath.text === '' ? name : mountPath;
    if (taken.has(path)) report('no-duplicate-mount-path', at, `found the mount path ${quote(path)} twice`);
    taken.add(path);
  }
  const known = new Set(workspaces.map(({ name }) => name.text));
  for (const name of [...steps, ...sidecars].flatMap((user) => user.workspaces)) {
    if (!takes(flags, 'beta')) {
      report(
        'no-disabled-feature',
        name,
        'found a workspace of a step or sidecar, which needs enable-api-fields beta',
      );
    }
    if (known.has(name.text)) continue;
    report(
      'no-missing-workspace',
      name,
      `found the workspace ${quote(name.text)}, which the task does not declare`,
    );
  }
}

function checkSidecars(report: Report, { sidecars }: TaskSpec, { beta }: StepContext): void {
  for (const sidecar of sidecars) {
    if (sidecar.name.text === 'tekton-log-results') {
      report(
        'no-reserved-sidecar',
        sidecar.name,
        'found the name tekton-log-results, which Tekton keeps for itself',
      );
    }
    // v1beta1 looks at the name alone.
    if (beta) continue;
    if (sidecar.image.text === '') report('no-missing-image', sidecar, 'found a sidecar without an image');
    checkScriptAlone(report, sidecar);
  }
}

function checkArrayUse(report: Report, steps: readonly Step[], specs: readonly ParamSpec[]): void {
  const { arrays } = knownParams(specs);
  for (const step of steps) {
    for (const text of singleTexts(step)) checkNoArrays(report, text, arrays);
    for (const text of listTexts(step)) checkIsolated(report, text, arrays);
  }
}

const contexts = [
  { prefix: 'context\\.taskRun', known: new Set(['name', 'namespace', 'uid']) },
  { prefix: 'context\\.task', known: new Set(['name', 'retry-count']) },
];

function checkContexts(report: Report, steps: readonly Step[]): void {
  for (const step of steps) {
    for (const text of [...singleTexts(step), ...listTexts(step), step.onError]) {
      for (const { prefix, known } of contexts) {
        checkKnown(report, text, { prefix, rule: 'no-undefined-context', noun: 'context variable', known });
      }
    }
  }
}

/** Texts of a step in which Tekton looks for variables, without those of lists, where an item may be a whole array. */
function singleTexts(step: Step): Text[] {
  const { name, image, workingDir, script, env = [], volumeMounts } = step;
  const mounts = volumeMounts.flatMap((mount) => [mount.name, mount.mountPath, mount.subPath]);
  return [name, image, workingDir, script, ...env.map(({ value }) => value), ...mounts];
}

/** Elements of `command` and `args`. */
function listTexts({ command, args }: Step): Text[] {
  return [...command, ...args];
}
