import { resolveScalar } from './resolve-scalar.js';
import type { YamlMap, YamlValue } from './value.js';

/**
 * A value as YAML that go-yaml, and readers of YAML 1.1 and 1.2 alike, read back as the same value:
 * `parseYaml(writeYaml(value))` equals `value`. Keys stand in the map's order; lists are not indented, as kubectl and
 * tkn write them; scripts are literal blocks. Ends with a newline.
 */
export function writeYaml(value: YamlValue): string {
  if (isNested(value)) return `${blockOf(value, 0).join('\n')}\n`;
  return `${typeof value === 'string' ? quoted(value) : scalar(value)}\n`;
}

function blockOf(value: YamlMap | YamlValue[], indent: number): string[] {
  return Array.isArray(value)
    ? value.flatMap((item) => itemLines(item, indent))
    : [...value].flatMap(([key, item]) => entryLines(key, item, indent));
}

function itemLines(item: YamlValue, indent: number): string[] {
  if (!isNested(item)) return textLines('- ', item, indent);
  const [first = '', ...rest] = blockOf(item, indent + 2);
  return [`${spaces(indent)}- ${first.slice(indent + 2)}`, ...rest];
}

function entryLines(key: string, item: YamlValue, indent: number): string[] {
  const name = isPlain(key) ? key : quoted(key);
  // Readers give up on a key whose colon does not come within 1024 characters.
  const start = name.length < 1000 ? `${name}:` : `? ${name}\n${spaces(indent)}:`;
  if (!isNested(item)) return textLines(`${start} `, item, indent);
  const inner = blockOf(item, Array.isArray(item) ? indent : indent + 2);
  return [spaces(indent) + start, ...inner];
}

/** A scalar behind its key or dash; of a literal block the lines below it too. */
function textLines(start: string, value: YamlValue, indent: number): string[] {
  const begin = spaces(indent) + start;
  if (typeof value !== 'string') return [begin + scalar(value)];
  if (isPlain(value)) return [begin + value];
  if (!isLiteral(value)) return [begin + quoted(value)];
  const [, body = '', end = ''] = /^(.*?)(\n*)$/s.exec(value) ?? [];
  const chomping = end === '' ? '-' : end === '\n' ? '' : '+';
  const lines = [...body.split('\n'), ...Array.from({ length: Math.max(0, end.length - 1) }, () => '')];
  return [`${begin}|${chomping}`, ...lines.map((line) => (line === '' ? '' : spaces(indent + 2) + line))];
}

/** What stands on more lines than its own. */
function isNested(value: YamlValue): value is YamlMap | YamlValue[] {
  if (Array.isArray(value)) return value.length > 0;
  return value instanceof Map && value.size > 0;
}

function scalar(value: YamlValue): string {
  if (Array.isArray(value)) return '[]';
  if (value instanceof Map) return '{}';
  return Object.is(value, -0) ? '-0.0' : String(value);
}

const unprintable =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
/** Nothing that YAML takes for an indicator at its start, or as the start of a comment or of a value inside. */
const plain = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`=<]|-(?=[A-Za-z-]))(?:[^\n\t]*[^\s:])?$/;
/** Numbers and times of any reader. */
const numeric = /^[-+.]?[0-9][0-9_.,:eExXoObBa-fA-FtTzZ +-]*$/;

function isPlain(text: string): boolean {
  if (!plain.test(text) || unprintable.test(text) || numeric.test(text)) return false;
  if (/: |:$| #|\t|^---|^\.\.\.$/.test(text)) return false;
  return resolveScalar(text, '')?.type === 'str';
}

/** A block whose first line shows how far it is indented. */
function isLiteral(text: string): boolean {
  return text.includes('\n') && /^[^\s]/.test(text) && !unprintable.test(text);
}

function quoted(text: string): string {
  const isSimple = !unprintable.test(text) && !/['\n\t\\]/.test(text);
  if (isSimple) return `'${text}'`;
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function spaces(count: number): string {
  return ' '.repeat(count);
}
