import type { Text } from './field.js';
import { quote, type Report } from './problem.js';
import {
  isWholeListReference,
  referencesIn,
  referenceTexts,
  wholeReferencesIn,
  withoutIndex,
  withoutStar,
} from './references.js';

/** The params that a text may use. */
export interface KnownParams {
  readonly names: ReadonlySet<string>;
  readonly arrays: ReadonlySet<string>;
  /** The keys of each object. */
  readonly objects: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Variables with one prefix, and the rule that asks for them. */
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
  { prefix, rule, noun, known }: Namespace & { readonly known: ReadonlySet<string> },
): void {
  const { names, tooManyDots } = referencesIn(text.text, prefix);
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

/** Reports whole arrays and objects, and unknown params and keys, where a single string has to stand. */
export function checkStringUse(report: Report, text: Text, known: KnownParams): void {
  checkKnown(report, text, { ...params, known: known.names });
  checkObjectUse(report, text, known.objects);
  checkNoArrays(report, text, known.arrays);
}

/** The same where a whole array may stand by itself. */
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

export function checkObjectUse(
  report: Report,
  text: Text,
  objects: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  for (const [name, keys] of objects) checkKeys(report, text, { name, keys });
  checkNoWholeObjects(report, text, objects);
}

export function checkKeys(
  report: Report,
  text: Text,
  { name, keys }: { readonly name: string; readonly keys: ReadonlySet<string> },
): void {
  const noun = `key of the object ${quote(name)}`;
  checkKnown(report, text, { prefix: `params\\.${name}`, rule: params.rule, noun, known: keys });
}

export function checkNoWholeObjects(
  report: Report,
  text: Text,
  objects: Pick<ReadonlyMap<string, unknown>, 'has'>,
): void {
  for (const name of wholeReferencesIn(text.text, params.prefix).map(withoutStar)) {
    if (!objects.has(name)) continue;
    report(
      'no-invalid-param-use',
      text,
      `found the whole object ${quote(name)}, wanted one of its keys, e.g. $(params.${name}.key)`,
    );
  }
}

export function checkNoArrays(report: Report, text: Text, arrays: ReadonlySet<string>): void {
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

export function checkIsolated(report: Report, text: Text, arrays: ReadonlySet<string>): void {
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
    `found more than two names behind $(${shown}., wanted $(${shown}.name), $(${shown}.name.key) or $(${shown}["name"])`,
  );
}

/** What there is, where it is little. */
function listOf(known: ReadonlySet<string>): string {
  if (known.size === 0) return '';
  const names = [...known].slice(0, 6).map(quote).join(', ');
  return known.size > 6 ? '' : `; declared: ${names}`;
}
