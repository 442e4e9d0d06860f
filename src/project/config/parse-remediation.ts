import {
  type Dependencies,
  type DetectedLabels,
  detectedChoices,
  detectedFlags,
  type RemediationDeclaration,
} from '../../workflow/declaration.js';
import { type ConfigNode, listAt, recordAt, report, requireAt } from '../../yaml-file/config-node.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText } from '../../yaml-file/show-text.js';
import { parseChoice, parseText } from './parse-scalar.js';

/** The keys of a workflow that only a RemediationWorkflow has a field for. */
export const remediationKeys = [
  'actionType',
  'detectedLabels',
  'dependencies',
  'serviceAccountName',
] as const;

type Nodes = Readonly<Record<(typeof remediationKeys)[number], ConfigNode>>;

const objectNameRule = {
  wanted: 'the name of a Kubernetes object: lower-case letters, digits, "-" and "."',
  pattern: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
  longest: 253,
};

/** Refuses what the flat schema cannot express. */
export function refuseFlat(node: ConfigNode): void {
  if (node.value === undefined) return;
  const hint = 'Set schemas: {format: remediation-workflow}, or leave it out';
  report(node, 'only a RemediationWorkflow has a field for it', { at: 'key', hint });
}

/** What a workflow states for a RemediationWorkflow; undefined where its action type is missing or, reported, wrong. */
export function parseRemediation(
  nodes: Nodes,
  { actionTypes }: { readonly actionTypes: ReadonlySet<string> },
): RemediationDeclaration | undefined {
  requireAt(nodes.actionType, 'the action that the workflow takes, one of those in actionTypes');
  const actionType = actionTypeAt(nodes.actionType, actionTypes);
  const detectedLabels = detectedLabelsAt(nodes.detectedLabels);
  const dependencies = dependenciesAt(nodes.dependencies);
  const serviceAccountName = parseText(nodes.serviceAccountName, objectNameRule);
  if (actionType === undefined) return undefined;
  return { actionType, detectedLabels, dependencies, serviceAccountName };
}

function actionTypeAt(node: ConfigNode, actionTypes: ReadonlySet<string>): string | undefined {
  const name = parseText(node, { wanted: 'the name of an action type' });
  if (name === undefined || actionTypes.has(name)) return name;
  const close = nearest(name, actionTypes);
  const hint = close
    ? `Did you mean ${showText(close)}?`
    : 'Describe it in actionTypes, or write there NAME: existing where the cluster has it already';
  const known = actionTypes.size === 0 ? 'which declares none' : `which has ${[...actionTypes].join(', ')}`;
  report(node, `found ${showText(name)}, wanted an action type of actionTypes, ${known}`, { hint });
  return undefined;
}

function detectedLabelsAt(node: ConfigNode): DetectedLabels {
  const choices = Object.keys(detectedChoices) as (keyof typeof detectedChoices)[];
  const nodes = recordAt(node, [...detectedFlags, ...choices]);
  const found = new Map<string, true | string>();
  for (const key of detectedFlags) {
    const { value } = nodes[key];
    if (value === true) found.set(key, true);
    else if (value !== undefined) {
      const hint = value === false ? 'Leave it out' : 'Write true, without quotes';
      report(nodes[key], `found ${showText(String(value))}, wanted true`, { hint });
    }
  }
  for (const key of choices) {
    const choice = parseChoice<string>(nodes[key], detectedChoices[key]);
    if (choice !== undefined) found.set(key, choice);
  }
  return found;
}

function dependenciesAt(node: ConfigNode): Dependencies {
  const { secrets, configMaps } = recordAt(node, ['secrets', 'configMaps']);
  return { secrets: parseNames(secrets), configMaps: parseNames(configMaps) };
}

function parseNames(node: ConfigNode): readonly string[] {
  const names: string[] = [];
  for (const item of listAt(node) ?? []) {
    const name = parseText(item, objectNameRule);
    if (name === undefined) continue;
    if (names.includes(name)) report(item, `found ${showText(name)} twice, wanted each name once`);
    else names.push(name);
  }
  return names;
}
