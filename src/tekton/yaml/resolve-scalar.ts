import type { ScalarNode } from './builder.js';
import { YamlProblem } from './yaml-problem.js';

const PREFIX = 'tag:yaml.org,2002:';
const STR = `${PREFIX}str`;

export type Resolved =
  | { readonly type: 'null'; readonly value: null }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly value: number | bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'timestamp' | 'str'; readonly value: string };

/** False for most strings, at the cost of one look: they are nothing but text. */
export function looksResolvable(text: string): boolean {
  const code = text.charCodeAt(0);
  if (code > 57) return text.length <= LONGEST_WORD && words.has(text);
  return code >= 48 || code === 43 || code === 45 || code === 46 || text === '';
}

/**
 * What an unquoted or tagged scalar means, by go-yaml v2's rules (mostly YAML 1.1).
 * Undefined when `tag` asks for a type that `text` does not have.
 */
export function resolveScalar(text: string, tag: string): Resolved | undefined {
  if (tag === '' || tag === '!') {
    if (tag === '!' || !looksResolvable(text)) return { type: 'str', value: text };
    return resolvePlain(text);
  }
  if (tag === STR || !resolvableTags.has(tag)) return { type: 'str', value: text };
  const wanted = tag.slice(PREFIX.length);
  if (wanted === 'timestamp') return isTimestamp(text) ? { type: 'timestamp', value: text } : undefined;
  const resolved = looksResolvable(text) ? resolvePlain(text) : undefined;
  if (resolved?.type === wanted) return resolved;
  if (wanted === 'float' && resolved?.type === 'int' && resolved.value <= 9223372036854775807n) {
    return { type: 'float', value: Number(resolved.value) };
  }
  return undefined;
}

const resolvableTags = new Set(['bool', 'int', 'float', 'null', 'timestamp'].map((name) => PREFIX + name));

const words = new Map<string, Resolved>();
/** Of those that start with a letter. */
const LONGEST_WORD = 'false'.length;
const TRUE: Resolved = { type: 'bool', value: true };
const FALSE: Resolved = { type: 'bool', value: false };
const NULL: Resolved = { type: 'null', value: null };
for (const word of 'y Y yes Yes YES true True TRUE on On ON'.split(' ')) words.set(word, TRUE);
for (const word of 'n N no No NO false False FALSE off Off OFF'.split(' ')) words.set(word, FALSE);
for (const word of ['', '~', 'null', 'Null', 'NULL']) words.set(word, NULL);
for (const word of ['.nan', '.NaN', '.NAN']) words.set(word, { type: 'float', value: Number.NaN });
for (const word of ['.inf', '.Inf', '.INF']) {
  words.set(word, { type: 'float', value: Number.POSITIVE_INFINITY });
  words.set(`+${word}`, { type: 'float', value: Number.POSITIVE_INFINITY });
  words.set(`-${word}`, { type: 'float', value: Number.NEGATIVE_INFINITY });
}

function resolvePlain(text: string): Resolved {
  const word = words.get(text);
  if (word !== undefined) return word;
  const code = text.charCodeAt(0);
  if (code === 46) return resolveDotFloat(text);
  if ((code >= 48 && code <= 57) || code === 43 || code === 45) return resolveNumber(text);
  return { type: 'str', value: text };
}

/** Go's ParseFloat, which lets `_` stand between digits, on what starts with a dot. */
function resolveDotFloat(text: string): Resolved {
  if (/^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/.test(text)) {
    const value = Number(text.replaceAll('_', ''));
    if (Number.isFinite(value)) return { type: 'float', value };
  }
  return { type: 'str', value: text };
}

function resolveNumber(text: string): Resolved {
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  const int = parseInteger(plain);
  if (int !== undefined) return { type: 'int', value: int };
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain)) {
    const value = Number(plain);
    if (Number.isFinite(value)) return { type: 'float', value };
  }
  return { type: 'str', value: text };
}

const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]([0-7]+)|0([0-7]*)|([1-9][0-9]*))$/;

/** Go's ParseInt, then ParseUint, with base 0: 64 bits, and a sign only for the signed range. */
function parseInteger(text: string): number | bigint | undefined {
  // go-yaml reads what follows 0b once more as a signed number.
  const signedBinary = /^0b([-+])([01]+)$/.exec(text);
  const match = signedBinary ? null : integer.exec(text);
  if (signedBinary === null && match === null) return undefined;
  const sign = signedBinary?.[1] ?? match?.[1] ?? '';
  const value = signedBinary ? digits(signedBinary[2] ?? '', 2) : magnitude(match ?? []);
  if (value === undefined) return undefined;
  if (typeof value === 'number') return sign === '-' && value !== 0 ? -value : value;
  const limit =
    sign === '' ? 18446744073709551615n : sign === '-' ? 9223372036854775808n : 9223372036854775807n;
  if (value > limit) return undefined;
  return sign === '-' ? -value : value;
}

function magnitude([, , hex, binary, octal, zeroOctal, decimal]: readonly string[]):
  | number
  | bigint
  | undefined {
  if (decimal !== undefined) return digits(decimal, 10);
  if (hex !== undefined) return digits(hex, 16);
  if (binary !== undefined) return digits(binary, 2);
  return digits(octal ?? (zeroOctal === '' ? '0' : (zeroOctal ?? '0')), 8);
}

/** Undefined when the digits cannot be 64 bits; bigint only beyond 2^53. */
function digits(text: string, base: 2 | 8 | 10 | 16): number | bigint | undefined {
  const value = Number.parseInt(text, base);
  if (Number.isSafeInteger(value)) return value;
  if (value > 2 ** 65) return undefined;
  const significant = text.replace(/^0+/, '');
  return BigInt(base === 10 ? significant : `${{ 2: '0b', 8: '0o', 16: '0x' }[base]}${significant}`);
}

const timestamp =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]{1,9})?(?:Z|[-+]([0-9]{2}):([0-9]{2}))| ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]{1,9})?)?$/;

/** Whether go-yaml takes this text for a time; it matters only for values with the tag !!timestamp. */
function isTimestamp(text: string): boolean {
  const match = timestamp.exec(text);
  if (match === null) return false;
  const field = (...groups: number[]): number =>
    Number(groups.map((group) => match[group]).find(Boolean) ?? 0);
  const [year, month, day] = [field(1), field(2), field(3)];
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return false;
  return field(4, 9) < 24 && field(5, 10) < 60 && field(6, 11) < 60 && field(7) < 24 && field(8) < 60;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The text of a `!!binary` scalar. Bytes that are not UTF-8 are refused: JSON would lose them. */
export function decodeBinary(node: ScalarNode): string {
  const base64 = node.value.replaceAll(/[\r\n]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw new YamlProblem(node.offset, 'found !!binary whose text is not base64');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, 'base64'));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new YamlProblem(
      node.offset,
      'found !!binary bytes that are not UTF-8 text, which JSON cannot hold',
    );
  }
}
