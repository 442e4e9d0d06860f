import type { Maintainer, WorkflowDeclaration } from '../../workflow/declaration.js';
import type { SchemaFormat } from '../../workflow/schema-document.js';
import { type ConfigNode, listAt, recordAt, report, requireAt } from '../../yaml-file/config-node.js';
import { showText } from '../../yaml-file/show-text.js';
import { parseDescription } from './parse-description.js';
import { parseLabels } from './parse-labels.js';
import { parseParameters } from './parse-parameters.js';
import { parseRemediation, refuseFlat, remediationKeys } from './parse-remediation.js';
import { parseText } from './parse-scalar.js';

const emailRule = { wanted: 'an e-mail address', pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/, longest: 320 };

/** The keys of a workflow that is derived. */
export const workflowKeys = [
  ...(['id', 'version', 'name', 'description', 'labels', 'maintainers'] as const),
  ...(['parameters', 'rollbackParameters'] as const),
  ...remediationKeys,
] as const;

export const idRule = {
  wanted: 'lower-case letters, digits and hyphens, with a letter or digit at both ends',
  pattern: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
  longest: 255,
};

const number = '(?:0|[1-9][0-9]*)';
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const semver = new RegExp(`^${number}\\.${number}\\.${number}(?:-${identifiers})?(?:\\+${identifiers})?$`);
const versionRule = { wanted: 'SemVer without a leading v, e.g. 1.0.0', pattern: semver, longest: 50 };

export interface WorkflowRules {
  /** The bundle's own, the default version. */
  readonly tag: string | undefined;
  /** The format of the document, which limits what it can express. */
  readonly format: SchemaFormat;
  /** The names that `actionType` may have. */
  readonly actionTypes: ReadonlySet<string>;
}

/** A bundle's `workflow`; undefined where absent or reported. */
export function parseWorkflow(
  node: ConfigNode,
  { tag, format, actionTypes }: WorkflowRules,
): WorkflowDeclaration | undefined {
  if (node.value === undefined) return undefined;
  const nodes = recordAt(node, workflowKeys, { rollback_parameters: 'Write rollbackParameters' });
  if (typeof node.value !== 'object' || node.value === null || Array.isArray(node.value)) return undefined;
  const flat = format === 'workflow-schema';
  requireAt(nodes.id, idRule.wanted);
  const id = parseText(nodes.id, flat ? idRule : { ...idRule, longest: 253 });
  const description = parseDescription(nodes.description, format);
  const name = parseText(nodes.name, { wanted: 'text of at most 255 characters', longest: 255 });
  const labels = parseLabels(nodes.labels, format);
  const maintainers = parseMaintainers(nodes.maintainers);
  if (flat) for (const key of remediationKeys) refuseFlat(nodes[key]);
  const remediation = flat ? undefined : parseRemediation(nodes, { actionTypes });
  const parameters = parseParameters(nodes.parameters, { kind: 'parameters', format });
  const rollbackParameters = parseParameters(nodes.rollbackParameters, {
    kind: 'rollbackParameters',
    format,
  });
  const version = versionAt(nodes.version, tag);
  if (id === undefined || description === undefined || labels === undefined || version === undefined)
    return undefined;
  if (!flat && remediation === undefined) return undefined;
  const named = { id, version, name: name?.trim() ?? id, description };
  return { ...named, labels, maintainers, remediation, parameters, rollbackParameters };
}

function versionAt(node: ConfigNode, tag: string | undefined): string | undefined {
  if (node.value !== undefined) {
    if (
      typeof node.value === 'string' &&
      semver.test(node.value.replace(/^v/, '')) &&
      node.value.startsWith('v')
    ) {
      const hint = `Write ${node.value.slice(1)}`;
      report(node, `found ${showText(node.value)}, wanted ${versionRule.wanted}`, { hint });
      return undefined;
    }
    return parseText(node, versionRule);
  }
  if (tag === undefined) return undefined;
  const version = tag.replace(/^v/, '');
  if (semver.test(version) && version.length <= versionRule.longest) return version;
  report(node, `missing, and the tag ${showText(tag)} is not a version, wanted ${versionRule.wanted}`, {
    at: 'absent',
  });
  return undefined;
}

/** The maintainers of a workflow; undefined if none are declared. */
function parseMaintainers(node: ConfigNode): readonly Maintainer[] | undefined {
  const items = listAt(node);
  if (items?.length === 0) report(node, 'found an empty list, wanted at least one maintainer');
  return items?.flatMap((item) => {
    const nodes = recordAt(item, ['name', 'email']);
    requireAt(nodes.name, 'a name');
    requireAt(nodes.email, emailRule.wanted);
    const name = parseText(nodes.name, { wanted: 'a name', longest: 255 });
    const email = parseText(nodes.email, emailRule);
    return name === undefined || email === undefined ? [] : [{ name, email }];
  });
}
