/** Where bytes come from piece by piece; `close` may be called twice, and before the end. */
export interface ByteSource {
  /** Undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** At most `limit` bytes of a source, and whether it ended there; a longer one is closed. */
export async function readStart(
  source: ByteSource,
  limit: number,
): Promise<{ readonly bytes: Uint8Array; readonly complete: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let piece = await source.next(); piece !== undefined; piece = await source.next()) {
    pieces.push(piece);
    size += piece.byteLength;
    if (size <= limit) continue;
    await source.close();
    return { bytes: Buffer.concat(pieces).subarray(0, limit), complete: false };
  }
  const [only] = pieces;
  return { bytes: pieces.length === 1 && only ? only : Buffer.concat(pieces), complete: true };
}

/** A source of bytes that are in memory. */
export function bytesInMemory(bytes: Uint8Array): ByteSource {
  let left: Uint8Array | undefined = bytes;
  return {
    async next() {
      const piece = left;
      left = undefined;
      return piece?.length === 0 ? undefined : piece;
    },
    close: async () => undefined,
  };
}
