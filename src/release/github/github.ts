import { abortable } from '../../async/abortable.js';
import type { Clock } from '../../async/clock.js';
import { BundlesError } from '../../errors.js';
import { locationOfHost } from '../../http/host-location.js';
import type { Send } from '../../http/message.js';
import { redactUrl } from '../../http/redact.js';
import { version } from '../../version.js';
import { isGitHubError, notGitHub, toGitHubError } from './github-error.js';
import { createGitHubFetch } from './github-fetch.js';
import type { Rest } from './octokit.js';

export interface GitHubOptions {
  readonly send: Send;
  readonly clock: Clock;
  /** Default https://api.github.com; `https://HOST/api/v3` on GitHub Enterprise Server. */
  readonly url?: string | undefined;
  /** Sent to the origins of that API and nowhere else. */
  readonly token: string;
  /** `OWNER/NAME`. */
  readonly repository: string;
  /** For one answer with its body. Default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** How long a second of GitHub's own pauses takes. Default 1000; tests take less. */
  readonly secondMs?: number | undefined;
  /** Bytes of one answer. Default 64 MiB: the tree of a large repository, or a release asset. */
  readonly answerLimit?: number | undefined;
  readonly onRequest?: (() => void) | undefined;
}

/** The parameters that every route has. */
export type Where = {
  readonly owner: string;
  readonly repo: string;
  readonly request: { readonly signal?: AbortSignal; readonly retries?: number };
};

/** One call of one of GitHub's routes. */
export type Call<T> = (rest: Rest, where: Where) => Promise<{ readonly data: T }>;
/** The same for a list; the words about pages belong to its parameters. */
export type PageCall<T> = (
  rest: Rest,
  where: Where & { readonly per_page: number; readonly page: number },
) => Promise<{ readonly data: readonly T[]; readonly headers: { readonly link?: string | undefined } }>;

