import { InvalidArgumentError } from 'commander';

/** A port to listen on, 0 for any that is free. */
export function parsePort(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= 65535)) throw new InvalidArgumentError('wanted a port, 0 to 65535.');
  return number;
}
