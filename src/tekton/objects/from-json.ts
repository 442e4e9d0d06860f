import type { YamlMap, YamlValue } from '../yaml/value.js';

/**
 * A JSON text as the values that `parseYaml` gives: integers beyond 2^53 keep every digit. The nesting is limited by
 * anyone who found the text.
 *
 * @throws SyntaxError
 */
export function fromJson(text: string): YamlValue {
  // Without NumberLiterals it is a YamlValue.
  return (/\d{16}/.test(text) ? readJson(text, isLong) : convert(JSON.parse(text), undefined)) as YamlValue;
}

/**
 * A number of a JSON document as it is written, with a fraction or an exponent: Go looks at its characters, and takes
 * `1.0` for no whole number.
 */
export class NumberLiteral {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type LiteralMap = Map<string, LiteralValue>;
export type LiteralValue =
  | Exclude<YamlValue, YamlMap | YamlValue[]>
  | NumberLiteral
  | LiteralValue[]
  | LiteralMap;

/** The same with the numbers that have a fraction or an exponent as they are written. @throws SyntaxError */
export function fromJsonLiterally(text: string): LiteralValue {
  return readJson(text, (token) => isLong(token) || /[.eE]/.test(token));
}

/** The text with the numbers of which every character counts written as strings behind the mark. */
function markNumbers(text: string, mark: string, keeps: (token: string) => boolean): string {
  const marked: string[] = [];
  let from = 0;
  while (from < text.length) {
    const quote = text.indexOf('"', from);
    const end = quote < 0 ? text.length : quote;
    marked.push(
      text.slice(from, end).replace(number, (token) => (keeps(token) ? `"${mark}${token}"` : token)),
    );
    from = end === text.length ? end : stringEnd(text, end);
    marked.push(text.slice(end, from));
  }
  return marked.join('');
}

const number = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** Behind the quote that closes the string. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) return at + 1;
    if (code === 92) at++;
  }
  return text.length;
}

/** Integers that a number cannot hold. */
function isLong(token: string): boolean {
  return /^-?[1-9]\d{15,999}$/.test(token) && !Number.isSafeInteger(Number(token));
}

/** `keeps` states of which numbers every character counts. */
function readJson(text: string, keeps: (token: string) => boolean): LiteralValue {
  // Private characters that the text does not hold mark the numbers that JSON.parse would change.
  const runs = Array.from(text.matchAll(/\ue000\ue001*/g), ([run]) => run.length);
  const mark = `\ue000${'\ue001'.repeat(runs.reduce((most, length) => Math.max(most, length), 0))}`;
  return convert(JSON.parse(markNumbers(text, mark, keeps)), mark);
}

function convert(value: unknown, mark: string | undefined): LiteralValue {
  if (Array.isArray(value)) return value.map((item) => convert(item, mark));
  if (typeof value === 'string' && mark !== undefined && value.startsWith(mark)) {
    const token = value.slice(mark.length);
    return /[.eE]/.test(token) ? new NumberLiteral(token) : BigInt(token);
  }
  // Beyond what a number can be; JSON has no other way to write it.
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return String(value);
  if (typeof value !== 'object' || value === null) return value as LiteralValue;
  const map: LiteralMap = new Map();
  for (const [key, item] of Object.entries(value)) map.set(key, convert(item, mark));
  return map;
}
