import { type ConfigNode, report } from '../../yaml-file/config-node.js';
import { nearest } from '../../yaml-file/nearest.js';
import { showText, showValue } from '../../yaml-file/show-text.js';

export interface TextRule {
  /** What the text must be, as the message says it after "wanted". */
  readonly wanted: string;
  /** A regular expression, or any other judge of a text. */
  readonly pattern?: { test(text: string): boolean };
  /** Most characters (code points); 1,000 unless told. */
  readonly longest?: number;
  readonly mayBeEmpty?: boolean;
}

/** The text at a place; undefined where absent or, reported, not as the rule says. */
export function parseText(place: ConfigNode, rule: TextRule): string | undefined {
  const { value } = place;
  const { wanted, pattern, longest = 1000, mayBeEmpty = false } = rule;
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    const unquoted = typeof value === 'number' || typeof value === 'boolean';
    report(place, `found ${showValue(value)}, wanted ${wanted}`, { unquoted });
    return undefined;
  }
  if (value.trim() === '' && !mayBeEmpty) return refuse(place, `found empty text, wanted ${wanted}`);
  const length = [...value.slice(0, longest * 2 + 2)].length;
  if (length > longest) return refuse(place, `found more than ${longest} characters, wanted ${wanted}`);
  if (/\p{Surrogate}/u.test(value))
    return refuse(place, `found half a character (a lone surrogate), wanted ${wanted}`);
  if (pattern?.test(value) === false) return refuse(place, `found ${showText(value)}, wanted ${wanted}`);
  return value;
}

/** One of a closed list of words; undefined where absent or, reported, none of them. */
export function parseChoice<Choice extends string>(
  place: ConfigNode,
  choices: readonly Choice[],
): Choice | undefined {
  const { value } = place;
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const close = typeof value === 'string' ? nearest(value, choices) : undefined;
  const hint = close === undefined ? undefined : `Did you mean ${showText(close)}?`;
  report(place, `found ${showValue(value)}, wanted one of ${choices.join(', ')}`, { hint });
  return undefined;
}

/** An integer that no reader rounds; undefined where absent or, reported, none. */
export function parseInteger(place: ConfigNode): number | undefined {
  const { value } = place;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  report(place, `found ${showValue(value)}, wanted an integer`);
  return undefined;
}

/** A finite number; undefined where absent or, reported, none. */
export function parseNumber(place: ConfigNode): number | undefined {
  const { value } = place;
  if (value === undefined) return undefined;
  const rounded = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value === 'number' && Number.isFinite(value) && !rounded) return value;
  report(place, `found ${showValue(value)}, wanted a number`);
  return undefined;
}

export function parseBoolean(place: ConfigNode): boolean | undefined {
  const { value } = place;
  if (value === undefined || typeof value === 'boolean') return value;
  report(place, `found ${showValue(value)}, wanted true or false`);
  return undefined;
}

function refuse(place: ConfigNode, message: string): undefined {
  report(place, message);
  return undefined;
}
