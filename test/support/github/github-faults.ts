/**
 * What may go wrong with one request. `-after`: GitHub did what was asked, and the client does not hear of it.
 * `slow`: the answer never comes.
 */
export type GitHubFault =
  | 'bad-gateway'
  | 'bad-gateway-after'
  | 'reset'
  | 'reset-after'
  | 'secondary-limit'
  | 'rate-limit'
  | 'conflict'
  | 'slow'
  | 'slow-after'
  | 'not-json';

export const githubFaults: readonly GitHubFault[] = [
  'bad-gateway',
  'bad-gateway-after',
  'reset',
  'reset-after',
  'secondary-limit',
  'conflict',
  'slow',
  'slow-after',
];

/** A request as the server saw it. */
export interface SeenRequest {
  /** Counted from 0. */
  readonly index: number;
  readonly method: string;
  /** Below the API's base, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export function isCarriedOut(fault: GitHubFault): boolean {
  return fault.endsWith('-after');
}