export interface Creation<T> {
  /** For messages: `Cannot <doing>: …`. */
  readonly doing: string;
  /** What is there already; undefined where it is still to be made. */
  readonly look: () => Promise<T | undefined>;
  readonly create: Call<T>;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

interface AskOptions extends CallOptions {
  /** False for what must not be sent twice without a look in between. Default true. */
  readonly repeat?: boolean;
}

/** One repository on GitHub. Every method throws GITHUB_UNREACHABLE, GITHUB_DENIED, GITHUB_REFUSED, RATE_LIMITED, and the signal's reason. */
export interface GitHub {
  readonly owner: string;
  readonly repo: string;
  /** The answer to one call, sent again after failures that may pass: for reading, and for what may happen twice. */
  ask<T>(doing: string, call: Call<T>, options?: AskOptions): Promise<T>;
  /** The same; undefined for a 404. */
  find<T>(doing: string, call: Call<T>, options?: CallOptions): Promise<T | undefined>;
  /** All pages of a list. */
  list<T>(doing: string, call: PageCall<T>, options?: CallOptions): Promise<T[]>;
  /**
   * Creates an object that must exist only once: looks it up, creates it if missing, and looks it up again if the response
   * was lost or another client was faster.
   */
  ensure<T>(creation: Creation<T>, options?: CallOptions): Promise<{ action: 'created' | 'found'; value: T }>;
}

const githubUrl = 'https://api.github.com';
const pageSize = 100;
const mostPages = 100;
const mostAttempts = 4;

/** Opens a repository on GitHub; sends nothing yet. @throws USAGE for an address, a token or a name that cannot be one */
export async function createGitHub(options: GitHubOptions): Promise<GitHub> {
  const { send, clock, token, timeoutMs = 30_000, secondMs = 1_000, onRequest } = options;
  const { answerLimit: limit = 64 * 1024 * 1024 } = options;
  const { baseUrl, origins } = readApiUrl(options.url ?? githubUrl);
  const { owner, repo } = readRepository(options.repository);
  requireToken(token);
  const fetch = createGitHubFetch({ send, clock, origins, token, timeoutMs, limit, onRequest });
  const { createOctokit } = await import('./octokit.js');
  const rest = createOctokit({ baseUrl, userAgent: `tekton-bundles/${version}`, fetch, clock, secondMs });

  const ask = async <T, A extends { readonly data: T }>(
    doing: string,
    call: (where: Where) => Promise<A>,
    { signal, repeat = true }: AskOptions = {},
  ): Promise<A> => {
    signal?.throwIfAborted();
    const request = { ...(signal ? { signal } : {}), ...(repeat ? {} : { retries: 0 }) };
    try {
      const answer = await abortable(call({ owner, repo, request }), signal);
      if (typeof answer.data === 'string' && answer.data !== '') throw notGitHub(doing);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      throw toGitHubError(error, doing);
    }
  };
  const github: GitHub = {
    owner,
    repo,
    ask: async (doing, call, how) => (await ask(doing, (where) => call(rest, where), how)).data,
    async find(doing, call, how) {
      try {
        return await github.ask(doing, call, how);
      } catch (error) {
        if (isGitHubError(error) && error.reason === 'not-found') return undefined;
        throw error;
      }
    },
    async list(doing, call, how) {
      const all = [];
      for (let page = 1; page <= mostPages; page++) {
        const answer = await ask(doing, (where) => call(rest, { ...where, per_page: pageSize, page }), how);
        if (!Array.isArray(answer.data)) throw notGitHub(doing);
        all.push(...answer.data);
        if (!/\brel="next"/.test(answer.headers.link ?? '')) break;
      }
      return all;
    },
    async ensure({ doing, look, create }, { signal } = {}) {
      for (let attempt = 1; ; attempt++) {
        const value = await look();
        if (value !== undefined) return { action: attempt === 1 ? 'found' : 'created', value };
        try {
          const { data } = await ask(doing, (where) => create(rest, where), { signal, repeat: false });
          return { action: 'created', value: data };
        } catch (error) {
          if (!isGitHubError(error) || !isWorthLooking(error, attempt)) throw error;
          await clock.sleep(attempt * secondMs, signal);
        }
      }
    },
  };
  return github;
}

/** True if the object may exist after a failure: the response was lost, or another client was faster. */
function isWorthLooking(
  { reason, mayHaveHappened }: { readonly reason: string; readonly mayHaveHappened: boolean },
  attempt: number,
): boolean {
  if (mayHaveHappened || reason === 'network') return attempt < mostAttempts;
  return (reason === 'invalid' || reason === 'conflict') && attempt < 2;
}

/** The API's address and the origins that belong to it: uploads have a separate host beside `api.`. */
function readApiUrl(text: string): { readonly baseUrl: string; readonly origins: readonly string[] } {
  const refuse = (why: string) =>
    new BundlesError('USAGE', `Cannot use GITHUB_API_URL ${JSON.stringify(redactUrl(text))}: ${why}`, {
      hint: 'Write https://api.github.com, or https://HOST/api/v3 on GitHub Enterprise Server',
    });
  if (!URL.canParse(text)) throw refuse('it is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('it is not http or https');
  if (url.username !== '' || url.password !== '') throw refuse('it holds a user or a password');
  if (url.search !== '' || url.hash !== '') throw refuse('it holds a query or a fragment');
  if (url.protocol === 'http:' && locationOfHost(url.hostname) === 'public')
    throw refuse('the token would cross a network unprotected');
  const uploads = new URL(url.origin);
  uploads.hostname = url.hostname.replace(/^api\./, 'uploads.');
  const baseUrl = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return { baseUrl, origins: [...new Set([url.origin, uploads.origin])] };
}

function readRepository(name: string): { readonly owner: string; readonly repo: string } {
  const [, owner, repo] = /^([A-Za-z0-9][A-Za-z0-9_-]{0,99})\/([A-Za-z0-9._-]{1,100})$/.exec(name) ?? [];
  if (owner !== undefined && repo !== undefined && !/^\.+$/.test(repo)) return { owner, repo };
  throw new BundlesError('USAGE', `Cannot use the repository ${JSON.stringify(name)}: expected OWNER/NAME`, {
    hint: 'Name it with --github OWNER/NAME or in GITHUB_REPOSITORY',
  });
}

function requireToken(token: string): void {
  if (/^[\u0021-\u007e]+$/.test(token)) return;
  throw new BundlesError(
    'USAGE',
    'Cannot use the token for GitHub: it is empty, or contains white space or other characters that are not allowed in a header',
    { hint: 'Set GITHUB_TOKEN to a token of the repository' },
  );
}
