import { isDnsLabel } from '../names.js';
import { quote, type Report } from '../problem.js';
import { findStepResult } from '../variables/expressions.js';
import { checkProperties } from './check-params.js';
import type { Result } from './read-params.js';

const resultName = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const types = ['string', 'array', 'object', ''];
const rule = 'no-invalid-result';

/** The declared results of a Task. */
export function checkTaskResults(report: Report, results: readonly Result[]): void {
  for (const result of results) if (checkResult(report, result)) checkResultValue(report, result);
}

/** The declared results of a step or a StepAction. */
export function checkStepResults(report: Report, results: readonly Result[]): void {
  for (const result of results) checkResult(report, result);
}

/** False where the name alone is wrong. */
function checkResult(report: Report, { path, name, type, properties }: Result): boolean {
  if (!resultName.test(name.text)) {
    report(
      rule,
      name,
      `found the name ${quote(name.text)}, wanted letters, digits, -, _ and ., the first and last a letter or digit`,
    );
    return false;
  }
  if (!types.includes(type.text))
    report(rule, type, `found the type ${quote(type.text)}, wanted string, array or object`);
  if (type.text !== 'object') return true;
  if (properties === undefined)
    report(rule, { path }, `found the object ${quote(name.text)} without properties, wanted its keys there`);
  else checkProperties(report, rule, properties);
  return true;
}

function checkResultValue(report: Report, { value }: Result): void {
  if (value === undefined) return;
  if (value.type !== 'string') {
    report(rule, value, `found a value of type ${value.type}, wanted a string $(steps.STEP.results.RESULT)`);
    return;
  }
  if (value.text.text === '') return;
  const found = findStepResult(value.text.text);
  if (found === undefined) {
    report(rule, value, `found ${quote(value.text.text)}, wanted $(steps.STEP.results.RESULT)`);
    return;
  }
  const { step, result } = found;
  if (!isDnsLabel(step))
    report(rule, value, `found the step name ${quote(step)} in the value, wanted a DNS label`);
  if (!resultName.test(result))
    report(
      rule,
      value,
      `found the result name ${quote(result)} in the value, wanted letters, digits, -, _ and .`,
    );
}
