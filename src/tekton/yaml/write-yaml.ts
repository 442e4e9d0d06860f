import { resolveScalar } from './resolve-scalar.js';
import { TextBuilder } from './text-builder.js';
import type { YamlMap, YamlValue } from './value.js';

/**
 * A value as YAML that go-yaml, and readers of YAML 1.1 and 1.2 alike, read back as the same value:
 * `parseYaml(writeYaml(value))` equals `value`. Keys stand in the map's order; lists are not indented, as kubectl and
 * tkn write them; scripts are literal blocks. Ends with a newline. `quote` may give a text that has to be written in another
 * way: in double quotes, with escapes of the caller's choice.
 */
export function writeYaml(value: YamlValue, { quote }: { readonly quote?: Quote } = {}): string {
  const text = new YamlText(quote ?? (() => undefined));
  if (!isNested(value)) return `${inlineText(text, value)}\n`;
  writeBlock(text, value, { indent: 0, goesOn: false });
  return text.take();
}

/** The double-quoted form of a text that may not be written as it is. */
export type Quote = (text: string) => string | undefined;

class YamlText extends TextBuilder {
  readonly quote: Quote;

  constructor(quote: Quote) {
    super();
    this.quote = quote;
  }
}

/** Deeper than anything people read. Beyond it brackets are used: the spaces before lines would outgrow the text. */
const DEEPEST_INDENT = 40;

interface Position {
  readonly indent: number;
  /** The first line is behind a dash that was written already. */
  readonly goesOn: boolean;
}

function writeBlock(text: YamlText, value: YamlMap | YamlValue[], { indent, goesOn }: Position): void {
  let start = goesOn ? '' : spaces(indent);
  if (Array.isArray(value)) {
    for (const item of value) {
      text.add(start);
      start = spaces(indent);
      if (isBlock(item, indent)) {
        text.add('- ');
        writeBlock(text, item, { indent: indent + 2, goesOn: true });
      } else writeText(text, '- ', item, indent);
    }
    return;
  }
  for (const [key, item] of value) {
    text.add(start);
    start = spaces(indent);
    const name = keyStart(text, key, indent);
    if (isBlock(item, indent)) {
      text.add(`${name}\n`);
      writeBlock(text, item, { indent: Array.isArray(item) ? indent : indent + 2, goesOn: false });
    } else writeText(text, `${name} `, item, indent);
  }
}

function isBlock(value: YamlValue, indent: number): value is YamlMap | YamlValue[] {
  return isNested(value) && indent < DEEPEST_INDENT;
}

function keyStart(text: YamlText, key: string, indent: number): string {
  const name = text.quote(key) ?? (isPlain(key) ? key : quoted(key));
  // Readers give up on a key whose colon does not come within 1024 characters.
  return name.length < 1000 ? `${name}:` : `? ${name}\n${spaces(indent)}:`;
}

/** A value behind its key or dash; of a literal block the lines below it too. */
function writeText(text: YamlText, start: string, value: YamlValue, indent: number): void {
  text.add(start);
  if (isNested(value)) writeInline(text, value);
  else if (typeof value !== 'string') text.add(scalar(value));
  else if (text.quote(value) !== undefined) text.add(text.quote(value) ?? '');
  else if (isPlain(value)) text.add(value);
  else if (!isLiteral(value)) text.add(quoted(value));
  else {
    let end = value.length;
    while (value.charAt(end - 1) === '\n') end--;
    const breaks = value.length - end;
    text.add(breaks === 0 ? '|-' : breaks === 1 ? '|' : '|+');
    for (let at = 0; at <= end; ) {
      const found = value.indexOf('\n', at);
      const lineEnd = found < 0 || found > end ? end : found;
      text.add('\n');
      if (lineEnd > at) text.add(spaces(indent + 2));
      text.add(value.slice(at, lineEnd));
      at = lineEnd + 1;
    }
    text.add('\n'.repeat(Math.max(0, breaks - 1)));
  }
  text.add('\n');
}

/** In brackets, on one line. */
function writeInline(text: YamlText, value: YamlMap | YamlValue[]): void {
  const isList = Array.isArray(value);
  text.add(isList ? '[' : '{');
  let isFirst = true;
  for (const entry of value) {
    if (!isFirst) text.add(', ');
    isFirst = false;
    // Readers give up on a key whose colon does not come within 1024 characters.
    if (!isList) text.add(`? ${inlineText(text, (entry as [string, YamlValue])[0])} : `);
    const item = isList ? (entry as YamlValue) : (entry as [string, YamlValue])[1];
    if (isNested(item)) writeInline(text, item);
    else text.add(inlineText(text, item));
  }
  text.add(isList ? ']' : '}');
}

function inlineText(text: YamlText, value: YamlValue): string {
  return typeof value === 'string' ? (text.quote(value) ?? quoted(value)) : scalar(value);
}

/** What is on more lines than its own. */
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
