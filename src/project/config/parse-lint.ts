import type { LintOptions } from '../../tekton/lint/lint-sources.js';
import { isRuleName, lintRules, type RuleName } from '../../tekton/lint/rules/rules.js';
import { apiFieldChoices, featureChoices } from '../../tekton/validate/feature-flags.js';
import { documentUrl } from '../../version.js';
import { type ConfigNode, listAt, recordAt, report } from '../../yaml-file/config-node.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText, showValue } from '../../yaml-file/show-text.js';
import { parseChoice } from './parse-scalar.js';

/** Readers of bundles whose annotations are checked. */
export const consumers = ['konflux', 'artifacthub'] as const;
export type Consumer = (typeof consumers)[number];

/** What the cluster takes, which rules are not wanted, and whose annotations are. Default: as Tekton ships, and all rules. */
export interface LintSettings extends Required<LintOptions> {
  readonly for: readonly Consumer[];
}

/** Rules whose severity is a matter of taste: the cluster takes what they name. */
const warnings = (Object.keys(lintRules) as RuleName[]).filter(
  (name) => lintRules[name].severity === 'warning',
);

const severities = ['off', 'warning', 'error'] as const;

export function parseLint(node: ConfigNode): LintSettings {
  const {
    apiFields,
    features,
    ignore,
    for: wanted,
    ...rules
  } = recordAt(node, ['apiFields', 'features', 'ignore', 'for', ...warnings]);
  return {
    apiFields: parseChoice(apiFields, apiFieldChoices) ?? 'beta',
    features: (listAt(features) ?? []).flatMap((item) => parseChoice(item, featureChoices) ?? []),
    for: (listAt(wanted) ?? []).flatMap((item) => parseChoice(item, consumers) ?? []),
    ignore: (listAt(ignore) ?? []).flatMap((item) => ruleAt(item) ?? []),
    severities: Object.fromEntries(
      warnings.flatMap((rule) => {
        const severity = parseChoice(rules[rule], severities, {
          true: 'warning',
          false: 'off',
          warn: 'warning',
        });
        return severity === undefined ? [] : [[rule, severity]];
      }),
    ),
  };
}

function ruleAt(node: ConfigNode): RuleName | undefined {
  const { value } = node;
  if (typeof value !== 'string' || !isRuleName(value)) {
    const close = typeof value === 'string' ? nearest(value, Object.keys(lintRules)) : undefined;
    const hint =
      close === undefined
        ? `${documentUrl('reference/lint', 'rules')} lists the rules`
        : `Did you mean ${showText(close)}?`;
    report(node, `found ${showValue(value)}, wanted the name of a rule`, { hint });
    return undefined;
  }
  if (!('fatal' in lintRules[value])) return value;
  report(node, `found ${showText(value)}, wanted a rule that can be left out`, {
    hint: 'Nothing can be built from a source that breaks this rule',
  });
  return undefined;
}
