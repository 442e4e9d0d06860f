import { toBundlesError } from '../errors.js';
import type { ReportedError } from './result.js';

/** An error as it stands in a result. */
export function reportedError(error: unknown): ReportedError {
  const { code, message, hint, details } = toBundlesError(error);
  return { code, message, hint: hint ?? null, details };
}
