import { createRequire } from 'node:module';
import { assert, property, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { sha256Hex } from './sha256.js';

interface Oracle {
  SHA256(words: object): { toString(): string };
  readonly enc: { readonly Hex: { parse(hex: string): object } };
}
// The package has no types.
const oracle = createRequire(import.meta.url)('crypto-js') as Oracle;

test('the hash of nothing and of abc', () => {
  expect(sha256Hex(new Uint8Array())).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
  expect(sha256Hex(Buffer.from('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('any bytes hash as an independent implementation hashes them', () => {
  assert(
    property(uint8Array({ maxLength: 300 }), (bytes) => {
      const expected = oracle.SHA256(oracle.enc.Hex.parse(Buffer.from(bytes).toString('hex'))).toString();
      expect(sha256Hex(bytes)).toBe(expected);
    }),
  );
});
