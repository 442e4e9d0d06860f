import {
  checkDuplicateSpecs,
  checkObjectProperties,
  checkParamNames,
  checkParamTypes,
  knownParams,
} from './check-params.js';
import { checkStepResults } from './check-results.js';
import { checkScriptAlone, checkWindowsScript } from './check-steps.js';
import type { FeatureFlags } from './feature-flags.js';
import { child, type Field } from './field.js';
import { quote, type Report } from './problem.js';
import { readParamSpecs, readResults } from './read-params.js';
import { readContainer } from './read-task.js';
import { referencesIn, referenceTexts } from './references.js';
import { checkIsolated, checkKeys, checkKnown, checkNoArrays, checkNoWholeObjects } from './variables.js';

/** The spec of a StepAction. */
export function checkStepAction(report: Report, spec: Field, flags: FeatureFlags): void {
  const step = readContainer(spec);
  const params = readParamSpecs(child(spec, 'params'), { defaults: true });
  const results = readResults(child(spec, 'results'), { defaults: true });
  const { image, script, command, args, env = [], volumeMounts } = step;
  if (image.text === '') report('no-missing-image', spec, 'found a StepAction without an image');
  checkScriptAlone(report, step);
  checkWindowsScript(report, script, flags);
  const inScript = referencesIn(script.text, 'params');
  if (inScript.tooManyDots || inScript.names.length > 0) {
    report(
      'no-param-in-script',
      script,
      'found a param in the script of a StepAction, wanted it in env, and the variable in the script',
    );
  }
  const { names, arrays, objects } = knownParams(params);
  const mounts = volumeMounts.map(({ name }) => name);
  const single = [image, script, ...env.map(({ value }) => value), ...mounts];
  const lists = [...command, ...args];
  for (const text of [...single, ...lists]) {
    checkKnown(report, text, { prefix: 'params', rule: 'no-undefined-param', noun: 'param', known: names });
    for (const [name, keys] of objects) checkKeys(report, text, { name, keys });
    checkNoWholeObjects(report, text, objects);
  }
  for (const text of single) checkNoArrays(report, text, arrays);
  for (const text of lists) checkIsolated(report, text, arrays);
  checkObjectProperties(report, params);
  checkParamTypes(report, params);
  checkDuplicateSpecs(report, params);
  checkParamNames(report, params);
  const known = new Set(results.map(({ name }) => name.text));
  for (const prefix of ['step.results', 'results']) {
    checkKnown(report, script, { prefix, rule: 'no-undefined-result', noun: 'result', known });
  }
  checkStepResults(report, results);
  for (const name of mounts) {
    const [only, ...more] = referenceTexts(name.text, 'params');
    if (only === name.text && more.length === 0) continue;
    report(
      'no-fixed-volume',
      name,
      `found the volume ${quote(name.text)}, wanted a param alone, e.g. $(params.volume): the Task decides which it is`,
    );
    break;
  }
}
