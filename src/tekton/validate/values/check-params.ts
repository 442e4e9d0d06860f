import { type FeatureFlags, isOn } from '../feature-flags.js';
import type { Text } from '../field.js';
import { duplicates } from '../names.js';
import { quote, type Report } from '../problem.js';
import { type KnownParams, knownObjects } from '../variables/variables.js';
import type { Param, ParamSpec } from './read-params.js';

const types = ['string', 'array', 'object'];
const simpleName = /^[_a-zA-Z][_a-zA-Z0-9.-]*$/;
const objectName = /^[_a-zA-Z][_a-zA-Z0-9-]*$/;

/** Each declared param has a type that exists and a default that fits it. */
export function checkParamTypes(report: Report, specs: readonly ParamSpec[]): void {
  const rule = 'no-invalid-param-type';
  for (const { name, type, default: value, properties } of specs) {
    if (!types.includes(type.text)) {
      report(rule, type, `found the type ${quote(type.text)}, wanted string, array or object`);
    } else if (value !== undefined && value.type !== type.text) {
      report(
        rule,
        value,
        `found a default of type ${value.type} for the param ${quote(name.text)} of type ${type.text}`,
      );
    } else {
      checkProperties(report, rule, properties);
    }
  }
}

export function checkProperties(
  report: Report,
  rule: string,
  properties: ReadonlyMap<string, Text> | undefined,
): void {
  for (const [key, type] of properties ?? []) {
    if (type.text === 'string') continue;
    report(
      rule,
      type,
      `found the type ${quote(type.text)} for the key ${quote(key)}, wanted string: keys of objects have no other`,
    );
  }
}

export function checkObjectProperties(report: Report, specs: readonly ParamSpec[]): void {
  for (const { path, name, type, properties } of specs) {
    if (type.text !== 'object' || properties !== undefined) continue;
    report(
      'no-invalid-param-type',
      { path },
      `found the object ${quote(name.text)} without properties, wanted its keys there`,
    );
  }
}

export function checkDuplicateSpecs(report: Report, specs: readonly ParamSpec[]): void {
  for (const name of duplicates(specs.map((spec) => spec.name))) {
    report('no-duplicate-param', name, `found the param ${quote(name.text)} twice`);
  }
}

export function checkParamNames(report: Report, specs: readonly ParamSpec[]): void {
  for (const { name, type, properties } of specs) {
    const isObject = type.text === 'object';
    if (!(isObject ? objectName : simpleName).test(name.text)) {
      const marks = isObject ? 'letters, digits, - and _' : 'letters, digits, -, _ and .';
      report(
        'no-invalid-param-name',
        name,
        `found the name ${quote(name.text)}, wanted ${marks}, the first a letter or _`,
      );
    }
    if (!isObject) continue;
    for (const [key, { path }] of properties ?? []) {
      if (objectName.test(key)) continue;
      const at = { path: path.slice(0, -1) };
      report(
        'no-invalid-param-name',
        at,
        `found the key ${quote(key)}, wanted letters, digits, - and _, the first a letter or _`,
      );
    }
  }
}

export function checkParamEnums(report: Report, specs: readonly ParamSpec[], flags: FeatureFlags): void {
  const rule = 'no-invalid-param-enum';
  for (const { name, type, default: value, enum: choices } of specs) {
    const [first] = choices;
    if (first === undefined) continue;
    if (!isOn(flags, 'enable-param-enum')) {
      report('no-disabled-feature', first, 'found an enum, which needs the feature flag enable-param-enum');
    }
    if (type.text !== 'string')
      report(
        rule,
        first,
        `found an enum for the param ${quote(name.text)} of type ${type.text}, wanted type string`,
      );
    for (const choice of duplicates(choices))
      report(rule, choice, `found the choice ${quote(choice.text)} twice`);
    const text = value?.text.text ?? '';
    if (value !== undefined && text !== '' && !choices.some((choice) => choice.text === text)) {
      report(rule, value, `found the default ${quote(text)}, which is none of the enum`);
    }
  }
}

/** No param is passed twice. */
export function checkDuplicateParams(report: Report, params: readonly Param[]): void {
  for (const name of duplicates(params.map((param) => param.name))) {
    report('no-duplicate-param', name, `found a value for the param ${quote(name.text)} twice`);
  }
}

export function knownParams(specs: readonly ParamSpec[]): KnownParams {
  const arrays = specs.filter(({ type }) => type.text === 'array');
  const objects = specs.filter(({ type }) => type.text === 'object');
  const keys = new Map<string, Set<string>>();
  for (const { name, properties } of objects) {
    const known = keys.get(name.text) ?? new Set();
    keys.set(name.text, known);
    for (const key of properties?.keys() ?? []) known.add(key);
  }
  return {
    names: new Set(specs.map(({ name }) => name.text)),
    arrays: new Set(arrays.map(({ name }) => name.text)),
    objects: knownObjects(keys),
  };
}
