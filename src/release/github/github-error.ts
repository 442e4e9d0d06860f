import { BundlesError, isBundlesError } from '../../errors.js';
import { isNetworkError } from '../../http/network-error.js';
import { shorten } from '../../http/shorten.js';

/** Why GitHub failed us; stable words for programs. */
export type GitHubReason =
  // GITHUB_UNREACHABLE
  | 'network'
  | 'server-error'
  | 'not-github'
  // GITHUB_DENIED
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  // RATE_LIMITED
  | 'rate-limited'
  // GITHUB_REFUSED
  | 'conflict'
  | 'invalid'
  | 'status';

export interface GitHubErrorOptions {
  readonly reason: GitHubReason;
  readonly status?: number | undefined;
  /** The request may have been carried out although it failed. Default false. */
  readonly mayHaveHappened?: boolean;
  /** The codes of GitHub's own errors, e.g. `already_exists`. */
  readonly codes?: readonly string[];
  readonly cause?: unknown;
}

/** GitHub refused, did not answer, or answered what cannot be believed. */
class GitHubError extends BundlesError {
  readonly reason: GitHubReason;
  readonly status: number | undefined;
  readonly mayHaveHappened: boolean;
  readonly codes: readonly string[];

  constructor(message: string, options: GitHubErrorOptions) {
    const { reason, status, mayHaveHappened = false, codes = [], cause } = options;
    const { code, hint } = rows[reason];
    super(code, message, { hint, details: { reason, ...(status ? { status } : {}), codes }, cause });
    this.reason = reason;
    this.status = status;
    this.mayHaveHappened = mayHaveHappened;
    this.codes = codes;
  }
}

/** True for our own, also across two loaded copies of the library. */
export function isGitHubError(error: unknown): error is GitHubError {
  return isBundlesError(error) && 'mayHaveHappened' in error && 'codes' in error;
}

const rows = {
  network: {
    code: 'GITHUB_UNREACHABLE',
    hint: 'Check the network, the proxy settings and GITHUB_API_URL, and run the command again',
  },
  'server-error': {
    code: 'GITHUB_UNREACHABLE',
    hint: 'GitHub has an internal problem: run the command again later; it continues where it stopped',
  },
  'not-github': {
    code: 'GITHUB_UNREACHABLE',
    hint: 'Check GITHUB_API_URL: https://api.github.com, or https://HOST/api/v3 on GitHub Enterprise Server',
  },
  unauthorized: { code: 'GITHUB_DENIED', hint: 'Set GITHUB_TOKEN to a token that is valid' },
  forbidden: {
    code: 'GITHUB_DENIED',
    hint: 'Give the job, or the token in GITHUB_TOKEN, the permissions that the command needs',
  },
  'not-found': {
    code: 'GITHUB_DENIED',
    hint: 'Check the name of the repository; GitHub answers 404 also where the token lacks a permission',
  },
  'rate-limited': {
    code: 'RATE_LIMITED',
    hint: 'GitHub limits the requests of this token: run the command again later; it continues where it stopped',
  },
  conflict: { code: 'GITHUB_REFUSED', hint: 'Another job changed the same thing: run the command again' },
  invalid: { code: 'GITHUB_REFUSED', hint: 'The message has the reason that GitHub gives' },
  status: {
    code: 'GITHUB_REFUSED',
    hint: 'Check GITHUB_API_URL and the version of GitHub Enterprise Server',
  },
} as const;

/** Converts any error of a call to a BundlesError: `Cannot <doing>: …`. */
export function toGitHubError(error: unknown, doing: string): BundlesError {
  const cause = rootOf(error);
  if (isNetworkError(cause)) {
    return new GitHubError(`Cannot ${doing}: ${cause.text} at ${JSON.stringify(cause.url)}`, {
      reason: 'network',
      mayHaveHappened: !isNeverSent(cause.reason),
      cause: error,
    });
  }
  if (isBundlesError(cause)) return cause;
  if (!isAnswer(error)) throw error;
  const { status, response } = error;
  const { message, codes } = wordsOf(response?.data);
  const reason = reasonOf(status, message, response?.headers ?? {});
  const found = message === '' ? '' : `, ${JSON.stringify(message)}`;
  return new GitHubError(`Cannot ${doing}: GitHub answered ${status}${found}`, {
    reason,
    status,
    codes,
    mayHaveHappened: status >= 500,
    cause: error,
  });
}

/** The answer to a call that is not an answer of GitHub's API: a page to log in, for example. */
export function notGitHub(doing: string): GitHubError {
  return new GitHubError(`Cannot ${doing}: the answer is not from the API of GitHub`, {
    reason: 'not-github',
  });
}

/** A connection that never came about carried no request. */
function isNeverSent(reason: string): boolean {
  return ['dns', 'refused', 'unreachable-host', 'proxy'].includes(reason) || reason.startsWith('tls');
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && isBundlesError(error.cause) ? error.cause : error;
}

interface AnswerError {
  readonly status: number;
  readonly response?: {
    readonly data?: unknown;
    readonly headers?: Readonly<Record<string, string | undefined>>;
  };
}

function isAnswer(error: unknown): error is Error & AnswerError {
  return error instanceof Error && 'status' in error && typeof error.status === 'number';
}

function reasonOf(
  status: number,
  message: string,
  headers: Readonly<Record<string, string | undefined>>,
): GitHubReason {
  const isLimit = /\brate limit/i.test(message) || headers['x-ratelimit-remaining'] === '0';
  if (status === 429 || (status === 403 && isLimit)) return 'rate-limited';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 409) return 'conflict';
  if (status === 400 || status === 413 || status === 422) return 'invalid';
  return status >= 500 ? 'server-error' : status < 400 ? 'not-github' : 'status';
}

/** What GitHub states in a refusal, capped. */
function wordsOf(data: unknown): { readonly message: string; readonly codes: readonly string[] } {
  if (typeof data !== 'object' || data === null) return { message: '', codes: [] };
  const text = 'message' in data && typeof data.message === 'string' ? data.message : '';
  const errors: readonly unknown[] = 'errors' in data && Array.isArray(data.errors) ? data.errors : [];
  const part = (key: 'code' | 'message') =>
    errors.slice(0, 10).flatMap((one) => {
      const value =
        typeof one === 'object' && one !== null ? (one as Record<string, unknown>)[key] : undefined;
      return typeof value === 'string' ? [shorten(value)] : [];
    });
  return { message: shorten([text, ...part('message')].join(': ')), codes: part('code') };
}
