import { type ErrorCode, toBundlesError } from '../errors.js';

/** An error as it is in a result. */
export function reportedError(error: unknown): ReportedError {
  const { code, message, hint, details } = toBundlesError(error);
  return { code, message, hint: hint ?? null, details };
}

/** An error as it is part of a result. */
export interface ReportedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}
