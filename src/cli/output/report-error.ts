import { type BundlesError, toBundlesError } from '../../errors.js';
import { safeText } from '../../http/safe-text.js';
import { reportedError } from '../../publish/reported-error.js';

/** An error as `error[CODE]: message` and its hint; a stack only for errors that are not ours. */
export function describeError(error: unknown, { verbose }: { verbose: boolean }): string {
  const ours = toBundlesError(error);
  const lines = [`error[${ours.code}]: ${ours.message}`];
  if (ours.hint) lines.push(`hint: ${ours.hint}`);
  if (ours.code === 'UNEXPECTED' || verbose) lines.push(...causes(ours));
  return `${lines.join('\n')}\n`;
}

function causes(error: BundlesError): string[] {
  const lines: string[] = [];
  let cause: unknown = error.cause;
  for (let depth = 0; cause instanceof Error && depth < 5; depth++) {
    const foreign = error.code === 'UNEXPECTED' && depth === 0;
    // TLS and HTTP parsers quote what the other side sent.
    lines.push(foreign ? (cause.stack ?? cause.message) : `cause: ${safeText(cause.message, { max: 1000 })}`);
    cause = cause.cause;
  }
  return lines;
}

/** The JSON document of a command line that could not be run. */
export function usageDocument(error: unknown): string {
  return `${JSON.stringify({ version: 1, bundles: [], summary: null, error: reportedError(error) }, null, 2)}\n`;
}
