import type { Reference } from '../../oci/reference.js';

/** A declared service image: what it is built from, and where it lives. */
export interface ImageSpec {
  readonly name: string;
  /** Its repository, and the tag that it gets beside the one of its key, where one is declared. */
  readonly reference: Reference;
  /** The directory it is built from, relative to the project's directory, with `/`. */
  readonly context: string;
  /** Relative to the project's directory; undefined: `Containerfile`, else `Dockerfile`, in the context. */
  readonly containerfile: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  /** Sorted, each `os/architecture` with an optional variant; empty: that of the engine. */
  readonly platforms: readonly string[];
}
