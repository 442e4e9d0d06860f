import { isVersionKind, versionKindOf } from '../workflow/component.js';
import { flatOnlyLabels } from '../workflow/remediation-workflow.js';
import type { Workflow } from '../workflow/workflow.js';
import type { Note } from './conversion-note.js';

const severities: ReadonlyMap<string, string> = new Map([
  ['medium', 'warning'],
  ['low', 'info'],
]);

/** A workflow of a flat schema in the words of a RemediationWorkflow. */
export function toRemediation(workflow: Workflow, note: Note): Workflow {
  const { labels, title, id } = workflow;
  if (title !== undefined && title !== id)
    note(['metadata', 'name'], 'lost', 'name-lost', 'a RemediationWorkflow has no name for people');
  for (const key of flatOnlyLabels)
    if (labels[key] !== undefined)
      note(['labels', key], 'changed', 'label-changed', `${key} becomes a custom label`);
  return {
    ...workflow,
    title: undefined,
    labels: {
      ...labels,
      severity: labels.severity.map((severity) => renamed(severity, note)),
      component: labels.component.map((component) => versionKind(component, note)),
    },
  };
}

function renamed(severity: string, note: Note): string {
  const today = severities.get(severity);
  if (today === undefined) return severity;
  note(['labels', 'severity'], 'changed', 'severity-changed', `${severity} becomes ${today}`);
  return today;
}

function versionKind(component: string, note: Note): string {
  const found = versionKindOf(component);
  if (found === undefined || isVersionKind(component)) return component;
  note(['labels', 'component'], 'changed', 'component-changed', `${component} becomes ${found}`);
  return found;
}
