import { posix } from 'node:path';
import { BundlesError } from '../../errors.js';

const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Go writes no larger extended header. */
const EXTENDED_BYTES = 1 << 20;

/**
 * An archive with one file, byte for byte as Go's archive/tar writes it for a bundle's layer: mode 0600, no owner,
 * no time; USTAR, with a path prefix or an extended (PAX) header where the name needs one.
 *
 * @throws OBJECT_INVALID for a name that Go cannot write
 */
export function layerTar(name: string | Uint8Array, content: Uint8Array): Uint8Array {
  // One character per byte, so that lengths are byte lengths.
  const path = Buffer.from(name as string).toString('latin1');
  const split = isAscii(path) ? splitPath(path) : undefined;
  if (split) return archive([entry({ ...split, size: content.length }), content]);
  refuseImpossible(path);
  const records = Buffer.from(extendedRecord('path', path), 'latin1');
  return archive([
    extendedHeader(path, records.length),
    records,
    entry({ name: shorten(toAscii(path)), prefix: '', size: content.length }),
    content,
  ]);
}

/** Where a plain header can hold the path: whole, or cut at the last slash that leaves both parts short enough. */
function splitPath(path: string): { name: string; prefix: string } | undefined {
  if (path.endsWith('/')) return undefined;
  if (path.length <= NAME_BYTES) return { name: path, prefix: '' };
  const at = path.lastIndexOf('/', PREFIX_BYTES);
  const name = path.slice(at + 1);
  if (at <= 0 || name.length > NAME_BYTES) return undefined;
  return { name, prefix: path.slice(0, at) };
}

function refuseImpossible(path: string): void {
  const problem = path.endsWith('/')
    ? 'it ends with a slash'
    : path.includes('\0')
      ? 'it holds a NUL character'
      : path.length > EXTENDED_BYTES - 20
        ? 'it is too long'
        : undefined;
  if (problem === undefined) return;
  const shown = JSON.stringify(Buffer.from(path.slice(0, 200), 'latin1').toString());
  throw new BundlesError('OBJECT_INVALID', `Cannot write the object ${shown} into a layer: ${problem}`, {
    hint: 'Give metadata.name a valid Kubernetes name',
  });
}

interface Header {
  readonly name: string;
  readonly prefix: string;
  readonly size: number;
}

function entry({ name, prefix, size }: Header): Uint8Array {
  const header = blankHeader(name, { mode: 0o600, size, type: '0' });
  octal(header, 329, 0, 7);
  octal(header, 337, 0, 7);
  header.write(prefix, 345, 'latin1');
  return sealed(header);
}

function extendedHeader(path: string, size: number): Uint8Array {
  const slash = path.lastIndexOf('/') + 1;
  const joined = posix.join(path.slice(0, slash), 'PaxHeaders.0', path.slice(slash));
  const name = toAscii(joined).slice(0, NAME_BYTES).replace(/\/+$/, '');
  return sealed(blankHeader(name, { mode: 0, size, type: 'x' }));
}

function blankHeader(
  name: string,
  { mode, size, type }: { mode: number; size: number; type: string },
): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 'latin1');
  octal(header, 100, mode, 7);
  octal(header, 108, 0, 7);
  octal(header, 116, 0, 7);
  octal(header, 124, size, 11);
  octal(header, 136, 0, 11);
  header.write('        ', 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  return header;
}

function octal(header: Buffer, at: number, value: number, digits: number): void {
  header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
}

/** The checksum counts its own field as spaces. */
function sealed(header: Buffer): Buffer {
  let sum = 0;
  for (const byte of header) sum += byte;
  octal(header, 148, sum, 6);
  header[154] = 0;
  return header;
}

/** `LENGTH key=value\n`, where the length counts itself. */
function extendedRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

/** Of a name cut right behind slashes the first of them becomes NUL, or readers would see a directory. */
function shorten(name: string): string {
  if (name.length <= NAME_BYTES) return name;
  const cut = name.slice(0, NAME_BYTES);
  if (!cut.endsWith('/')) return cut;
  const end = cut.replace(/\/+$/, '').length;
  return `${cut.slice(0, end)}\0${cut.slice(end + 1)}`;
}

function isAscii(text: string): boolean {
  return !/[^\x01-\x7f]/.test(text);
}

function toAscii(text: string): string {
  return text.replace(/[^\x01-\x7f]/g, '');
}

/** All parts padded to whole blocks, then the two empty blocks that end an archive. */
function archive(parts: readonly Uint8Array[]): Uint8Array {
  const padded = (length: number) => Math.ceil(length / BLOCK) * BLOCK;
  const size = parts.reduce((sum, part) => sum + padded(part.length), 2 * BLOCK);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += padded(part.length);
  }
  return bytes;
}
