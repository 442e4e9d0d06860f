/** A prefix code over an alphabet: `lengths[s]` bits (0: unused) and, ready for the bit writer, `codes[s]`. */
export interface PrefixCode {
  readonly lengths: Uint8Array;
  readonly codes: Uint16Array;
}

/**
 * The best code of at most `maxBits` bits for these frequencies, by package-merge. Among equal weights a package
 * goes before a single symbol, as Go has it: another choice is as short but gives other bytes.
 */
export function prefixCode(frequencies: Uint32Array, maxBits: number): PrefixCode {
  const lengths = new Uint8Array(frequencies.length);
  const sorted = usedByFrequency(frequencies);
  if (sorted.length <= 2) {
    for (const key of sorted) lengths[key & SYMBOL_MASK] = 1;
  } else {
    assignLengths(sorted, maxBits, lengths);
  }
  return { lengths, codes: canonicalCodes(lengths) };
}

const SYMBOL_BITS = 9;
const SYMBOL_MASK = (1 << SYMBOL_BITS) - 1;

/** One number per used symbol, frequency above symbol, ascending. */
function usedByFrequency(frequencies: Uint32Array): Uint32Array {
  const keys = new Uint32Array(frequencies.length);
  let used = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    const frequency = frequencies[symbol] as number;
    if (frequency > 0) keys[used++] = (frequency << SYMBOL_BITS) | symbol;
  }
  return keys.subarray(0, used).sort();
}

function assignLengths(sorted: Uint32Array, maxBits: number, lengths: Uint8Array): void {
  const levels = Math.min(maxBits, sorted.length - 1);
  const leavesBefore = mergeLevels(sorted, levels);
  const width = 2 * sorted.length;
  let taken = width - 2;
  let leaves = sorted.length;
  let symbol = sorted.length - 1;
  for (let length = 1, level = levels - 1; level >= 0; level--, length++) {
    taken = 2 * (taken - leaves);
    const below = level === 0 ? 0 : (leavesBefore[(level - 1) * width + taken] as number);
    for (let n = leaves - below; n > 0; n--) lengths[(sorted[symbol--] as number) & SYMBOL_MASK] = length;
    leaves = below;
  }
}

/** Row k, entry i: how many of the first i items of list k + 1 are single symbols. */
function mergeLevels(sorted: Uint32Array, levels: number): Uint16Array {
  const symbols = sorted.length;
  const width = 2 * symbols;
  const leavesBefore = new Uint16Array(levels * width);
  const weights = new Float64Array(symbols + 1);
  for (let i = 0; i < symbols; i++) weights[i] = (sorted[i] as number) >>> SYMBOL_BITS;
  weights[symbols] = Number.POSITIVE_INFINITY;
  let previous = new Float64Array(width);
  let current = new Float64Array(width);
  let previousSize = 0;
  for (let level = 0; level < levels; level++) {
    const row = level * width;
    const size = symbols + (previousSize >> 1);
    let leaf = 0;
    let pair = 0;
    for (let item = 0; item < size; item++) {
      leavesBefore[row + item] = leaf;
      const both =
        pair + 1 < previousSize
          ? (previous[pair] as number) + (previous[pair + 1] as number)
          : Number.POSITIVE_INFINITY;
      if (both <= (weights[leaf] as number)) {
        current[item] = both;
        pair += 2;
      } else {
        current[item] = weights[leaf++] as number;
      }
    }
    leavesBefore[row + size] = leaf;
    [previous, current, previousSize] = [current, previous, size];
  }
  return leavesBefore;
}

/** RFC 1951 3.2.2, each code with its bits reversed, since it is sent from its top bit. */
function canonicalCodes(lengths: Uint8Array): Uint16Array {
  const next = new Uint16Array(17);
  for (const length of lengths) if (length > 0) next[length + 1] = (next[length + 1] as number) + 1;
  for (let length = 1; length <= 16; length++) {
    next[length] = ((next[length - 1] as number) + (next[length] as number)) << 1;
  }
  const codes = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol] as number;
    if (length > 0) {
      const code = next[length] as number;
      next[length] = code + 1;
      codes[symbol] = reverse(code, length);
    }
  }
  return codes;
}

function reverse(code: number, bits: number): number {
  let reversed = 0;
  for (let i = 0; i < bits; i++) reversed |= ((code >>> i) & 1) << (bits - 1 - i);
  return reversed;
}
