import { type FeatureFlags, isOn } from '../feature-flags.js';
import { quote, type Report } from '../problem.js';
import type { When } from '../task/read-task.js';

const rule = 'no-invalid-when';

/** Each expression is input, operator and values, or a CEL text alone. */
export function checkWhen(report: Report, expressions: readonly When[], flags: FeatureFlags): void {
  for (const { path, input, operator, values, cel } of expressions) {
    const rest = input.text + operator.text;
    if (cel.text !== '') {
      if (!isOn(flags, 'enable-cel-in-whenexpression')) {
        report(
          'no-disabled-feature',
          cel,
          'found cel, which needs the feature flag enable-cel-in-whenexpression',
        );
      } else if (rest !== '' || values.length > 0) {
        report(rule, { path }, 'found cel with input, operator or values, wanted cel alone');
      }
    } else if (rest === '' && values.length === 0) {
      report(rule, { path }, 'found an empty expression, wanted input, operator and values');
    } else if (operator.text !== 'in' && operator.text !== 'notin') {
      report(rule, operator, `found the operator ${quote(operator.text)}, wanted in or notin`);
    } else if (values.length === 0) {
      report(rule, { path }, 'found no values, wanted at least one');
    }
  }
}
