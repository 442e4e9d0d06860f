import type { Descriptor } from './descriptor.js';

/** Bytes in memory with the descriptor that names them. */
export interface Content {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** A whole image in memory; `layers` are in the manifest's order and may repeat. */
export interface Image {
  readonly manifest: Content;
  readonly config: Content;
  readonly layers: readonly Content[];
}
