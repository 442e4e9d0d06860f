import { BundlesError } from '../../../errors.js';
import { isRuleName, lintRules } from '../../../tekton/lint/rules/rules.js';
import { documentUrl } from '../../../version.js';
import { explainRule, showRule } from '../../help/explain-page.js';
import { helpWidth } from '../../help/lay-out.js';
import type { Session } from '../../session.js';
import { didYouMean } from '../../suggest.js';

/** `bundles lint --explain RULE`: what a rule means and what to write instead, offline. @throws USAGE */
export function runExplainRule(
  { context }: Session,
  { rule, output }: { readonly rule: string; readonly output: string },
): void {
  if (!isRuleName(rule)) {
    const meant = didYouMean(rule, Object.keys(lintRules));
    throw new BundlesError('USAGE', `Cannot explain ${JSON.stringify(rule)}: there is no rule of this name`, {
      hint:
        meant === undefined
          ? `${documentUrl('reference/lint', 'rules')} lists the rules`
          : `Did you mean ${meant}?`,
    });
  }
  const explanation = explainRule(rule);
  if (output === 'text') context.stdout.text(showRule(explanation, helpWidth(context.stdout)));
  else context.stdout.json({ version: 1, ...explanation, error: null });
}
