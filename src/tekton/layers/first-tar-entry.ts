const BLOCK = 512;
const EXTENDED_BYTES = 1 << 20;
/** Headers that only describe the entry after them: extended ones (x, g) and GNU's long names (L, K). */
const DESCRIBING = ['x', 'g', 'L', 'K'];

/**
 * The content of the first file of an archive, as the cluster's resolver takes it, or undefined if the bytes are not an
 * archive, or if its first entry is not a file.
 */
export function firstTarEntry(bytes: Uint8Array): Uint8Array | undefined {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let size: number | undefined;
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (!hasChecksum(header)) return undefined;
    const type = String.fromCharCode(header[156] ?? 0);
    const written = octal(header, 124, 12);
    if (written === undefined) return undefined;
    const start = at + BLOCK;
    if (!DESCRIBING.includes(type)) {
      const end = start + (size ?? written);
      return (type === '0' || type === '\0') && end <= archive.length
        ? bytes.subarray(start, end)
        : undefined;
    }
    if (written > EXTENDED_BYTES || start + written > archive.length) return undefined;
    if (type === 'x') size = extendedSize(archive.subarray(start, start + written)) ?? size;
    at = start + Math.ceil(written / BLOCK) * BLOCK;
  }
  return undefined;
}

/** The sum of the header's bytes, its own field counted as spaces. */
function hasChecksum(header: Buffer): boolean {
  const wanted = octal(header, 148, 8);
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i] ?? 0;
  return wanted === sum;
}

function octal(header: Buffer, at: number, length: number): number | undefined {
  const text = header.toString('latin1', at, at + length).replace(/^[ \0]+|[ \0]+$/g, '');
  return /^[0-7]{1,11}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** The `size` record of an extended header: `LENGTH size=BYTES\n`. */
function extendedSize(records: Buffer): number | undefined {
  let size: number | undefined;
  let at = 0;
  while (at < records.length) {
    const prefix = /^(\d{1,7}) /.exec(records.toString('latin1', at, at + 8));
    const length = Number(prefix?.[1]);
    if (!prefix || length <= prefix[0].length || at + length > records.length) return size;
    const record = /^size=(\d{1,15})\n$/.exec(records.toString('latin1', at + prefix[0].length, at + length));
    if (record) size = Number(record[1]);
    at += length;
  }
  return size;
}
