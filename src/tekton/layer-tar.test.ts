import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { sharedPath, testWithShared } from '../../test/support/shared.js';
import { layerTar } from './layer-tar.js';

const content = Buffer.from('{"a":1}');

testWithShared('vectors/tar')('every shared archive is written byte for byte', () => {
  const files = readdirSync(sharedPath('vectors/tar')).filter((file) => file.endsWith('.tar'));
  expect(files.length).toBe(12);
  for (const file of files) {
    const wanted = readFileSync(sharedPath(`vectors/tar/${file}`));
    const made = layerTar(nameIn(wanted), content);
    expect(Buffer.from(made).equals(wanted), file).toBe(true);
  }
});

/** The name that the archive was made for: from its extended header, or from name and prefix. */
function nameIn(tar: Buffer): Uint8Array {
  const field = (at: number, length: number) => {
    const bytes = tar.subarray(at, at + length);
    const end = bytes.indexOf(0);
    return end < 0 ? bytes : bytes.subarray(0, end);
  };
  if (tar[156] === 'x'.charCodeAt(0)) {
    const size = Number.parseInt(field(124, 12).toString('latin1'), 8);
    const record = tar.subarray(512, 512 + size);
    return record.subarray(record.indexOf('=') + 1, size - 1);
  }
  const prefix = field(345, 155);
  return prefix.length === 0 ? field(0, 100) : Buffer.concat([prefix, Buffer.from('/'), field(0, 100)]);
}
