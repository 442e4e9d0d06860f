import {
  type ParameterDeclaration,
  type ParameterValue,
  parameterTypes,
  remediationParameterTypes,
} from '../../workflow/declaration.js';
import { brokenRules } from '../../workflow/parameters/parameter-rules.js';
import type { SchemaFormat } from '../../workflow/schema-document.js';
import {
  type ConfigNode,
  listAt,
  mappingAt,
  recordAt,
  report,
  requireAt,
} from '../../yaml-file/config-node.js';
import { showText, showValue } from '../../yaml-file/show-text.js';
import { parseBoolean, parseChoice, parseInteger, parseNumber, parseText } from './parse-scalar.js';

const keys = [
  ...(['type', 'required', 'description', 'enum', 'pattern'] as const),
  ...(['minimum', 'maximum', 'dependsOn', 'default'] as const),
];
const nameRule = /^[A-Za-z_][A-Za-z0-9_.-]{0,252}$/;

interface ParameterRules {
  readonly kind: 'parameters' | 'rollbackParameters';
  readonly format: SchemaFormat;
}

/** What a project states about parameters of its Pipeline (`parameters`) or declares whole (`rollbackParameters`). */
export function parseParameters(
  node: ConfigNode,
  rules: ParameterRules,
): ReadonlyMap<string, ParameterDeclaration> {
  const parameters = new Map<string, ParameterDeclaration>();
  for (const [name, child] of mappingAt(node) ?? []) {
    const wanted = 'wanted a name of letters, digits, "_", "-" and "." that starts with a letter or "_"';
    if (!nameRule.test(name)) report(child, `found the name ${showText(name)}, ${wanted}`, { at: 'key' });
    if (name === 'TARGET_RESOURCE') {
      const hint = 'Leave it out: the controller always sets it';
      report(child, 'TARGET_RESOURCE is reserved', { at: 'key', hint });
    }
    parameters.set(name, parameterAt(child, rules));
  }
  return parameters;
}

function parameterAt(node: ConfigNode, { kind, format }: ParameterRules): ParameterDeclaration {
  const flat = format === 'workflow-schema';
  const boundAt = flat ? parseInteger : parseNumber;
  const nodes = recordAt(node, keys, { range: 'Write minimum and maximum', depends_on: 'Write dependsOn' });
  if (kind === 'parameters' && nodes.default.value !== undefined) {
    const hint = 'Write it into the Pipeline, whose default takes effect';
    report(nodes.default, "a default is the Pipeline's to give", { at: 'key', hint });
  }
  if (kind === 'rollbackParameters') requireAt(nodes.description, 'what the parameter is for');
  const declared: ParameterDeclaration = withoutAbsent({
    type: parseChoice(nodes.type, flat ? parameterTypes : remediationParameterTypes),
    required: parseBoolean(nodes.required),
    description: parseText(nodes.description, { wanted: 'text' })?.trim(),
    enum: parseTexts(nodes.enum),
    pattern: parseText(nodes.pattern, { wanted: 'a regular expression' }),
    minimum: boundAt(nodes.minimum),
    maximum: boundAt(nodes.maximum),
    dependsOn: parseTexts(nodes.dependsOn),
    default: kind === 'rollbackParameters' ? valueAt(nodes.default, boundAt) : undefined,
  });
  for (const { field, message } of brokenRules(declared)) report(nodes[field], message);
  return declared;
}

function parseTexts(node: ConfigNode): readonly string[] | undefined {
  const nodes = listAt(node);
  if (nodes?.length === 0) report(node, 'found an empty list, wanted at least one text');
  return nodes?.map((item) => parseText(item, { wanted: 'text', mayBeEmpty: true }) ?? '');
}

function valueAt(
  node: ConfigNode,
  numericAt: (node: ConfigNode) => number | undefined,
): ParameterValue | undefined {
  const { value } = node;
  if (Array.isArray(value)) return value.length === 0 ? [] : parseTexts(node);
  if (value === undefined || typeof value === 'boolean') return value;
  if (typeof value === 'string') return parseText(node, { wanted: 'text', mayBeEmpty: true });
  if (typeof value === 'number') return numericAt(node);
  report(node, `found ${showValue(value)}, wanted text, an integer, true, false or a list of texts`);
  return undefined;
}

type Absent<T> = { [Key in keyof T]: T[Key] | undefined };

/** Leaves out the members whose value is undefined. */
function withoutAbsent(all: Absent<Required<ParameterDeclaration>>): ParameterDeclaration {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
