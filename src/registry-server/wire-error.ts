import { type Digest, isDigest } from '../oci/digest.js';

/** The error codes of the distribution specification, and the few that distribution itself adds. */
export type WireCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DENIED'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'PAGINATION_NUMBER_INVALID'
  | 'RANGE_INVALID'
  | 'SIZE_INVALID'
  | 'TAG_INVALID'
  | 'TOOMANYREQUESTS'
  | 'UNAUTHORIZED'
  | 'UNAVAILABLE'
  | 'UNKNOWN'
  | 'UNSUPPORTED';

export interface WireErrorOptions {
  readonly detail?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Stays here. */
  readonly cause?: unknown;
}

/** A refusal on its way to the client: thrown anywhere below the handler, answered as the specification wants it. */
export class WireError extends Error {
  readonly status: number;
  readonly code: WireCode;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: WireCode,
    message: string,
    { detail, headers = {}, cause }: WireErrorOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'WireError';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.headers = headers;
  }
}

export function toResponse({ status, code, message, detail, headers }: WireError): Response {
  const body = JSON.stringify({ errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] });
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } });
}

/** @throws WireError 400 DIGEST_INVALID */
export function requireDigest(text: string | null): Digest {
  if (isDigest(text)) return text;
  throw new WireError(400, 'DIGEST_INVALID', 'digest is not sha256:<64 hex> or sha512:<128 hex>', {
    detail: { digest: text?.slice(0, 200) ?? null },
  });
}
