import type { CallOptions } from '../content/store.js';
import type { Digest } from '../oci/digest.js';
import type { Image } from '../oci/image.js';
import type { Reference } from '../oci/reference.js';

/** Where bundles are served when the declared registry cannot. */
export interface FallbackTarget {
  /** Puts in place what can be put before it is known whether the fallback will be needed. */
  prepare?(bundle: FallbackBundle): Promise<void>;
  /** Puts the image there under the fixed tag and then the moving ones, and states where it is. */
  put(bundle: FallbackBundle, options?: CallOptions): Promise<Served>;
}

export interface FallbackBundle {
  readonly name: string;
  /** As declared. */
  readonly reference: Reference & { readonly tag: string };
  readonly digest: Digest;
  /** Built where it is wanted: not for a place that has it. */
  image(): Promise<Image>;
  readonly moving: readonly string[];
}

/** Where the bytes are now. */
export interface Served {
  readonly reference: string;
  /** The reference with which a cluster reaches the same bytes, if one is configured. */
  readonly clusterReference: string | null;
  /** Directory of the OCI layout that holds an embedded fallback. */
  readonly layout: string | null;
  /** False for an embedded fallback that no `registry serve` serves. */
  readonly live: boolean;
}
