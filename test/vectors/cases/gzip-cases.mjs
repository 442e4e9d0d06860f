// {rule, bytes}: what the case is for, and the input as steps of byte-rules.mjs.
const of = (rule, ...bytes) => ({ rule, bytes });

const shortBlocks = [0, 1, 2, 15, 16, 17, 18, 126, 127, 128, 129, 160].flatMap((count) => [
  of(`${count} random bytes`, ['noise', 7, count]),
  of(`${count} bytes of three values`, ['noise', 7, count, 3, 97]),
  of(`${count} equal bytes`, ['byte', 97, count]),
]);

const blockEdges = [65519, 65534, 65535, 65536, 65551, 65552, 65661, 65662, 65663, 131_070, 131_071].map((count) =>
  of(`${count} bytes of words`, ['words', 3, count]),
);

const acrossBlocks = [
  of('a run over a block border', ['byte', 0, 70_000]),
  of('a run over two block borders', ['noise', 5, 300], ['byte', 32, 140_000], ['noise', 6, 300]),
  of('noise, then the same noise in the next block', ['noise', 9, 65_000], ['noise', 9, 2_000], ['words', 2, 1_000]),
  of('a copy that begins before and ends behind a border', ['words', 8, 65_500], ['copy', 500, 200], ['noise', 1, 100]),
  of('a short last block after a full one', ['words', 4, 65_535], ['text', 'short']),
  of('a last block of words after random ones', ['noise', 4, 131_070], ['words', 4, 5_000]),
  of('matches from the block before', ['words', 11, 65_400], ['noise', 2, 135], ['words', 11, 4_000]),
];

const distances = [32_766, 32_767, 32_768, 32_769].map((distance) =>
  of(`a repetition ${distance} bytes later`, ['text', 'here it is, once'], ['byte', 0, distance - 16], ['copy', distance, 16], ['noise', 3, 40]),
);

const tails = Array.from({ length: 26 }, (_, i) =>
  of(`a repetition of ${i + 1} bytes at the end`, ['noise', 21, 90], ['copy', 90, 60], ['noise', 22, 30], ['copy', 70, i + 1]),
);

const emptySlots = [
  of('zeros first seen far in', ['noise', 13, 200, 200, 20], ['byte', 0, 4], ['noise', 14, 200, 200, 20], ['copy', 150, 100]),
  of('zeros at once', ['byte', 0, 5], ['noise', 14, 200], ['byte', 0, 6], ['noise', 15, 100, 4]),
];

const lengths = [257, 258, 259, 260, 262, 263, 516, 517, 1033].map((count) =>
  of(`a run of ${count}`, ['noise', 30, 60], ['byte', 66, count], ['noise', 31, 60], ['copy', 60, 40]),
);

const stored = [3, 4, 5, 6, 7].map((seed) => of(`random bytes ${seed}`, ['noise', seed, 3_000 + seed * 100]));

const alphabets = [
  of('frequencies that double need 15 bits', ['bag', 5, [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 30_000]]),
  of('frequencies of Fibonacci need 15 bits', ['bag', 6, [1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584, 4181, 6765, 10_946]]),
  of('equal frequencies', ['bag', 7, Array(100).fill(5)]),
  of('one value only, without matches', ['byte', 7, 100]),
  of('two values', ['noise', 8, 120, 2]),
  of('far apart values', ['bag', 9, Array.from({ length: 256 }, (_, i) => (i % 37 === 0 ? 20 : 0))]),
  of('runs of unused values', ['bag', 10, Array.from({ length: 256 }, (_, i) => (i < 3 || i === 142 || i > 250 ? 15 : 0))]),
  of('counters', ['count', 1_000_000, 3_000]),
  of('counters after words', ['words', 3, 3_000], ['count', 77, 4_000]),
];

// Each input is one on which a single wrong threshold, term or order shows.
const thresholds = [
  of('distance 32768 first found by a search', ['text', 'xhere it is, once'], ['byte', 0, 32_728], ['noise', 3920, 24], ['copy', 32_768, 16], ['noise', 6827, 40]),
  of('too few matches to keep', ['noise', 6477, 170, 86], ['copy', 154, 11], ['noise', 4445, 24, 11]),
  of('a sixteenth less tokens', ['noise', 3044, 328, 10]),
  of('exactly a sixteenth less tokens', ['noise', 2402, 20, 18], ['copy', 20, 9], ['noise', 8724, 105, 18]),
  of('a sixteenth is rounded down', ['noise', 5087, 20, 19], ['copy', 20, 10], ['noise', 9171, 116, 19]),
  of('stored at just the same size', ['noise', 8013, 78, 50]),
  of('a sixteenth of the size is rounded down', ['noise', 8782, 20, 161], ['copy', 20, 9], ['noise', 1981, 379, 161], ['copy', 394, 39]),
  of('a stored block counts five bytes of head', ['noise', 7692, 80, 52], ['byte', 0, 0]),
  of('not four', ['noise', 5413, 298, 153], ['copy', 177, 30], ['noise', 8483, 23, 44]),
  of('extra bits do not count', ['noise', 8095, 20, 134], ['copy', 20, 19], ['noise', 1670, 221, 134], ['copy', 226, 17]),
  of('the end of block counts', ['noise', 8498, 284, 113], ['copy', 144, 22], ['noise', 6252, 25, 13]),
  of('the distance that is not there counts', ['noise', 3391, 73, 47]),
  of('the lengths of lengths count', ['noise', 8246, 101, 70]),
  of('all three bits of the head count', ['noise', 126, 67, 44]),
  of('a run of lengths goes from one code into the other', ['noise', 3718, 2, 3, 97], ['noise', 6227, 2, 4, 97], ['copy', 1, 202], ['noise', 7983, 3, 6, 97], ['copy', 2, 182], ['noise', 4016, 2, 4, 97], ['copy', 1, 31], ['noise', 3790, 2, 6, 97], ['copy', 4, 201]),
  of('a code of 16 bits is shortened', ['bag', 5250, [0, 0, 0, 26_376, 14_492, 7963, 4375, 2404, 1321, 726, 399, 219, 120, 66, 36, 20, 11, 6, 3, 2, 1, 1]]),
  of('repeats of lengths count their extra bits', ['noise', 5711, 1475, 164, 49], ['byte', 114, 9], ['words', 155, 48]),
];

// Where a search ends at a border, its last position is not remembered: a later copy of it does not match.
const searchEnds = [34, 35, 36].map((count) =>
  of(`a search that ends ${count} bytes into noise`, ['byte', 0, 65_535 - count], ['noise', 70, count, 12, 97], ['noise', 71, 6, 12, 110], ['copy', 21, 20], ['noise', 90, 150, 12, 65]),
);

const mixtures = Array.from({ length: 12 }, (_, i) =>
  of(`mixture ${i + 1}`, ['words', i + 40, 700 * (i + 1)], ['noise', i + 50, 150 * i + 20], ['copy', 90 + 61 * i, 400], ['noise', i + 60, 300, 6 + i], ['words', i + 40, 900]),
);

export const gzipCases = [
  ...shortBlocks, ...blockEdges, ...acrossBlocks, ...distances, ...tails, ...emptySlots, ...lengths, ...stored, ...alphabets,
  ...thresholds, ...searchEnds, ...mixtures,
];
