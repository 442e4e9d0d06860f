import type { Text } from '../field.js';
import { quote, type Report } from '../problem.js';
import {
  isPlainName,
  isWholeListReference,
  keyReferencesIn,
  type References,
  referencesIn,
  referenceTexts,
  wholeReferencesIn,
  withoutIndex,
  withoutStar,
} from './references.js';

/** The params that a text may use. */
export interface KnownParams {
  readonly names: KnownNames;
  readonly arrays: Pick<KnownNames, 'has'>;
  readonly objects: KnownObjects;
}

export interface KnownNames extends Iterable<string> {
  readonly size: number;
  has(name: string): boolean;
}

/** Params of type object and their keys. */
export interface KnownObjects {
  get(name: string): ReadonlySet<string> | undefined;
  /** Refused names that Tekton first uses as regular expressions; only a few of them. */
  readonly odd: readonly string[];
}

const MOST_ODD_NAMES = 8;

export function knownObjects(keys: ReadonlyMap<string, ReadonlySet<string>>): KnownObjects {
  const odd = [...keys.keys()].filter((name) => !isPlainName(name)).slice(0, MOST_ODD_NAMES);
  return { get: (name) => keys.get(name), odd };
}

/** What is declared here and around it, in time that grows with what is declared here. */
export function nestedParams(own: KnownParams, outer: KnownParams): KnownParams {
  const more = [...own.names].filter((name) => !outer.names.has(name));
  return {
    names: {
      size: outer.names.size + more.length,
      has: (name) => own.names.has(name) || outer.names.has(name),
      *[Symbol.iterator]() {
        yield* own.names;
        for (const name of outer.names) if (!own.names.has(name)) yield name;
      },
    },
    arrays: { has: (name) => own.arrays.has(name) || outer.arrays.has(name) },
    objects: {
      get(name) {
        const [here, around] = [own.objects.get(name), outer.objects.get(name)];
        return here && around ? new Set([...here, ...around]) : (here ?? around);
      },
      odd: [...new Set([...own.objects.odd, ...outer.objects.odd])],
    },
  };
}

/** Variables with one prefix, and the rule that checks them. */
export interface Namespace {
  /** Source of a regular expression, e.g. `context\.task`. */
  readonly prefix: string;
  readonly rule: string;
  /** What the names are of, for messages: `param`, `result`. */
  readonly noun: string;
}

const params: Namespace = { prefix: 'params', rule: 'no-undefined-param', noun: 'param' };

/** Reports the use of a variable that is none of `known`. */
export function checkKnown(
  report: Report,
  text: Text,
  namespace: Namespace & { readonly known: KnownNames },
): void {
  reportUnknown(report, text, referencesIn(text.text, namespace.prefix), namespace);
}

function reportUnknown(
  report: Report,
  text: Text,
  { names, tooManyDots }: References,
  { prefix, rule, noun, known }: Namespace & { readonly known: KnownNames },
): void {
  if (tooManyDots) {
    reportDots(report, text, prefix);
    return;
  }
  const reported = new Set<string>();
  for (const name of names.map(withoutIndex)) {
    if (known.has(name) || reported.has(name)) continue;
    reported.add(name);
    report(rule, text, `found the ${noun} ${quote(name)}, which is not declared${listOf(known)}`);
  }
}

/** Reports whole arrays and objects, and unknown params and keys, where a single string is required. */
export function checkStringUse(report: Report, text: Text, known: KnownParams): void {
  checkKnown(report, text, { ...params, known: known.names });
  checkObjectUse(report, text, known.objects);
  checkNoArrays(report, text, known.arrays);
}

/** The same where a whole array is allowed. */
export function checkArrayUse(report: Report, text: Text, known: KnownParams): void {
  checkKnown(report, text, { ...params, known: known.names });
  checkObjectUse(report, text, known.objects);
  checkIsolated(report, text, known.arrays);
}

/** The value of a param: the whole of an array or object that is passed on, or a string. */
export function checkValueUse(report: Report, text: Text, known: KnownParams): void {
  if (isWholeListReference(text.text, params.prefix))
    checkKnown(report, text, { ...params, known: known.names });
  else checkStringUse(report, text, known);
}

export function checkObjectUse(report: Report, text: Text, objects: KnownObjects): void {
  checkKeys(report, text, objects);
  checkNoWholeObjects(report, text, objects);
}

/** Reports keys that objects do not have. */
export function checkKeys(report: Report, text: Text, objects: KnownObjects): void {
  const found = new Map(keyReferencesIn(text.text, params.prefix));
  for (const name of objects.odd) found.set(name, referencesIn(text.text, `params\\.${name}`));
  for (const [name, references] of found) {
    const known = objects.get(name);
    const noun = `key of the object ${quote(name)}`;
    const namespace = { prefix: `params\\.${name}`, rule: params.rule, noun };
    if (known !== undefined) reportUnknown(report, text, references, { ...namespace, known });
  }
}

export function checkNoWholeObjects(report: Report, text: Text, objects: KnownObjects): void {
  for (const name of wholeReferencesIn(text.text, params.prefix).map(withoutStar)) {
    if (objects.get(name) === undefined) continue;
    report(
      'no-invalid-param-use',
      text,
      `found the whole object ${quote(name)}, wanted one of its keys, e.g. $(params.${name}.key)`,
    );
  }
}

export function checkNoArrays(report: Report, text: Text, arrays: Pick<KnownNames, 'has'>): void {
  const { names, tooManyDots } = referencesIn(text.text, params.prefix);
  if (tooManyDots) {
    reportDots(report, text, params.prefix);
    return;
  }
  for (const name of names.map(withoutStar)) {
    if (!arrays.has(name)) continue;
    report(
      'no-invalid-param-use',
      text,
      `found the whole array ${quote(name)} in a string, wanted one element, e.g. $(params.${name}[0])`,
    );
  }
}

export function checkIsolated(report: Report, text: Text, arrays: Pick<KnownNames, 'has'>): void {
  const { names, tooManyDots } = referencesIn(text.text, params.prefix);
  if (tooManyDots) {
    reportDots(report, text, params.prefix);
    return;
  }
  const [first = ''] = referenceTexts(text.text, params.prefix);
  for (const name of names.map(withoutStar)) {
    if (!arrays.has(name) || first.length === text.text.length) continue;
    report(
      'no-invalid-param-use',
      text,
      `found the whole array ${quote(name)} within other text, wanted $(params.${name}[*]) alone`,
    );
  }
}

function reportDots(report: Report, text: Text, prefix: string): void {
  const shown = prefix.replaceAll('\\', '');
  report(
    'no-invalid-reference',
    text,
    `found more than two names after $(${shown}., wanted $(${shown}.name), $(${shown}.name.key) or $(${shown}["name"])`,
  );
}

/** What there is, where it is little. */
function listOf(known: KnownNames): string {
  if (known.size === 0 || known.size > 6) return '';
  return `; declared: ${[...known].map(quote).join(', ')}`;
}
