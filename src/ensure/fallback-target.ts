import type { CallOptions } from '../content/store.js';
import type { Image } from '../oci/image.js';
import type { Reference } from '../oci/reference.js';
import type { Served } from './result.js';

/** Where bundles are served when the declared registry cannot. */
export interface FallbackTarget {
  /** Puts in place what can be put before it is known whether the fallback will be needed. */
  prepare?(bundle: FallbackBundle): Promise<void>;
  /** Puts the image there under the fixed tag and then the moving ones, and says where it is. */
  put(bundle: FallbackBundle, options?: CallOptions): Promise<Served>;
}

export interface FallbackBundle {
  readonly name: string;
  /** As declared. */
  readonly reference: Reference & { readonly tag: string };
  readonly image: Image;
  readonly moving: readonly string[];
}
