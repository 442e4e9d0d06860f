import { type FieldPath, formatPath } from '../objects/field-path.js';
import type { Finding, Fix } from './finding.js';
import type { Span } from './locator.js';
import { lintRules, type RuleName } from './rules.js';

export interface FindingLocation {
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
