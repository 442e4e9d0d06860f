import type { ProblemSpot } from '../yaml-file/config-node.js';
import type { YamlPath } from '../yaml-file/yaml-position.js';

/** A note is about something that is in order and may still surprise; `--strict` leaves it alone. */
export type ProblemSeverity = 'error' | 'warning' | 'note';

/** Something wrong in a document, before its position is known. */
export interface DocumentProblem {
  /** Stable name, e.g. `labels-severity-value`. */
  readonly rule: string;
  readonly severity: ProblemSeverity;
  readonly path: YamlPath;
  readonly at: ProblemSpot;
  /** What was found and what is wanted. */
  readonly message: string;
  readonly hint?: string | undefined;
  /** True where the value was meant as text and YAML took it for something else. */
  readonly unquoted?: boolean | undefined;
  /** Where the problem is, if not in the document. */
  readonly elsewhere?: { readonly file: string; readonly line: number } | undefined;
}

/** An error at a value. */
export function problemAt(
  path: YamlPath,
  rule: string,
  message: string,
  more: Partial<Pick<DocumentProblem, 'severity' | 'at' | 'hint' | 'unquoted' | 'elsewhere'>> = {},
): DocumentProblem {
  return { rule, severity: 'error', path, at: 'value', message, ...more };
}
