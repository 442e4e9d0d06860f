import type { Clock } from '../async/clock.js';
import type { Fetch } from '../http/serve/handler-transport.js';
import type { Accounts, Right, TokenIssuer } from './accounts.js';

/** How one kind of registry differs from the specification: wrapped around a registry that keeps to it. */
export interface Profile {
  readonly name: string;
  /** What anonymous clients may do unless the test states otherwise. */
  readonly anonymous: Right;
  /** Puts the registry's behaviour around plain content. */
  wrap(next: Fetch, stage: Stage): Fetch;
  readonly texts: ErrorTexts;
}

/** What the profile and the faults of one faulty registry share. */
export interface Stage {
  readonly texts: ErrorTexts;
  readonly clock: Clock;
  /** Scheme, host and port of the registry. */
  readonly origin: string;
  /** Its second origin: token services and storage of some registries live on another host. */
  readonly elsewhere: string;
  /** The content alone: no profile, no fault, and requests are not recorded. */
  readonly content: Fetch;
  readonly accounts: Accounts;
  readonly tokens: TokenIssuer;
  readonly repositories: RepositoryList;
  /** A tag that exists cannot be moved. */
  readonly immutableTags: boolean;
}

/** The repositories that exist: those that were created, and those that hold content. */
export interface RepositoryList {
  exists(name: string): Promise<boolean>;
  /** Whether anonymous clients may read it where they may read anything. */
  isPublic(name: string): boolean;
  names(): Promise<readonly string[]>;
  createPrivate(name: string): void;
}

/** The error responses in which registries differ. */
export interface ErrorTexts {
  readonly tooManyRequests: () => Response;
  readonly tagImmutable: (tag: string) => Response;
  readonly unknownBlob: (digest: string) => Response;
}

/**
 * Error responses as in the specification, or as distribution sends them where the specification leaves them open. A profile of your own
 * takes them as they are, or replaces some.
 *
 * @example
 * ```ts
 * import { plainErrorTexts } from 'tekton-bundles/testing';
 *
 * console.log(plainErrorTexts.tooManyRequests().status); // 429
 * ```
 */
export const plainErrorTexts: ErrorTexts = {
  tooManyRequests: () => refusal(429, ['TOOMANYREQUESTS', 'too many requests']),
  tagImmutable: (tag) => refusal(409, ['TAG_IMMUTABLE', `tag ${tag} is immutable`]),
  unknownBlob: (digest) =>
    refusal(400, ['MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry'], { detail: { digest } }),
};

/** The detail and the headers of an error response. */
export interface RefusalOptions {
  readonly detail?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An error response in the form of the distribution specification.
 *
 * @example
 * ```ts
 * import { refusal } from 'tekton-bundles/testing';
 *
 * const response = refusal(403, ['DENIED', 'not for you']);
 * console.log(response.status, await response.text()); // 403 {"errors":[{"code":"DENIED","message":"not for you"}]}
 * ```
 */
export function refusal(
  status: number,
  [code, message]: readonly [string, string],
  { detail, headers = {} }: RefusalOptions = {},
): Response {
  const error = detail === undefined ? { code, message } : { code, message, detail };
  return Response.json({ errors: [error] }, { status, headers });
}

/** The first error code of a response, which can still be read afterwards. */
export async function codeOf(response: Response): Promise<string | undefined> {
  try {
    const body = (await response.clone().json()) as { errors?: readonly { code?: string }[] };
    return body.errors?.[0]?.code;
  } catch {
    return undefined;
  }
}

/** The same response with some headers changed, or removed where undefined. */
export function withHeaders(
  answer: Response,
  changes: Readonly<Record<string, string | undefined>>,
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | string | null = answer.body,
): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
  return new Response(body, { status: answer.status, headers });
}

export function isRead({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD';
}
