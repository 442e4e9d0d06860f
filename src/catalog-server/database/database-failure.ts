/** What a failed statement means for the client. */
export type DatabaseFailure =
  /** The database did not respond, or its response leaves open whether the statement was carried out. */
  | 'away'
  /** The row is there already. */
  | 'duplicate'
  /** A value no column takes, e.g. one with a NUL character. */
  | 'value'
  | 'other';

/** An embedded database that cannot be opened or broke down; the next use opens it again. */
export class DatabaseAwayError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'DatabaseAwayError';
  }
}

/** Sorts an error of either driver by its SQLSTATE, its error number, or its lack of both. */
export function databaseFailure(error: unknown): DatabaseFailure {
  if (!(error instanceof Error)) return 'other';
  if (error.name === 'DatabaseAwayError') return 'away';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined) {
    // The driver's own failures of a connection (terminated, timed out) are plain errors; mistakes of a program are not.
    return error.name === 'Error' || error.name === 'AggregateError' ? 'away' : 'other';
  }
  if (code === '23505') return 'duplicate';
  if (isSqlState(code)) {
    if (code.startsWith('22')) return 'value';
    // Connection exceptions, no memory or disk, shutdown and start, an I/O error of the server.
    return /^(?:08|53|57P|58)/.test(code) ? 'away' : 'other';
  }
  return /^(?:E(?!RR_)[A-Z_]+|ERR_(?:SOCKET|STREAM|TLS|SSL)_\w+)$/.test(code) ? 'away' : 'other';
}

export function isSqlState(code: unknown): boolean {
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
}
