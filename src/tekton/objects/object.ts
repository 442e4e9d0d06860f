import type { YamlValue } from '../yaml/value.js';

/** A Tekton resource as it goes into a bundle. */
export interface TektonObject {
  /** As written, e.g. `tekton.dev/v1`. */
  readonly apiVersion: string;
  /** As written, e.g. `Pipeline`; bundles annotate it in lower case. */
  readonly kind: string;
  readonly name: string;
  /** The exact bytes of the layer's file: canonical JSON, or the source's own where that was JSON. */
  readonly json: Uint8Array;
  /** Its content, with every digit of its numbers. */
  readonly value: YamlValue;
  readonly origin: ObjectOrigin;
}

/** Where an object came from. */
export interface ObjectOrigin {
  /** Path as the user gave it; `-` for standard input. */
  readonly file: string;
  /** Counted from 1 within the file. */
  readonly document: number;
  /** The document's first line, counted from 1. */
  readonly line: number;
}

/** A source file in memory. */
export interface Source {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Something a user should know and that changes no byte. */
export interface SourceWarning {
  /** Stable rule name, e.g. `null-document`. */
  readonly rule: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
}
