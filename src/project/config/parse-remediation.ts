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

/** The keys of a workflow that only a RemediationWorkflow has a place for. */
export const remediationKeys = [
  'actionType',
  'detectedLabels',
  'dependencies',
  'serviceAccountName',
] as const;

type Places = Readonly<Record<(typeof remediationKeys)[number], ConfigNode>>;

export const objectNameRule = {
  wanted: 'the name of a Kubernetes object: lower-case letters, digits, "-" and "."',
  pattern: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
  longest: 253,
};

/** Refuses what the flat schema could not say. */
export function refuseFlat(place: ConfigNode): void {
  if (place.value === undefined) return;
  const hint = 'Set schemas: {format: remediation-workflow}, or leave it out';
  report(place, 'only a RemediationWorkflow has a place for it', { at: 'key', hint });
}

/** What a workflow says for a RemediationWorkflow; undefined where its action type is missing or, reported, wrong. */
export function parseRemediation(
  places: Places,
  { actionTypes }: { readonly actionTypes: ReadonlySet<string> },
): RemediationDeclaration | undefined {
  requireAt(places.actionType, 'the action that the workflow takes, one of those in actionTypes');
  const actionType = actionTypeAt(places.actionType, actionTypes);
  const detectedLabels = detectedLabelsAt(places.detectedLabels);
  const dependencies = dependenciesAt(places.dependencies);
  const serviceAccountName = parseText(places.serviceAccountName, objectNameRule);
  if (actionType === undefined) return undefined;
  return { actionType, detectedLabels, dependencies, serviceAccountName };
}

function actionTypeAt(place: ConfigNode, actionTypes: ReadonlySet<string>): string | undefined {
  const name = parseText(place, { wanted: 'the name of an action type' });
  if (name === undefined || actionTypes.has(name)) return name;
  const close = nearest(name, actionTypes);
  const hint = close
    ? `Did you mean ${showText(close)}?`
    : 'Describe it in actionTypes, or write there NAME: existing where the cluster has it already';
  const known = actionTypes.size === 0 ? 'which declares none' : `which has ${[...actionTypes].join(', ')}`;
  report(place, `found ${showText(name)}, wanted an action type of actionTypes, ${known}`, { hint });
  return undefined;
}

function detectedLabelsAt(place: ConfigNode): DetectedLabels {
  const choices = Object.keys(detectedChoices) as (keyof typeof detectedChoices)[];
  const places = recordAt(place, [...detectedFlags, ...choices]);
  const found = new Map<string, true | string>();
  for (const key of detectedFlags) {
    const { value } = places[key];
    if (value === true) found.set(key, true);
    else if (value !== undefined) {
      const hint = value === false ? 'Leave it out' : 'Write true, without quotes';
      report(places[key], `found ${showText(String(value))}, wanted true`, { hint });
    }
  }
  for (const key of choices) {
    const choice = parseChoice<string>(places[key], detectedChoices[key]);
    if (choice !== undefined) found.set(key, choice);
  }
  return found;
}

function dependenciesAt(place: ConfigNode): Dependencies {
  const { secrets, configMaps } = recordAt(place, ['secrets', 'configMaps']);
  return { secrets: parseNames(secrets), configMaps: parseNames(configMaps) };
}

function parseNames(place: ConfigNode): readonly string[] {
  const names: string[] = [];
  for (const item of listAt(place) ?? []) {
    const name = parseText(item, objectNameRule);
    if (name === undefined) continue;
    if (names.includes(name)) report(item, `found ${showText(name)} twice, wanted each name once`);
    else names.push(name);
  }
  return names;
}
