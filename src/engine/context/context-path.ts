import { isUtf8 } from 'node:buffer';
import { sep } from 'node:path';

/**
 * A path in a build context as text, with `/`. File names are bytes: a byte that is not UTF-8 is kept as the lone
 * surrogate U+DC00 + byte, which no UTF-8 text has, so that two names never become one.
 */
export function contextPath(name: Buffer): string {
  if (isUtf8(name)) return name.toString('utf8');
  let text = '';
  for (let at = 0; at < name.length; ) {
    const length = [1, 2, 3, 4].find((count) => isUtf8(name.subarray(at, at + count)));
    const whole = length !== undefined && at + length <= name.length;
    text += whole ? name.toString('utf8', at, at + length) : String.fromCharCode(0xdc00 + (name[at] ?? 0));
    at += whole ? length : 1;
  }
  return text;
}

/** A byte that is not UTF-8, as `contextPath` writes it. */
export const loneByte = /[\uDC80-\uDCFF]/u;

/** The same for the file system: text where that is possible. */
export function contextFile(directory: string, path: string): string | Buffer {
  if (!loneByte.test(path)) return path === '' ? directory : `${directory}${sep}${path}`;
  return Buffer.concat([Buffer.from(`${directory}${sep}`), contextBytes(path)]);
}

/** A path of `contextPath` as the bytes that it represents. */
export function contextBytes(path: string): Buffer {
  const parts: Buffer[] = [];
  for (const char of path) {
    const byte = loneByte.test(char) ? char.charCodeAt(0) - 0xdc00 : undefined;
    parts.push(byte === undefined ? Buffer.from(char, 'utf8') : Buffer.from([byte]));
  }
  return Buffer.concat(parts);
}
