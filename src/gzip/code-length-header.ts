import type { BitWriter } from './bit-writer.js';
import { prefixCode } from './huffman.js';

const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] as const;
const REPEAT_LAST = 16;
const ZEROS_SHORT = 17;
const ZEROS_LONG = 18;
const EXTRA_BITS = { [REPEAT_LAST]: 2, [ZEROS_SHORT]: 3, [ZEROS_LONG]: 7 };
/** A run-length item is `extra << ITEM_SHIFT | symbol`. */
const ITEM_SHIFT = 5;
const ITEM_MASK = (1 << ITEM_SHIFT) - 1;

export interface CodeLengthHeader {
  /** Size with the three bits of the block's own header. */
  readonly bits: number;
  /** Writes a not final dynamic block's header. */
  write(writer: BitWriter): void;
}

/** The header of a dynamic block, which defines both codes by the lengths of their words. */
export function codeLengthHeader(literalLengths: Uint8Array, distanceLengths: Uint8Array): CodeLengthHeader {
  const literals = usedLength(literalLengths);
  const distances = usedLength(distanceLengths);
  const all = new Uint8Array(literals + distances);
  all.set(literalLengths.subarray(0, literals));
  all.set(distanceLengths.subarray(0, distances), literals);

  const items = runLengths(all);
  const counts = new Uint32Array(ORDER.length);
  for (const item of items) counts[item & ITEM_MASK] = (counts[item & ITEM_MASK] as number) + 1;
  const { lengths, codes } = prefixCode(counts, 7);
  let sent: number = ORDER.length;
  while (sent > 4 && counts[ORDER[sent - 1] as number] === 0) sent--;

  let bits = 17 + 3 * sent;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    bits += (counts[symbol] as number) * ((lengths[symbol] as number) + extraBits(symbol));
  }
  const write = (writer: BitWriter) => {
    writer.write(4, 3);
    writer.write(literals - 257, 5);
    writer.write(distances - 1, 5);
    writer.write(sent - 4, 4);
    for (let i = 0; i < sent; i++) writer.write(lengths[ORDER[i] as number] as number, 3);
    for (const item of items) {
      const symbol = item & ITEM_MASK;
      writer.write(codes[symbol] as number, lengths[symbol] as number);
      if (symbol >= REPEAT_LAST) writer.write(item >>> ITEM_SHIFT, extraBits(symbol));
    }
  };
  return { bits, write };
}

function extraBits(symbol: number): number {
  return EXTRA_BITS[symbol as keyof typeof EXTRA_BITS] ?? 0;
}

function usedLength(lengths: Uint8Array): number {
  let length = lengths.length;
  while (length > 1 && lengths[length - 1] === 0) length--;
  return length;
}

/** Greedy run-length coding; a run may go from one alphabet's lengths over into the other's. */
function runLengths(lengths: Uint8Array): number[] {
  const items: number[] = [];
  for (let start = 0; start < lengths.length; ) {
    const value = lengths[start] as number;
    let end = start + 1;
    while (end < lengths.length && lengths[end] === value) end++;
    if (value === 0) pushZeros(items, end - start);
    else pushRepeated(items, value, end - start);
    start = end;
  }
  return items;
}

function pushZeros(items: number[], run: number): void {
  let left = run;
  while (left >= 11) {
    const zeros = Math.min(138, left);
    items.push(((zeros - 11) << ITEM_SHIFT) | ZEROS_LONG);
    left -= zeros;
  }
  if (left >= 3) items.push(((left - 3) << ITEM_SHIFT) | ZEROS_SHORT);
  else for (; left > 0; left--) items.push(0);
}

function pushRepeated(items: number[], value: number, run: number): void {
  items.push(value);
  let left = run - 1;
  while (left >= 3) {
    const times = Math.min(6, left);
    items.push(((times - 3) << ITEM_SHIFT) | REPEAT_LAST);
    left -= times;
  }
  for (; left > 0; left--) items.push(value);
}
