import { type FieldPath, formatPath } from '../../objects/field-path.js';
import type { ReferenceEdit } from '../../sources/edit-references.js';
import { lintRules, type RuleName, type Severity } from '../rules/rules.js';

/** A problem that a rule found, with its position. */
export interface Finding {
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string | null;
  /** As given; `-` for standard input. */
  readonly file: string;
  /** Counted from 1; columns in characters, the end behind the last one. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** The object it is about, where that is known. */
  readonly object: { readonly kind: string; readonly name: string } | null;
  /** The field, e.g. `spec.steps[0].image`. */
  readonly path: string | null;
  /** What would set it right without changing anything else, where that is certain. */
  readonly fix: Fix | null;
}

/** A scalar that is to be written otherwise, or lines that are to go. */
export type Fix = { readonly description: string } & (
  | { readonly edit: ReferenceEdit }
  /** Counted from 1; `to` stays. */
  | { readonly lines: { readonly from: number; readonly to: number } }
);

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Span {
  readonly start: Position;
  /** Behind the last character. */
  readonly end: Position;
}

interface FindingLocation {
  readonly file: string;
  readonly span: Span;
  readonly path?: FieldPath;
  readonly object?: Finding['object'];
  readonly hint?: string | null;
  readonly fix?: Fix | null;
}

export function makeFinding(
  rule: RuleName,
  message: string,
  { file, span: { start, end }, path, object = null, hint = null, fix = null }: FindingLocation,
): Finding {
  return {
    rule,
    severity: lintRules[rule].severity,
    message,
    hint,
    file,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    object,
    path: path === undefined ? null : formatPath(path),
    fix,
  };
}
