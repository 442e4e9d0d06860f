import { BundlesError } from '../errors.js';

/** One thing wrong with a workflow schema about to be derived. */
export interface SchemaProblem {
  /** `SCHEMA_MISMATCH`: Pipeline and declaration do not fit; `SCHEMA_INVALID`: no reader would take the result. */
  readonly code: 'SCHEMA_MISMATCH' | 'SCHEMA_INVALID';
  /** Stable name, e.g. `declared-unknown`. */
  readonly rule: string;
  /** Where to mend it: a file with its document, or a path in the project file. */
  readonly where: string;
  readonly message: string;
  readonly hint?: string;
}

/** The error for all of them: the first in the message, all in `details.problems`. */
export function schemaProblemsError(problems: readonly SchemaProblem[], bundle: string): BundlesError {
  const [first] = problems;
  if (first === undefined) throw new TypeError('There is no problem to report');
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new BundlesError(
    first.code,
    `Cannot derive the workflow schema of ${JSON.stringify(bundle)}: ${first.where}: ${first.message}${more}`,
    {
      ...(first.hint === undefined ? {} : { hint: first.hint }),
      details: { bundle, rule: first.rule, where: first.where, problems },
    },
  );
}
