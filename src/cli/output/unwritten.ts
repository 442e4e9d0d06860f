import { writeError } from '../../fs/machine-error.js';

/** Why standard output could not be written, as lines for standard error. */
export function describeUnwritten(failure: Error): readonly string[] {
  const { code, message, hint } = writeError(failure, 'write standard output', 'standard output');
  return [`error[${code}]: ${message}`, ...(hint === undefined ? [] : [`hint: ${hint}`])];
}
