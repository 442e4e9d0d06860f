import { detectedChoices, detectedFlags, type WorkflowLabels } from '../../workflow/declaration.js';
import { flatOnlyLabels } from '../../workflow/remediation-workflow.js';
import type { Workflow } from '../../workflow/workflow.js';
import { isMapping, itemsOf, member } from '../member.js';
import { type Note, withoutV } from './conversion-note.js';
import { readMaintainers, readParameters, textOf } from './read-parameters.js';

/** The content of a RemediationWorkflow; missing values are empty. */
export function readRemediation(document: unknown, note: Note): Workflow {
  const spec = member(document, 'spec');
  const description = member(spec, 'description');
  const execution = member(spec, 'execution');
  const at = (value: unknown, key: string) => textOf(member(value, key));
  const part = (key: 'whenToUse' | 'whenNotToUse' | 'preconditions') => {
    const text = at(description, key);
    return text === undefined ? {} : { [key]: text };
  };
  const own = (key: 'bundleDigest' | 'serviceAccountName') => {
    const text = at(execution, key);
    return text === undefined ? {} : { [key]: text };
  };
  const engineConfig = member(execution, 'engineConfig');
  const names = (key: string) =>
    itemsOf(member(member(spec, 'dependencies'), key)).flatMap((item) => at(item, 'name') ?? []);
  return {
    id: at(member(document, 'metadata'), 'name') ?? '',
    version: withoutV(at(spec, 'version') ?? '', ['spec', 'version'], note),
    title: undefined,
    description: {
      what: at(description, 'what') ?? '',
      ...part('whenToUse'),
      ...part('whenNotToUse'),
      ...part('preconditions'),
    },
    maintainers: readMaintainers(member(spec, 'maintainers')),
    labels: readLabels(spec),
    actionType: at(spec, 'actionType'),
    detectedLabels: readDetected(member(spec, 'detectedLabels')),
    dependencies: { secrets: names('secrets'), configMaps: names('configMaps') },
    execution: {
      engine: at(execution, 'engine') ?? 'tekton',
      bundle: at(execution, 'bundle'),
      ...own('bundleDigest'),
      ...own('serviceAccountName'),
      ...(engineConfig === undefined ? {} : { engineConfig }),
    },
    parameters: readParameters(member(spec, 'parameters'), 'dependsOn'),
    rollbackParameters: readParameters(member(spec, 'rollbackParameters'), 'dependsOn'),
  };
}

function readLabels(spec: unknown): WorkflowLabels {
  const labels = member(spec, 'labels');
  const list = (key: string) => {
    const value = member(labels, key);
    return (Array.isArray(value) ? value : [value]).flatMap((item) => textOf(item) ?? []);
  };
  const custom = new Map<string, string>();
  const customLabels = member(spec, 'customLabels');
  for (const [key, value] of isMapping(customLabels) ? Object.entries(customLabels) : []) {
    const text = textOf(value);
    if (text !== undefined) custom.set(key, text);
  }
  const flat = flatOnlyLabels.flatMap((key) => {
    const text = custom.get(key);
    custom.delete(key);
    return text === undefined ? [] : [[key, text]];
  });
  return {
    ...(Object.fromEntries(flat) as Pick<WorkflowLabels, (typeof flatOnlyLabels)[number]>),
    severity: list('severity'),
    component: list('component'),
    environment: list('environment'),
    priority: (textOf(member(labels, 'priority')) ?? '').toUpperCase(),
    cluster: list('cluster'),
    custom,
  };
}

function readDetected(value: unknown): Map<string, true | string> {
  const found = new Map<string, true | string>();
  for (const key of detectedFlags) if (String(member(value, key)) === 'true') found.set(key, true);
  for (const key of Object.keys(detectedChoices)) {
    const text = textOf(member(value, key));
    if (text !== undefined) found.set(key, text);
  }
  return found;
}
