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

/** The text of a node; undefined where it is absent or breaks the rule, which is reported. */
export function parseText(node: ConfigNode, rule: TextRule): string | undefined {
  const { value } = node;
  const { wanted, pattern, longest = 1000, mayBeEmpty = false } = rule;
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    const unquoted = typeof value === 'number' || typeof value === 'boolean';
    report(node, `found ${showValue(value)}, wanted ${wanted}`, { unquoted });
    return undefined;
  }
  if (value.trim() === '' && !mayBeEmpty) return refuse(node, `found empty text, wanted ${wanted}`);
  const length = [...value.slice(0, longest * 2 + 2)].length;
  if (length > longest) return refuse(node, `found more than ${longest} characters, wanted ${wanted}`);
  if (/\p{Surrogate}/u.test(value))
    return refuse(node, `found half a character (a lone surrogate), wanted ${wanted}`);
  if (pattern?.test(value) === false) return refuse(node, `found ${showText(value)}, wanted ${wanted}`);
  return value;
}

/** One of a closed list of words; undefined where absent or, reported, none of them. */
export function parseChoice<Choice extends string>(
  node: ConfigNode,
  choices: readonly Choice[],
): Choice | undefined {
  const { value } = node;
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const close = typeof value === 'string' ? nearest(value, choices) : undefined;
  const hint = close === undefined ? undefined : `Did you mean ${showText(close)}?`;
  report(node, `found ${showValue(value)}, wanted one of ${choices.join(', ')}`, { hint });
  return undefined;
}

/** An integer that no reader rounds; undefined where absent or, reported, none. */
export function parseInteger(node: ConfigNode): number | undefined {
  const { value } = node;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  report(node, `found ${showValue(value)}, wanted an integer`);
  return undefined;
}

/** A finite number; undefined where absent or, reported, none. */
export function parseNumber(node: ConfigNode): number | undefined {
  const { value } = node;
  if (value === undefined) return undefined;
  const rounded = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value === 'number' && Number.isFinite(value) && !rounded) return value;
  report(node, `found ${showValue(value)}, wanted a number`);
  return undefined;
}

export function parseBoolean(node: ConfigNode): boolean | undefined {
  const { value } = node;
  if (value === undefined || typeof value === 'boolean') return value;
  report(node, `found ${showValue(value)}, wanted true or false`);
  return undefined;
}

function refuse(node: ConfigNode, message: string): undefined {
  report(node, message);
  return undefined;
}
