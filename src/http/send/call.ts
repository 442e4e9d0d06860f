import type { ByteSource } from '../../bytes/byte-source.js';
import type { HeaderFields, HttpRequest } from '../message.js';

/** One request on its way through retries, redirects and the reading of its answer. */
export interface Call extends HttpRequest {
  /** False for what must not be sent twice without a look in between. Default true. */
  readonly repeat?: boolean | undefined;
  /** How often it is sent at most where no answer comes. Default: by the kind of the failure. */
  readonly attempts?: number | undefined;
  /** How long the head of the answer may take. Default 30 s. */
  readonly headMs?: number | undefined;
  /** Bytes of the body that are kept. Default 64 KiB. */
  readonly limit?: number | undefined;
  /** The size of the body of a 200, if the headers do not state it. */
  readonly size?: number | undefined;
  /** Hands out the body of a 200 unread. Default false. */
  readonly stream?: boolean | undefined;
  /** Its scheme is for the host to decide. Default false. */
  readonly anyScheme?: boolean | undefined;
  /** Called for each request that is sent for it. */
  readonly onSent?: (() => void) | undefined;
}

/** What came of it: plain data, the body read. */
export interface Answer {
  readonly method: string;
  /** The address of the last request, after redirects; it may carry secrets in its query. */
  readonly url: URL;
  readonly status: number;
  readonly headers: HeaderFields;
  /** The body, or its start. */
  readonly body: Uint8Array;
  /** False where the body is longer than the limit, or an error body broke off. */
  readonly complete: boolean;
  /** Set if the caller requested the stream: the caller reads it to its end or closes it. */
  readonly source?: ByteSource | undefined;
  /** False when a redirect led to another origin, whose text is not the host's. */
  readonly fromOrigin: boolean;
  readonly http2: boolean | undefined;
  /** See HttpResponse. */
  readonly proxy?: string | undefined;
}

/** @throws NetworkError; the signal's reason */
export type Exchange = (call: Call) => Promise<Answer>;
