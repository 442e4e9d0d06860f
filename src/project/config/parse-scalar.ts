import { type ConfigNode, nothingHint, report } from '../../yaml-file/config-node.js';
import { nearestOrLonger } from '../../yaml-file/nearest.js';
import { showText, showValue, writeText } from '../../yaml-file/show-text.js';

export interface TextRule {
  /** What the text must be, as the message states it after "wanted". */
  readonly wanted: string;
  /** A regular expression, or any other judge of a text. */
  readonly pattern?: { test(text: string): boolean };
  /** Most characters (code points); 1,000 by default. */
  readonly longest?: number;
  readonly mayBeEmpty?: boolean;
  /** What would be right instead of a text that breaks the pattern. */
  readonly hint?: (text: string) => string | undefined;
}

/** The text of a node; undefined where it is absent or breaks the rule, which is reported. */
export function parseText(node: ConfigNode, rule: TextRule): string | undefined {
  const { value } = node;
  const { wanted, pattern, longest = 1000, mayBeEmpty = false, hint } = rule;
  if (value === undefined) return undefined;
  if (typeof value !== 'string') {
    const unquoted = typeof value === 'number' || typeof value === 'boolean';
    report(node, `found ${showValue(value)}, wanted ${wanted}`, { unquoted, hint: textHint(value) });
    return undefined;
  }
  if (value.trim() === '' && !mayBeEmpty) return refuse(node, `found empty text, wanted ${wanted}`);
  const length = [...value.slice(0, longest * 2 + 2)].length;
  if (length > longest) return refuse(node, `found more than ${longest} characters, wanted ${wanted}`);
  if (/\p{Surrogate}/u.test(value))
    return refuse(node, `found half a character (a lone surrogate), wanted ${wanted}`);
  if (pattern?.test(value) === false) {
    report(node, `found ${showText(value)}, wanted ${wanted}`, {
      hint: hint?.(value) ?? typographyHint(value),
    });
    return undefined;
  }
  return value;
}

function textHint(value: unknown): string | undefined {
  if (value === null) return nothingHint;
  if (typeof value !== 'object' || value === undefined) return undefined;
  const entries: [string, unknown][] = Object.entries(value);
  const [[key, only] = ['', undefined]] = entries;
  if (entries.length !== 1) return undefined;
  if (Array.isArray(value))
    return typeof only === 'string' ? `Write ${writeText(only)}, without brackets` : undefined;
  return only === null ? `Write it in quotes: ${showText(`{${key}}`)}` : undefined;
}

/** Characters that editors put in the place of plain ones. */
function typographyHint(text: string): string | undefined {
  if (/[\u2018-\u201f\u00ab\u00bb]/.test(text))
    return 'Replace the typographic quotes by " or leave them out';
  if (/[\u2010-\u2015\u2212]/.test(text)) return 'Replace the dash by -';
  return /^\s|\s$/.test(text) ? 'Remove the spaces at its ends' : undefined;
}

/** One of a closed list of words; undefined where absent or, reported, none of them. `instead` names the right one for others. */
export function parseChoice<Choice extends string>(
  node: ConfigNode,
  choices: readonly Choice[],
  instead: Readonly<Record<string, Choice>> = {},
): Choice | undefined {
  const { value } = node;
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const close = typeof value === 'string' ? nearestOrLonger(value, choices) : undefined;
  const known = Object.hasOwn(instead, String(value)) ? instead[String(value)] : undefined;
  const hint = known ? `Write ${known}` : close && `Did you mean ${showText(close)}?`;
  report(node, `found ${showValue(value)}, wanted one of ${choices.join(', ')}`, {
    hint: value === null ? nothingHint : hint,
  });
  return undefined;
}

/** An integer that no reader rounds; undefined where absent or, reported, none. */
export function parseInteger(node: ConfigNode): number | undefined {
  const { value } = node;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  report(node, `found ${showValue(value)}, wanted an integer`, { hint: numberHint(value) });
  return undefined;
}

/** A finite number; undefined where absent or, reported, none. */
export function parseNumber(node: ConfigNode): number | undefined {
  const { value } = node;
  if (value === undefined) return undefined;
  const rounded = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value === 'number' && Number.isFinite(value) && !rounded) return value;
  report(node, `found ${showValue(value)}, wanted a number`, { hint: numberHint(value) });
  return undefined;
}

export function parseBoolean(node: ConfigNode): boolean | undefined {
  const { value } = node;
  if (value === undefined || typeof value === 'boolean') return value;
  report(node, `found ${showValue(value)}, wanted true or false`, { hint: booleanHint(value) });
  return undefined;
}

function refuse(node: ConfigNode, message: string): undefined {
  report(node, message);
  return undefined;
}

function numberHint(value: unknown): string | undefined {
  if (value === null) return nothingHint;
  return typeof value === 'string' && /^-?[0-9]{1,15}$/.test(value)
    ? `Remove the quotes: ${value}`
    : undefined;
}

function booleanHint(value: unknown): string | undefined {
  if (value === null) return nothingHint;
  const word = String(value).toLowerCase();
  if (['true', 'yes', 'on', 'y', '1'].includes(word)) return 'Write true, without quotes';
  return ['false', 'no', 'off', 'n', '0'].includes(word) ? 'Write false, without quotes' : undefined;
}
