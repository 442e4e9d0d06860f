import type { YamlMap, YamlValue } from '../yaml/value.js';

/**
 * The bytes that Go's `encoding/json` writes for a generic map: keys in the order of their UTF-8 bytes,
 * no spaces, `<`, `>`, `&`, U+2028 and U+2029 escaped, no newline at the end.
 */
export function toCanonicalJson(value: YamlValue): Uint8Array {
  const writer = new JsonWriter();
  writer.write(value);
  return writer.end();
}

/** A text this long is turned into bytes: a string that only grows keeps every piece it was made of. */
const CHUNK = 64 * 1024;

class JsonWriter {
  readonly #chunks: Uint8Array[] = [];
  #text = '';

  write(value: YamlValue): void {
    if (typeof value === 'string') this.#add(JSON.stringify(value));
    else if (typeof value === 'number') this.#add(Object.is(value, -0) ? '-0' : String(value));
    else if (value === null || typeof value !== 'object') this.#add(String(value));
    else if (Array.isArray(value)) this.#list(value);
    else this.#map(value);
  }

  end(): Uint8Array {
    this.#flush();
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
  }

  #list(list: readonly YamlValue[]): void {
    this.#text += '[';
    let isFirst = true;
    for (const item of list) {
      if (!isFirst) this.#text += ',';
      isFirst = false;
      this.write(item);
    }
    this.#text += ']';
  }

  #map(map: YamlMap): void {
    this.#text += '{';
    let isFirst = true;
    for (const key of sortedKeys(map)) {
      this.#text += `${isFirst ? '' : ','}${JSON.stringify(key)}:`;
      isFirst = false;
      this.write(map.get(key) ?? null);
    }
    this.#text += '}';
  }

  #add(text: string): void {
    this.#text += text;
    if (this.#text.length > CHUNK) this.#flush();
  }

  #flush(): void {
    const text = this.#text;
    this.#text = '';
    this.#chunks.push(Buffer.from(escapeJsonForHtml(text)));
  }
}

function sortedKeys(map: YamlMap): string[] {
  const keys = [...map.keys()];
  // UTF-16 units sort like UTF-8 bytes except where surrogates meet U+E000 and above.
  return keys.some((key) => /[\ud800-\uffff]/.test(key)) ? keys.sort(compareUtf8) : keys.sort();
}

function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** JSON with the escapes of Go's encoder: one pass over the whole text, since these characters occur only inside its strings. */
export function escapeJsonForHtml(text: string): string {
  return /[<>&\u2028\u2029]/.test(text) ? text.replaceAll(/[<>&\u2028\u2029]/g, escapeForHtml) : text;
}

function escapeForHtml(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
