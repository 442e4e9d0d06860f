import { crc32 } from 'node:zlib';
import { BitWriter } from './bit-writer.js';
import { createBlockWriter } from './block-writer.js';
import { createMatcher } from './matcher.js';

const BLOCK_BYTES = 65535;
const FRAMING_BYTES = 10 + 5 + 8;
const STORED_AT_MOST = 16;
const LITERAL_AT_MOST = 127;

/**
 * The bytes that `compress/gzip` of Go 1.8 to 1.26 writes at level 1 (BestSpeed) without name, comment or time.
 * A bundle's digest depends on every one of them, so no other encoder will do.
 */
export function gzipLevel1(input: Uint8Array): Uint8Array {
  const writer = new BitWriter(input.length + (input.length >>> 6) + FRAMING_BYTES + 64);
  writer.bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff]);
  deflateBlocks(input, writer);
  writer.stored(new Uint8Array(0), { final: true });
  writer.uint32(crc32(input));
  writer.uint32(input.length);
  return writer.finish();
}

function deflateBlocks(input: Uint8Array, writer: BitWriter): void {
  if (input.length === 0) return;
  const blocks = createBlockWriter(writer);
  const matcher = input.length > LITERAL_AT_MOST ? createMatcher(input, BLOCK_BYTES) : undefined;
  for (let start = 0; start < input.length; start += BLOCK_BYTES) {
    const end = Math.min(input.length, start + BLOCK_BYTES);
    const size = end - start;
    const block = input.subarray(start, end);
    if (size <= STORED_AT_MOST) {
      writer.stored(block, { final: false });
    } else if (matcher === undefined || size <= LITERAL_AT_MOST) {
      blocks.literals(block);
    } else {
      const count = matcher.match(start, end);
      if (count > size - (size >>> 4)) blocks.literals(block);
      else blocks.tokens(block, matcher.tokens.subarray(0, count));
    }
  }
}
