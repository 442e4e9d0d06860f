import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { gzipSample } from '../../test/support/samples/gzip-sample.js';
import { gzipLevel1 } from './gzip.js';

/** The first digits of a SHA-256. */
const short = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** What Go 1.26.8 wrote for the samples of these numbers; together they notice each rule of the encoder broken. */
const golden: readonly (readonly [number, string])[] = [
  [1, '06f9fc96137812f6'],
  [2, '00c1b3aa1b591599'],
  [3, 'b72b251f9a44fe78'],
  [4, '045234dd24e6aedc'],
  [5, '5f17f20ac2fbe0e1'],
  [6, '33f16edd9276ad34'],
  [7, 'b25e80590df3f650'],
  [8, 'fd5c0235f5783813'],
  [9, '446492b2b779e9e5'],
  [10, 'fce846ef46a0548d'],
  [11, '0fb504a69f06401b'],
  [12, '250a93bdbd0b01d4'],
  [13, '8ae98e8e5a34e941'],
  [14, '3cf9c9f7fbc2d994'],
  [15, '8655c3e5910cd4ee'],
  [16, '2e3b0c6d7d42871d'],
  [17, '083dcd378d02938d'],
  [18, 'b8f827355973759d'],
  [19, '5cad5d822858ea4c'],
  [20, 'bf3ad95e87011987'],
  [21, '845486a1cdae66ad'],
  [22, 'b0b8e135f22261d1'],
  [23, '68e305187ce534e9'],
  [24, '9a0b8d648c639a00'],
  [25, '2ac9829d55e3fe7c'],
  [26, 'fff57d56e9331e48'],
  [27, '5dc2ce86ee464f97'],
  [28, 'b527fd35eeaae86a'],
  [29, 'e6c9188367c7fa37'],
  [30, '44d0a6348281addf'],
  [31, '3aabaac5e9ee9357'],
  [32, '930dd37c870355fd'],
  [33, '391b6e43b8449b65'],
  [34, '56179ff3080626b2'],
  [35, 'a18c76e4deed2d13'],
  [36, '3f78b50ee96cea8c'],
  [37, 'ffcfa49469e1ee62'],
  [38, '10f7ef2fd9fc1f0a'],
  [39, '9a59584db3f9174d'],
  [40, 'c96a8d57e68a7670'],
  [42, 'c47663f7a6f959e4'],
  [49, '90d5c51dbf369902'],
  [50, 'b092b64eee08ea21'],
  [56, 'f48a06c680db1ea5'],
  [63, '512b7de0c9eb2b79'],
  [64, 'd6fba171a6518bd6'],
  [70, '870c2e27c4a5b2d2'],
  [77, '176ee9376c417e15'],
  [84, '0cb22af03f82e0fe'],
  [90, '22eb80662c3ed7b1'],
  [91, '05f88ff265e41279'],
  [98, '0f344c5d85f6003e'],
  [105, 'a5f9b2c893d8a6d2'],
  [112, 'b108fbf479a84b77'],
  [119, '4ebf8bff795a8786'],
  [126, 'ee636e1a98701b3b'],
  [133, '3c91a42910d08bc3'],
  [140, '9f495b23f54f14bb'],
  [141, 'a0c932830430e8c2'],
  [147, 'ef74598625cb0cd1'],
  [156, '911abbaeb85dd750'],
  [167, '72729810613d50bb'],
  [180, 'be1741648afc663e'],
  [189, 'b69e82000518613b'],
  [192, 'cb51117051426a21'],
  [222, 'cec3b459d7c6e98b'],
  [239, 'a6cb0ce3544bfac2'],
  [249, '63a5878d7acf8b44'],
  [315, '17c858ded81a52c6'],
  [336, 'c08b07b82d4ca960'],
  [399, '441bf96dd9d01ab6'],
  [406, 'f77c3693cf4c5e08'],
  [427, 'a71d99eeb5ee4910'],
  [460, '2d4b523c837369fa'],
  [560, 'f06a5a86da247b8d'],
  [643, '9c549836a7760c9f'],
  [700, '100681c4a846145d'],
  [878, 'b270e06b8adc28f1'],
  [913, 'b5d7bdad38b825a7'],
  [1171, 'cc602fd3573ba882'],
  [1484, 'e4ccdce7d5d0815d'],
];

test('samples of every kind and size compress to the bytes of Go', () => {
  const wrong = golden.filter(([seed, wanted]) => short(gzipLevel1(gzipSample(seed))) !== wanted);
  expect(wrong).toEqual([]);
});

test.each([
  [32767, 'd6e6e8803224c1f7'],
  [32768, 'f855f512fbf5a0b2'],
  [32769, '094fdd5bf5dead20'],
])('what was seen %i bytes before is found as Go finds it', (distance, wanted) => {
  const marker = Buffer.from('a1b2c3d4e5f6');
  const gap = Buffer.alloc(distance - marker.length);
  expect(short(gzipLevel1(Buffer.concat([marker, gap, marker, Buffer.from('an end without a match')])))).toBe(
    wanted,
  );
});

test('equal code lengths run on from one alphabet into the other', () => {
  expect(short(gzipLevel1(shortMatches(133, 500)))).toBe('b639fea3278e5f84');
});

test('300 zeros are one literal and two matches', () => {
  expect(Buffer.from(gzipLevel1(new Uint8Array(300))).toString('hex')).toBe(
    '1f8b08000000000004ffecc0810000000080a0fda95718e05866000000ffffd28f34b52c010000',
  );
});

function shortMatches(seed: number, length: number): Uint8Array {
  let state = seed;
  const draw = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
  const out: number[] = [];
  while (out.length < length) {
    if (draw(2) === 1 || out.length < 40) {
      for (let left = 1 + draw(4); left > 0; left--) out.push(draw(100));
    } else {
      const distance = 1 + draw(40);
      for (let left = 4 + draw(4); left > 0; left--) out.push(out[out.length - distance]!);
    }
  }
  return Uint8Array.from(out.slice(0, length));
}
