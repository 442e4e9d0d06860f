import { isVersionKind, versionKindOf, versionKindWanted } from '../../workflow/component.js';
import {
  priorities,
  remediationSeverities,
  riskTolerances,
  severities,
  type WorkflowLabels,
} from '../../workflow/declaration.js';
import { legacyLabels } from '../../workflow/legacy-labels.js';
import { flatOnlyLabels } from '../../workflow/remediation-workflow.js';
import type { SchemaFormat } from '../../workflow/schema-document.js';
import { type ConfigNode, listAt, mappingAt, report, requireAt } from '../../yaml-file/config-node.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText } from '../../yaml-file/show-text.js';
import { parseChoice, parseText } from './parse-scalar.js';

const limit = 10;
const keyRule = /^[A-Za-z0-9._-]{1,63}$/;

const mandatory = {
  'workflow-schema': ['signal_type', 'severity', 'component', 'environment', 'priority', 'risk_tolerance'],
  'remediation-workflow': ['severity', 'component', 'environment', 'priority'],
} as const;
type Label = (typeof mandatory)['workflow-schema'][number];

const optional = {
  'workflow-schema': ['business_category'],
  'remediation-workflow': ['cluster', ...flatOnlyLabels],
} as const;

/** The labels of a workflow; undefined where one is missing or, reported, wrong. */
export function parseLabels(node: ConfigNode, format: SchemaFormat): WorkflowLabels | undefined {
  const wanted: readonly Label[] = mandatory[format];
  if (!requireAt(node, `a mapping with ${wanted.join(', ')}`)) return undefined;
  const children = mappingAt(node);
  if (children === undefined) return undefined;
  const at = (key: string): ConfigNode =>
    children.get(key) ?? { value: undefined, path: [...node.path, key], problems: node.problems };
  const custom = parseCustomLabels(node, { children, known: [...wanted, ...optional[format]] });
  for (const key of wanted) {
    const close = nearest(key, custom.keys());
    requireAt(at(key), wantedOf(key, format), close && `Is it meant by ${showText(close)}?`);
  }
  const text = (key: string) => parseText(at(key), { wanted: 'text', longest: 100 });
  const several = (key: 'severity' | 'component' | 'environment' | 'cluster') =>
    format === 'workflow-schema'
      ? oneAt(at(key), (item) => flatLabelAt(item, key))
      : severalAt(at(key), (item) => remediationLabelAt(item, key));
  const severity = several('severity');
  const component = several('component');
  const environment = several('environment');
  const cluster = format === 'workflow-schema' ? [] : (several('cluster') ?? []);
  const priority = parseChoice(upperCased(at('priority')), priorities);
  const signal_type = text('signal_type');
  const risk_tolerance = parseChoice(at('risk_tolerance'), riskTolerances);
  const business_category = text('business_category');
  if (severity === undefined || component === undefined || environment === undefined) return undefined;
  if (priority === undefined) return undefined;
  return {
    ...(signal_type === undefined ? {} : { signal_type }),
    severity,
    component,
    environment,
    priority,
    cluster,
    ...(risk_tolerance === undefined ? {} : { risk_tolerance }),
    ...(business_category === undefined ? {} : { business_category }),
    custom,
  };
}

/** Kubernaut takes priorities in any case. */
function upperCased(node: ConfigNode): ConfigNode {
  return typeof node.value === 'string' ? { ...node, value: node.value.toUpperCase() } : node;
}

function wantedOf(key: Label, format: SchemaFormat): string {
  const flat = format === 'workflow-schema';
  switch (key) {
    case 'signal_type':
      return 'the signal that the workflow responds to, e.g. OOMKilled';
    case 'severity':
      return flat
        ? `one of ${severities.join(', ')}`
        : `one or several of ${remediationSeverities.join(', ')}`;
    case 'component':
      return flat ? 'the kind of object that the workflow treats, e.g. deployment' : versionKindWanted;
    case 'environment':
      return flat ? 'an environment, e.g. production, or "*"' : 'one or several environments, or "*"';
    case 'priority':
      return `one of ${priorities.join(', ')}`;
    case 'risk_tolerance':
      return `one of ${riskTolerances.join(', ')}`;
  }
}

