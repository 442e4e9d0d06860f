/** Collects bits, the lowest first within each byte, and whole bytes, in one growing buffer. */
export class BitWriter {
  #buffer: Uint8Array;
  #length = 0;
  #bits = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#buffer = new Uint8Array(capacity);
  }

  /** Room for `bits` more bits; `write` does not look again. */
  reserve(bits: number): void {
    const wanted = this.#length + (bits >>> 3) + 16;
    if (wanted <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  /** The low `count` (at most 16) bits of `value`; its higher bits must be zero. Needs a `reserve` before. */
  write(value: number, count: number): void {
    this.#bits |= value << this.#count;
    this.#count += count;
    if (this.#count < 16) return;
    this.#buffer[this.#length++] = this.#bits;
    this.#buffer[this.#length++] = this.#bits >>> 8;
    this.#bits >>>= 16;
    this.#count -= 16;
  }

  /** A stored block: its header, zero bits to the byte's end, the length twice, the bytes as they are. */
  stored(block: Uint8Array, { final }: { readonly final: boolean }): void {
    this.reserve(3);
    this.write(final ? 1 : 0, 3);
    this.#align();
    this.bytes([block.length & 0xff, block.length >>> 8, ~block.length & 0xff, (~block.length >>> 8) & 0xff]);
    this.bytes(block);
  }

  /** Whole bytes, at a byte boundary. */
  bytes(bytes: ArrayLike<number>): void {
    this.reserve(bytes.length * 8);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Little-endian, at a byte boundary. */
  uint32(value: number): void {
    this.bytes([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
  }

  /** Everything written so far, in a buffer of exactly that size. */
  finish(): Uint8Array {
    this.#align();
    return this.#buffer.slice(0, this.#length);
  }

  #align(): void {
    for (; this.#count > 0; this.#count -= 8) {
      this.#buffer[this.#length++] = this.#bits;
      this.#bits >>>= 8;
    }
    this.#count = 0;
    this.#bits = 0;
  }
}
