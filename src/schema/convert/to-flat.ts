import { isVersionKind, wordOf } from '../../workflow/component.js';
import type { Workflow, WorkflowParameter } from '../../workflow/workflow.js';
import type { YamlPath } from '../../yaml-file/yaml-position.js';
import type { Note } from './conversion-note.js';

const severities: ReadonlyMap<string, string> = new Map([
  ['warning', 'medium'],
  ['info', 'low'],
]);

/** A workflow of a RemediationWorkflow as a flat schema, without what that format cannot express. */
export function toFlat(workflow: Workflow, note: Note): Workflow {
  noteLosses(workflow, note);
  const { labels } = workflow;
  const first = (key: 'severity' | 'component' | 'environment') => oneOf(labels[key], key, note);
  return {
    ...workflow,
    labels: {
      ...labels,
      severity: first('severity').map((severity) =>
        flatSeverity(severity, ['spec', 'labels', 'severity', 0], note),
      ),
      component: first('component').map((component) => word(component, note)),
      environment: first('environment'),
    },
    parameters: parameters(workflow.parameters, { key: 'parameters', note }),
    rollbackParameters: parameters(workflow.rollbackParameters, { key: 'rollbackParameters', note }),
  };
}

function noteLosses(workflow: Workflow, note: Note): void {
  const { description, actionType, labels, detectedLabels, dependencies, execution } = workflow;
  const lost = (path: readonly string[], rule: string) =>
    note(['spec', ...path], 'lost', `${rule}-lost`, `the flat schema has no node for ${path.at(-1)}`);
  for (const key of ['whenToUse', 'whenNotToUse', 'preconditions'] as const)
    if (description[key] !== undefined) lost(['description', key], 'description');
  if (actionType !== undefined) lost(['actionType'], 'action-type');
  if (labels.cluster.length > 0) lost(['labels', 'cluster'], 'cluster');
  for (const key of detectedLabels.keys()) lost(['detectedLabels', key], 'detected-label');
  for (const key of ['secrets', 'configMaps'] as const)
    if (dependencies[key].length > 0) lost(['dependencies', key], 'dependency');
  for (const key of ['bundleDigest', 'engineConfig', 'serviceAccountName'] as const)
    if (execution[key] !== undefined) lost(['execution', key], 'execution');
}

function oneOf(values: readonly string[], key: string, note: Note): readonly string[] {
  const [first, ...others] = values;
  for (const [index, other] of others.entries()) {
    const message = `the flat schema takes one ${key}: ${other} is left out, ${first} stays`;
    note(['spec', 'labels', key, index + 1], 'lost', 'label-lost', message);
  }
  return first === undefined ? [] : [first];
}

/** A severity as the flat schema has it. */
export function flatSeverity(severity: string, path: YamlPath, note: Note): string {
  const flat = severities.get(severity);
  if (flat === undefined) return severity;
  note(path, 'changed', 'severity-changed', `${severity} becomes ${flat}`);
  return flat;
}

function word(component: string, note: Note): string {
  if (!isVersionKind(component) || component === '*') return component;
  const flat = wordOf(component);
  note(['spec', 'labels', 'component', 0], 'changed', 'component-changed', `${component} becomes ${flat}`);
  return flat;
}

function parameters(
  list: readonly WorkflowParameter[],
  { key, note }: { readonly key: string; readonly note: Note },
): WorkflowParameter[] {
  return list.map((parameter, index) => flatParameter(parameter, { path: ['spec', key, index], note }));
}

/** Text is what a float can still be: callers send text anyway. */
function flatParameter(
  parameter: WorkflowParameter,
  { path, note }: { readonly path: readonly (string | number)[]; readonly note: Note },
): WorkflowParameter {
  const { minimum, maximum, ...rest } = parameter;
  const bounds = Object.entries({ minimum, maximum }).filter(([, value]) => value !== undefined);
  const isFloat = parameter.type === 'float';
  const kept = bounds.filter(([, value]) => !isFloat && Number.isInteger(value));
  for (const [key, value] of bounds) {
    if (kept.some(([other]) => other === key)) continue;
    note(
      [...path, key],
      'lost',
      'bound-lost',
      `the flat schema bounds integers by integers: ${value} is left out`,
    );
  }
  if (!isFloat) return { ...rest, ...Object.fromEntries(kept) };
  note(
    [...path, 'type'],
    'changed',
    'float-changed',
    'float becomes string, since the flat schema has no fractions',
  );
  const { default: value } = rest;
  return { ...rest, type: 'string', ...(value === undefined ? {} : { default: String(value) }) };
}
