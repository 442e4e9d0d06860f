import { reportedError } from '../../publish/reported-error.js';

/** The JSON document of a command line that could not be run. */
export function usageDocument(error: unknown): string {
  return `${JSON.stringify({ version: 1, bundles: [], summary: null, error: reportedError(error) }, null, 2)}\n`;
}
