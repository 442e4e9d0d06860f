import type { YamlMap, YamlValue } from '../yaml/value.js';

/**
 * A JSON text as the values that `parseYaml` gives: integers beyond 2^53 keep every digit. The nesting is limited by
 * whoever found the text.
 *
 * @throws SyntaxError
 */
export function fromJson(text: string): YamlValue {
  if (!/\d{16}/.test(text)) return convert(JSON.parse(text), undefined);
  // Private characters that the text does not hold mark the integers that JSON.parse would round.
  let mark = '\ue000';
  while (text.includes(mark)) mark += '\ue001';
  const marked = text.replace(stringOrNumber, (token) => (isLong(token) ? `"${mark}${token}"` : token));
  return convert(JSON.parse(marked), mark);
}

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** Integers that a number cannot hold. */
function isLong(token: string): boolean {
  return /^-?[1-9]\d{15,}$/.test(token) && !Number.isSafeInteger(Number(token));
}

function convert(value: unknown, mark: string | undefined): YamlValue {
  if (Array.isArray(value)) return value.map((item) => convert(item, mark));
  if (typeof value === 'string' && mark !== undefined && value.startsWith(mark)) {
    return BigInt(value.slice(mark.length));
  }
  if (typeof value !== 'object' || value === null) return value as YamlValue;
  const map: YamlMap = new Map();
  for (const [key, item] of Object.entries(value)) map.set(key, convert(item, mark));
  return map;
}
