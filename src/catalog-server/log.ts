import { shorten } from '../http/shorten.js';

/** The levels of a log line. */
export type LogLevel = 'info' | 'warn' | 'error';

/** Receives what the catalog does; fields are plain data, an error is reduced to its message. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

/** A record for each entry. */
export function createJsonLog(
  write: (entry: object) => void,
  { now, quiet = false }: { readonly now: () => number; readonly quiet?: boolean },
): Log {
  return (level, message, fields = {}) => {
    if (quiet && level === 'info') return;
    const { error, ...rest } = fields;
    const reason = error === undefined ? {} : { error: reasonOf(error) };
    const time = new Date(now()).toISOString();
    write({ time, level, message, ...rest, ...reason });
  };
}

function reasonOf(error: unknown): string {
  const messages: string[] = [];
  for (let cause = error, depth = 0; cause instanceof Error && depth < 4; cause = cause.cause, depth++) {
    // The error of a connection that was tried at several addresses has no message.
    const inner = cause instanceof AggregateError ? (cause.errors[0] as Error | undefined) : undefined;
    messages.push(cause.message || inner?.message || cause.name);
  }
  return shorten(messages.join(': ') || String(error), { max: 500 });
}