type ReadLabel = (node: ConfigNode) => string | undefined;

function oneAt(node: ConfigNode, read: ReadLabel): readonly string[] | undefined {
  if (Array.isArray(node.value)) {
    const hint = 'Only a RemediationWorkflow accepts lists: schemas: {format: remediation-workflow}';
    report(node, 'found a list, wanted one text', { hint });
    return undefined;
  }
  const found = read(node);
  return found === undefined ? undefined : [found];
}

/** One text represents a list of one. */
function severalAt(node: ConfigNode, read: ReadLabel): readonly string[] | undefined {
  if (!Array.isArray(node.value)) return oneAt(node, read);
  const items = (listAt(node) ?? []).map(read);
  if (items.length === 0) report(node, 'found an empty list, wanted at least one text');
  const found = items.filter((item) => item !== undefined);
  if (new Set(found).size !== found.length) report(node, 'found a value twice, wanted each once');
  return found.length === 0 ? undefined : found;
}

function flatLabelAt(node: ConfigNode, key: string): string | undefined {
  return key === 'severity'
    ? parseChoice(node, severities)
    : parseText(node, { wanted: 'text', longest: 100 });
}

/** What the flat schema's severities are called in a RemediationWorkflow. */
const renamed: Readonly<Record<string, string>> = { medium: 'warning', low: 'info' };

function remediationLabelAt(node: ConfigNode, key: string): string | undefined {
  const { value } = node;
  if (key === 'severity') {
    if (typeof value === 'string' && Object.hasOwn(renamed, value)) {
      const hint = `A RemediationWorkflow calls it ${renamed[value]}`;
      report(node, `found ${showText(value)}, wanted one of ${remediationSeverities.join(', ')}`, { hint });
      return undefined;
    }
    return parseChoice(node, remediationSeverities);
  }
  const found = parseText(node, { wanted: 'text', longest: 255 });
  if (key !== 'component' || found === undefined || isVersionKind(found)) return found;
  const known = versionKindOf(found);
  const hint = known === undefined ? undefined : `Write ${known}`;
  report(node, `found ${showText(found)}, wanted ${versionKindWanted}`, { hint });
  return undefined;
}

/** The labels of a project's own: what is beside the known ones. */
function parseCustomLabels(
  node: ConfigNode,
  {
    children,
    known,
  }: { readonly children: ReadonlyMap<string, ConfigNode>; readonly known: readonly string[] },
): ReadonlyMap<string, string> {
  const custom = new Map<string, string>();
  for (const [key, child] of children) {
    if (known.includes(key)) continue;
    if (!keyRule.test(key)) {
      reportKey(child, key);
      continue;
    }
    const meant = known.find((word) => plain(word) === plain(key));
    if (meant !== undefined) {
      const hint = `Did you mean ${showText(meant)}?`;
      report(child, `found the label ${showText(key)} beside the known ones`, { at: 'key', hint });
    }
    const value = parseText(child, { wanted: 'text of at most 100 characters', longest: 100 });
    if (value !== undefined) custom.set(key, value);
  }
  if (custom.size > limit)
    report(node, `found ${custom.size} labels of the project's own, wanted at most ${limit}`);
  return custom;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_.]/g, '');
}

function reportKey(child: ConfigNode, key: string): void {
  const today = legacyLabels.get(key);
  const former = key.startsWith('kubernaut.ai/');
  const hint =
    today !== undefined ? `Write ${today}` : former ? 'Leave it out: no reader keeps this key' : undefined;
  const wanted = 'wanted letters, digits, ".", "_" and "-", at most 63';
  report(child, `found the label ${showText(key)}, ${wanted}`, { at: 'key', hint });
}
