import type { WorkflowLabels } from '../../workflow/declaration.js';
import { legacyLabels } from '../../workflow/legacy-labels.js';
import type { Workflow } from '../../workflow/workflow.js';
import { isMapping, member } from '../member.js';
import { type Note, withoutV } from './conversion-note.js';
import { readMaintainers, readParameters, textOf } from './read-parameters.js';

/** The content of a flat schema, also of an older generation; missing values are empty. */
export function readFlat(document: unknown, note: Note): Workflow {
  const metadata = member(document, 'metadata');
  const execution = member(document, 'execution');
  const text = (key: string) => textOf(member(metadata, key));
  return {
    id: text('workflow_id') ?? '',
    version: withoutV(text('version') ?? '', ['metadata', 'version'], note),
    title: text('name'),
    description: { what: text('description') ?? '' },
    maintainers: readMaintainers(member(metadata, 'maintainers')),
    labels: readLabels(member(document, 'labels'), note),
    actionType: undefined,
    detectedLabels: new Map(),
    dependencies: { secrets: [], configMaps: [] },
    execution: {
      engine: textOf(member(execution, 'engine')) ?? 'tekton',
      bundle: textOf(member(execution, 'bundle')),
    },
    parameters: readParameters(member(document, 'parameters'), 'depends_on'),
    rollbackParameters: readParameters(member(document, 'rollback_parameters'), 'depends_on'),
  };
}

function readLabels(value: unknown, note: Note): WorkflowLabels {
  const labels = isMapping(value) ? importFormer(value, note) : new Map<string, string>();
  const take = (key: string) => {
    const found = labels.get(key);
    labels.delete(key);
    return found;
  };
  const list = (key: string) => {
    const found = take(key);
    return found === undefined ? [] : [found];
  };
  const signal_type = take('signal_type');
  const risk_tolerance = take('risk_tolerance');
  const business_category = take('business_category');
  return {
    ...(signal_type === undefined ? {} : { signal_type }),
    severity: list('severity'),
    component: list('component'),
    environment: list('environment'),
    priority: (take('priority') ?? '').toUpperCase(),
    cluster: [],
    ...(risk_tolerance === undefined ? {} : { risk_tolerance }),
    ...(business_category === undefined ? {} : { business_category }),
    custom: labels,
  };
}

/** A flat schema takes one value where others take lists. */
function firstOf([first, ...others]: readonly unknown[], key: string, note: Note): unknown {
  const path = ['labels', key];
  note(path, 'changed', 'list-changed', `${key} is one text here, not a list`);
  for (const [index, other] of others.entries()) {
    const message = `a flat schema takes one ${key}: ${String(other)} is left out, ${String(first)} stays`;
    note([...path, index + 1], 'lost', 'label-lost', message);
  }
  return first;
}

/** Known former keys get the name of today, others lose their prefix; a key of today goes before a former one. */
function importFormer(labels: Readonly<Record<string, unknown>>, note: Note): Map<string, string> {
  const found = new Map<string, string>();
  const former: [string, string][] = [];
  for (const [key, value] of Object.entries(labels)) {
    const text = textOf(Array.isArray(value) ? firstOf(value, key, note) : value);
    if (text === undefined) continue;
    if (key.startsWith('kubernaut.ai/')) former.push([key, text]);
    else found.set(key, text);
  }
  for (const [key, text] of former) {
    const today = legacyLabels.get(key) ?? key.slice('kubernaut.ai/'.length);
    const path = ['labels', key];
    if (found.has(today))
      note(path, 'lost', 'former-label-lost', `${key} is left out, since there is ${today}`);
    else {
      found.set(today, text);
      note(path, 'imported', 'former-label-imported', `${key} is ${today} today`);
    }
  }
  return found;
}
