import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstTarEntry } from './first-tar-entry.js';
import { layerTar } from './layer-tar.js';

const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

test('any archive that we write is read back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      fc.uint8Array({ maxLength: 1500 }),
      (name, content) => {
        const usable = name.replaceAll('\0', '').replace(/\/+$/, '');
        expect(firstTarEntry(layerTar(usable, content))).toEqual(content);
      },
    ),
  );
});

test('later entries are passed over', () => {
  const first = layerTar('a', Buffer.from('first')).slice(0, -1024);
  expect(text(firstTarEntry(Buffer.concat([first, layerTar('b', Buffer.from('second'))])))).toBe('first');
});

test('other bytes are not an archive', () => {
  const tar = layerTar('a', Buffer.from('content'));
  const directory = Buffer.from(tar);
  directory[156] = '5'.charCodeAt(0);
  const sealed = Buffer.from(directory);
  sealed.write(
    (Number.parseInt(sealed.toString('latin1', 148, 154), 8) + 5).toString(8).padStart(6, '0'),
    148,
  );
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.alloc(2048),
    tar.subarray(0, 511),
    tar.subarray(0, 515),
    directory,
    sealed,
  ]) {
    expect(firstTarEntry(bytes)).toBeUndefined();
  }
});

test('the records of an extended header are not a trap', () => {
  const tar = layerTar('é', Buffer.from('{"a":1}'));
  const records = ['13 path=é\n', '0 path=é\n', 'xxxxxxxxxx', ' path=é\n', '1', '99 path=é\n', '2 path=é\n'];
  for (const record of records) {
    const bytes = Buffer.from(tar);
    bytes.fill(0x20, 512, 1024);
    bytes.write(record, 512);
    expect(text(firstTarEntry(bytes)), record).toBe('{"a":1}');
    bytes.fill('y', 512, 1024);
    expect(text(firstTarEntry(bytes))).toBe('{"a":1}');
  }
});

test('the size in an extended header holds for the entry behind it', () => {
  const tar = Buffer.from(layerTar('é'.repeat(10), Buffer.from('{"a":1}')));
  const record = tar.toString('utf8', 512, 512 + Number.parseInt(tar.toString('latin1', 124, 135), 8));
  const shorter = '10 size=3\n'.padEnd(Buffer.byteLength(record), ' ');
  tar.write(shorter, 512);
  expect(text(firstTarEntry(tar))).toBe('{"a');
});

test('no change of one byte makes the reader fail or read beyond the archive', () => {
  const tar = layerTar('é'.repeat(80), Buffer.from('{"a":1}'));
  fc.assert(
    fc.property(fc.nat(tar.length - 1), fc.nat(255), fc.nat(tar.length), (at, byte, length) => {
      const bytes = tar.slice(0, length);
      if (at < length) bytes[at] = byte;
      const entry = firstTarEntry(bytes);
      if (entry) expect(entry.byteOffset + entry.length).toBeLessThanOrEqual(bytes.byteOffset + bytes.length);
    }),
    { numRuns: 2000 },
  );
});
