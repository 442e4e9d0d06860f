import { join } from 'node:path';

/** An embedded registry that serves a state directory now. */
export interface RunningRegistry {
  /** Where it listens, e.g. `http://127.0.0.1:5055`. */
  readonly url: string;
  /** Host and port of the URL, as references name it. */
  readonly host: string;
  /** The text its handler was given: unique to this one. */
  readonly instance: string;
}

/** The response header of `/v2/` that carries the instance of an embedded registry. */
export const instanceHeader = 'bundles-registry-instance';

/** A file name and a header value, whatever it is. */
export const instancePattern = /^[A-Za-z0-9-]{8,64}$/;

export function notesDirectory(root: string): string {
  return join(root, '.serving');
}
