import type { FieldPath } from '../objects/field-path.js';

/** Something in an object that a cluster refuses. */
export interface Problem {
  /** Stable, e.g. `no-undefined-param`; docs/reference/lint.md has a row for each. */
  readonly rule: string;
  readonly message: string;
  /** The field that is wrong, or the one that misses something. */
  readonly path: FieldPath;
}

/** Collects what a check finds. */
export type Report = (rule: string, at: { readonly path: FieldPath }, message: string) => void;

/** A value in a message: quoted, and not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
