import type { YamlMap, YamlValue } from '../yaml/value.js';

/**
 * A JSON text as the values that `parseYaml` gives: integers beyond 2^53 keep every digit. The nesting is limited by
 * whoever found the text.
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

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** Integers that a number cannot hold. */
function isLong(token: string): boolean {
  return /^-?[1-9]\d{15,}$/.test(token) && !Number.isSafeInteger(Number(token));
}

/** `keeps` says of which numbers every character counts. */
function readJson(text: string, keeps: (token: string) => boolean): LiteralValue {
  // Private characters that the text does not hold mark the numbers that JSON.parse would change.
  let mark = '\ue000';
  while (text.includes(mark)) mark += '\ue001';
  const marked = text.replace(stringOrNumber, (token) =>
    token.startsWith('"') || !keeps(token) ? token : `"${mark}${token}"`,
  );
  return convert(JSON.parse(marked), mark);
}

function convert(value: unknown, mark: string | undefined): LiteralValue {
  if (Array.isArray(value)) return value.map((item) => convert(item, mark));
  if (typeof value === 'string' && mark !== undefined && value.startsWith(mark)) {
    const token = value.slice(mark.length);
    return /[.eE]/.test(token) ? new NumberLiteral(token) : BigInt(token);
  }
  if (typeof value !== 'object' || value === null) return value as LiteralValue;
  const map: LiteralMap = new Map();
  for (const [key, item] of Object.entries(value)) map.set(key, convert(item, mark));
  return map;
}
