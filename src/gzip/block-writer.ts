import type { BitWriter } from './bit-writer.js';
import { codeLengthHeader } from './code-length-header.js';
import { type PrefixCode, prefixCode } from './huffman.js';
import { distanceCode, distanceExtraBits, lengthCode, lengthExtraBits, MATCH_SHIFT } from './token.js';

const END_OF_BLOCK = 256;
const LITERAL_SYMBOLS = 286;
const DISTANCE_SYMBOLS = 30;
const MATCH_MASK = (1 << MATCH_SHIFT) - 1;

export interface BlockWriter {
  /** A block without matches. */
  literals(block: Uint8Array): void;
  /** The same block as tokens of the matcher. */
  tokens(block: Uint8Array, tokens: Uint32Array): void;
}

/** Writes each block with its own Huffman code, or stored if that would save less than a sixteenth. */
export function createBlockWriter(writer: BitWriter): BlockWriter {
  const literalCounts = new Uint32Array(LITERAL_SYMBOLS);
  const distanceCounts = new Uint32Array(DISTANCE_SYMBOLS);
  const write = (block: Uint8Array, tokens: ArrayLike<number>) => {
    literalCounts.fill(0);
    distanceCounts.fill(0);
    literalCounts[END_OF_BLOCK] = 1;
    const extraBits = count(tokens, literalCounts, distanceCounts);
    const literal = prefixCode(literalCounts, 15);
    // A block without any distance still declares one, and pays a bit for it when sizes are compared.
    if (distanceCounts.every((n) => n === 0)) distanceCounts[0] = 1;
    const distance = prefixCode(distanceCounts, 15);
    const header = codeLengthHeader(literal.lengths, distance.lengths);
    const size = header.bits + codedBits(literalCounts, literal) + codedBits(distanceCounts, distance);
    if ((block.length + 5) * 8 < size + (size >> 4)) return writer.stored(block, { final: false });
    writer.reserve(size + extraBits);
    header.write(writer);
    if (extraBits === 0 && tokens === block) writeLiterals(writer, block, literal);
    else writeTokens(writer, tokens, { literal, distance });
    writer.write(literal.codes[END_OF_BLOCK] as number, literal.lengths[END_OF_BLOCK] as number);
  };
  return { literals: (block) => write(block, block), tokens: write };
}

/** Adds up the symbols; returns the bits that go beside them, which Go leaves out of a block's size. */
function count(tokens: ArrayLike<number>, literals: Uint32Array, distances: Uint32Array): number {
  let extraBits = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as number;
    if (token < 256) {
      literals[token] = (literals[token] as number) + 1;
      continue;
    }
    const length = token & MATCH_MASK;
    const distance = token >>> MATCH_SHIFT;
    const lengthSymbol = 257 + lengthCode(length);
    const distanceSymbol = distanceCode(distance);
    literals[lengthSymbol] = (literals[lengthSymbol] as number) + 1;
    distances[distanceSymbol] = (distances[distanceSymbol] as number) + 1;
    extraBits += lengthExtraBits(length - 3) + distanceExtraBits(distance - 1);
  }
  return extraBits;
}

function codedBits(counts: Uint32Array, { lengths }: PrefixCode): number {
  let bits = 0;
  for (let symbol = 0; symbol < counts.length; symbol++)
    bits += (counts[symbol] as number) * (lengths[symbol] as number);
  return bits;
}

function writeLiterals(writer: BitWriter, block: Uint8Array, { codes, lengths }: PrefixCode): void {
  for (let i = 0; i < block.length; i++) {
    const byte = block[i] as number;
    writer.write(codes[byte] as number, lengths[byte] as number);
  }
}

function writeTokens(
  writer: BitWriter,
  tokens: ArrayLike<number>,
  { literal, distance }: { readonly literal: PrefixCode; readonly distance: PrefixCode },
): void {
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as number;
    if (token < 256) {
      writer.write(literal.codes[token] as number, literal.lengths[token] as number);
      continue;
    }
    const length = token & MATCH_MASK;
    const lengthSymbol = 257 + lengthCode(length);
    writer.write(literal.codes[lengthSymbol] as number, literal.lengths[lengthSymbol] as number);
    writeLowBits(writer, length - 3, lengthExtraBits(length - 3));
    const back = token >>> MATCH_SHIFT;
    const distanceSymbol = distanceCode(back);
    writer.write(distance.codes[distanceSymbol] as number, distance.lengths[distanceSymbol] as number);
    writeLowBits(writer, back - 1, distanceExtraBits(back - 1));
  }
}

function writeLowBits(writer: BitWriter, value: number, count: number): void {
  if (count > 0) writer.write(value & ((1 << count) - 1), count);
}
