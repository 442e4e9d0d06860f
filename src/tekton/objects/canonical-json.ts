import type { YamlMap, YamlValue } from '../yaml/value.js';

/**
 * The bytes that Go's `encoding/json` writes for a generic map: keys in the order of their UTF-8 bytes,
 * no spaces, `<`, `>`, `&`, U+2028 and U+2029 escaped, no newline at the end.
 */
export function toCanonicalJson(value: YamlValue): Uint8Array {
  const text = write(value);
  // One pass over the whole text: these characters occur only inside its strings.
  return Buffer.from(
    /[<>&\u2028\u2029]/.test(text) ? text.replaceAll(/[<>&\u2028\u2029]/g, escapeForHtml) : text,
  );
}

function write(value: YamlValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (!Array.isArray(value)) return writeMap(value);
  let text = '[';
  for (const item of value) text += text === '[' ? write(item) : `,${write(item)}`;
  return `${text}]`;
}

function writeMap(map: YamlMap): string {
  let text = '{';
  for (const key of sortedKeys(map)) {
    const entry = `${JSON.stringify(key)}:${write(map.get(key) ?? null)}`;
    text += text === '{' ? entry : `,${entry}`;
  }
  return `${text}}`;
}

function sortedKeys(map: YamlMap): string[] {
  const keys = [...map.keys()];
  // UTF-16 units sort like UTF-8 bytes except where surrogates meet U+E000 and above.
  return keys.some((key) => /[\ud800-\uffff]/.test(key)) ? keys.sort(compareUtf8) : keys.sort();
}

function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function escapeForHtml(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
