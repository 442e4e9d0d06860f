import type { FeatureFlags } from '../feature-flags.js';
import { child, type Field } from '../field.js';
import { quote, type Report } from '../problem.js';
import {
  checkDuplicateSpecs,
  checkObjectProperties,
  checkParamNames,
  checkParamTypes,
  knownParams,
} from '../values/check-params.js';
import { checkStepResults } from '../values/check-results.js';
import { type ParamSpec, readParamSpecs, readResults } from '../values/read-params.js';
import { referencesIn, referenceTexts } from '../variables/references.js';
import { checkIsolated, checkKnown, checkNoArrays, checkObjectUse } from '../variables/variables.js';
import { checkScriptAlone, checkWindowsScript } from './check-steps.js';
import { readContainer } from './read-task.js';

/** The spec of a StepAction. */
export function checkStepAction(
  report: Report,
  spec: Field,
  { flags, alpha }: { readonly flags: FeatureFlags; readonly alpha: boolean },
): void {
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
    checkObjectUse(report, text, objects);
  }
  for (const text of single) checkNoArrays(report, text, arrays);
  for (const text of lists) checkIsolated(report, text, arrays);
  checkObjectProperties(report, params);
  checkParamTypes(report, params);
  checkDuplicateSpecs(report, params);
  checkParamNames(report, params);
  if (alpha) checkDefaults(report, params);
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

/** v1alpha1 lets the default of a param name other params, and wants them to exist and not to go round in a circle. */
function checkDefaults(report: Report, params: readonly ParamSpec[]): void {
  const names = new Set(params.map(({ name }) => name.text));
  const waiting = new Map<ParamSpec, string[]>();
  const done = new Set<string>();
  for (const param of params) {
    const used = referenceTexts(
      param.default?.type === 'string' ? param.default.text.text : '',
      'params',
    ).map((text) => text.replace(/^\$\(params\./, '').replace(/\)$/, ''));
    const unknown = used.filter((name) => !names.has(name));
    for (const name of unknown) {
      report(
        'no-undefined-param',
        param.default ?? param,
        `found the param ${quote(name)}, which is not declared`,
      );
    }
    if (used.length === 0) done.add(param.name.text);
    else if (unknown.length === 0) waiting.set(param, used);
  }
  for (const param of withoutEnd(waiting, done)) {
    report(
      'no-param-cycle',
      param.default ?? param,
      `found the default of ${quote(param.name.text)}, which leads back to itself or to a param that is not declared`,
    );
  }
}

/** Those that wait for a name which is never done, however many are done one after another. */
function withoutEnd(waiting: ReadonlyMap<ParamSpec, readonly string[]>, done: Set<string>): ParamSpec[] {
  const users = new Map<string, ParamSpec[]>();
  const open = new Map<ParamSpec, number>();
  const free: ParamSpec[] = [];
  for (const [param, used] of waiting) {
    const names = [...new Set(used)].filter((name) => !done.has(name));
    open.set(param, names.length);
    if (names.length === 0) free.push(param);
    for (const name of names) {
      const known = users.get(name);
      if (known === undefined) users.set(name, [param]);
      else known.push(param);
    }
  }
  for (let param = free.pop(); param !== undefined; param = free.pop()) {
    open.delete(param);
    const { text } = param.name;
    if (done.has(text)) continue;
    done.add(text);
    for (const user of users.get(text) ?? []) {
      const left = (open.get(user) ?? 0) - 1;
      open.set(user, left);
      if (left === 0) free.push(user);
    }
  }
  return [...open.keys()];
}
