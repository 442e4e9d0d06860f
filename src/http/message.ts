import type { ByteSource } from '../bytes/byte-source.js';

/** The fields of a head: names in lower case, repeated ones joined by a comma. */
export type HeaderFields = Readonly<Record<string, string>>;

/** What a client sends. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Without the length of the body, which the transport adds. */
  readonly headers: HeaderFields;
  readonly body?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives the number of bytes sent, piece by piece. */
  readonly onBodyBytes?: ((bytes: number) => void) | undefined;
}

/** What it gets: the head, and the body as it arrives. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: HeaderFields;
  /** Undefined where there is none. A body that is not wanted has to be closed. */
  readonly body: ByteSource | undefined;
  /** Whether HTTP/2 carried it, or HTTP/1.1; undefined where no connection did. */
  readonly http2?: boolean | undefined;
  /** Address of the proxy that got the request, where one did and could answer itself. */
  readonly proxy?: string | undefined;
}

/**
 * Sends one request. It follows no redirect, decompresses nothing and tries nothing again. An abort rejects with the
 * signal's reason, everything else that goes wrong with an error whose chain of causes holds the system's code.
 */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

/** The head as Node gives it, names and values in turn; the pseudo fields of HTTP/2 are left out. */
export function fieldsOf(raw: readonly string[]): HeaderFields {
  const fields: Record<string, string> = Object.create(null);
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    if (name.startsWith(':')) continue;
    const known = fields[name];
    fields[name] = known === undefined ? value : `${known}, ${value}`;
  }
  return fields;
}

/** The length that a head declares; undefined where it declares none that makes sense. */
export function declaredLength({ 'content-length': text }: HeaderFields): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The media type alone, in lower case; empty where there is none. */
export function mediaTypeOf({ 'content-type': type = '' }: HeaderFields): string {
  return (type.split(';', 1)[0] ?? '').trim().toLowerCase();
}
