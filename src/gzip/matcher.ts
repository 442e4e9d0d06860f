import { MATCH_SHIFT } from './token.js';

const TABLE_BITS = 14;
const MAX_DISTANCE = 32768;
const MAX_LENGTH = 258;
/** No search begins in the last bytes of a block. */
const MARGIN = 15;

export interface Matcher {
  /** Holds the tokens of the block matched last. */
  readonly tokens: Uint32Array;
  /** Cuts input[start, end) into literals and matches and returns how many tokens that gave; blocks must come in order. */
  match(start: number, end: number): number;
}

/** Greedy search with one candidate per hash, remembering positions across the blocks of one input. */
export function createMatcher(input: Uint8Array, blockBytes: number): Matcher {
  const tokens = new Uint32Array(Math.min(input.length, blockBytes));
  // A slot holds position + 1, so that an empty one is not a position at all; most layers are short and need but half of it.
  const table = input.length < 65535 ? new Uint16Array(1 << TABLE_BITS) : new Int32Array(1 << TABLE_BITS);
  return { tokens, match: (start, end) => matchBlock({ input, table, tokens }, start, end) };
}

interface Search {
  readonly input: Uint8Array;
  readonly table: Uint16Array | Int32Array;
  readonly tokens: Uint32Array;
}

function matchBlock({ input, table, tokens }: Search, start: number, end: number): number {
  const limit = end - MARGIN;
  let count = 0;
  let emitted = start;
  let position = start;
  let candidate = -1;
  for (;;) {
    let skip = 32;
    for (;;) {
      const value = load(input, position);
      const step = skip >> 5;
      const next = position + step;
      skip += step;
      if (next > limit) return emitLiterals(input, emitted, end, tokens, count);
      candidate = swap(table, value, position);
      if (candidate >= 0 && position - candidate <= MAX_DISTANCE && load(input, candidate) === value) break;
      position = next;
    }
    count = emitLiterals(input, emitted, position, tokens, count);
    for (;;) {
      const length = matchLength(input, candidate, position, Math.min(MAX_LENGTH, end - position));
      tokens[count++] = ((position - candidate) << MATCH_SHIFT) | length;
      position += length;
      emitted = position;
      if (position >= limit) return emitLiterals(input, emitted, end, tokens, count);
      swap(table, load(input, position - 1), position - 1);
      const value = load(input, position);
      candidate = swap(table, value, position);
      if (candidate < 0 || position - candidate > MAX_DISTANCE || load(input, candidate) !== value) break;
    }
    position++;
  }
}

/** Puts the position into the slot of its four bytes; returns the position that was there, or -1. */
function swap(table: Uint16Array | Int32Array, value: number, position: number): number {
  const slot = Math.imul(value, 0x1e35a7bd) >>> (32 - TABLE_BITS);
  const old = table[slot] as number;
  table[slot] = position + 1;
  return old - 1;
}

function load(input: Uint8Array, at: number): number {
  return (
    (input[at] as number) |
    ((input[at + 1] as number) << 8) |
    ((input[at + 2] as number) << 16) |
    ((input[at + 3] as number) << 24)
  );
}

/** The first four bytes are known to be equal. */
function matchLength(input: Uint8Array, candidate: number, position: number, limit: number): number {
  let length = 4;
  while (length < limit && input[candidate + length] === input[position + length]) length++;
  return length;
}

function emitLiterals(
  input: Uint8Array,
  from: number,
  to: number,
  tokens: Uint32Array,
  count: number,
): number {
  for (let at = from; at < to; at++) tokens[count++] = input[at] as number;
  return count;
}
