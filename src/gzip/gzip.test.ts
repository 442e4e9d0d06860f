import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharedPath, testWithShared } from '../../test/support/shared.js';
import { gzipLevel1 } from './gzip.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

interface GzipVector {
  readonly name: string;
  readonly rule: readonly object[];
  readonly inputSha256: string;
  readonly gzipSha256: string;
  readonly gzipSize: number;
}

testWithShared('vectors/gzip/vectors.jsonl')(
  'every shared vector compresses to the bytes of Go',
  { timeout: 120_000 },
  async () => {
    const { build } = (await import(/* @vite-ignore */ sharedPath('vectors/gzip/gen.mjs'))) as {
      build(rule: readonly object[]): Uint8Array;
    };
    const lines = readFileSync(sharedPath('vectors/gzip/vectors.jsonl'), 'utf8').trim().split('\n');
    const wrong: string[] = [];
    for (const line of lines) {
      const vector = JSON.parse(line) as GzipVector;
      const input = build(vector.rule);
      expect(sha256(input), vector.name).toBe(vector.inputSha256);
      const output = gzipLevel1(input);
      if (output.length !== vector.gzipSize || sha256(output) !== vector.gzipSha256) wrong.push(vector.name);
    }
    expect(wrong).toEqual([]);
    expect(lines.length).toBe(1272);
  },
);

test('nothing becomes an empty stored block', () => {
  expect(hex(gzipLevel1(new Uint8Array(0)))).toBe('1f8b08000000000004ff010000ffff0000000000000000');
});

test('what was compressed comes back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600, max: 3 }), fc.nat(300), (piece, times) => {
      const input = Buffer.concat(Array.from({ length: times }, () => piece));
      expect(gunzipSync(gzipLevel1(input)).equals(input)).toBe(true);
    }),
    { numRuns: 100 },
  );
});
