import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sharedPath, testWithShared } from '../../../test/support/shared.js';
import { sha256Hex } from '../../bytes/sha256.js';
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

test.each([
  ['a plain name', 'git-clone', '97b661b309f43079'],
  ['100 bytes', 'a'.repeat(100), 'f29ddb49b3a99a2c'],
  ['101 bytes', 'a'.repeat(101), 'adb9e0d17f56ad32'],
  ['253 bytes', 'a'.repeat(253), 'cb5330d90986a902'],
  ['a slash to cut at', `${'d'.repeat(60)}/${'e'.repeat(60)}`, 'c7635a473b303097'],
  ['the longest two parts', `${'p'.repeat(155)}/${'n'.repeat(100)}`, 'a22dc721e8789c08'],
  ['a first part too long', `${'p'.repeat(156)}/${'n'.repeat(99)}`, 'e0feffd7a784f0c5'],
  ['a second part too long', `${'p'.repeat(60)}/${'n'.repeat(101)}`, 'c270baec2742a4bf'],
  ['a slash at its begin', `/${'n'.repeat(101)}`, 'b9e36f1ecd269742'],
  ['a letter beyond ASCII', 'é-task', 'bb1303648a2d67f4'],
  ['such a letter in a folder', 'x/é/y', '9a37f753ef8a155a'],
  ['a way up', '../é', '76130a824a3c20a7'],
  ['no ASCII at all', 'é'.repeat(60), 'cdb270a197d026a9'],
  ['a slash where it is cut', `${'c'.repeat(99)}/${'b'.repeat(160)}`, 'b893cdfdfc045421'],
  ['two slashes where it is cut', `${'c'.repeat(98)}//${'b'.repeat(160)}`, '424bb9629f27ef17'],
  ['space and equals sign', 'a b=c', '9529b17df12bbedb'],
  ['nothing', '', '8d2c0ceaa2822991'],
])('a name with %s is written as Go 1.26.8 wrote it', (_, name, wanted) => {
  expect(sha256Hex(layerTar(name, content)).slice(0, 16)).toBe(wanted);
});

test.each([0, 1, 511, 512, 513])('a content of %i bytes is padded to whole blocks', (size) => {
  const tar = layerTar('a', Buffer.alloc(size, 'x'));
  expect(tar.length).toBe(512 + Math.ceil(size / 512) * 512 + 1024);
  expect(tar.subarray(512 + size).every((byte) => byte === 0)).toBe(true);
});

test.each(['a/', 'a\0b', 'é/'])('the name %j is refused', (name) => {
  expect(() => layerTar(name, content)).toThrow(expect.objectContaining({ code: 'OBJECT_INVALID' }));
});
