import { explainCode } from '../../../src/cli/help/explain-page.js';
import type { ErrorCode } from '../../../src/errors.js';

/** The message that `explain CODE` and the reference show. */
export const exampleOf = (code: ErrorCode): string =>
  explainCode(code).example.slice(`error[${code}]: `.length);
