import type { Deadline } from '../async/deadline.js';
import type { Authorization } from '../auth/authorizer.js';
import type { ByteSource } from '../content/verified-stream.js';
import { redactUrl } from '../http/redact.js';
import { RegistryError } from './registry-error.js';

/** A body that stops arriving for so long is broken. */
const idleBodyMs = 30_000;

/** One HTTP answer, with the address that gave it. */
export interface Answer {
  readonly method: string;
  /** The address last asked, after redirects; it may carry secrets in its query. */
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  /** False when a redirect led to another origin, whose words are not the registry's. */
  readonly fromRegistry: boolean;
  /** What the request carried. */
  readonly sent: Authorization | undefined;
  /** The whole body. @throws RegistryError TOO_LARGE beyond `limit`; retryable when it breaks off */
  read(limit: number): Promise<Uint8Array>;
  /** At most `limit` bytes of the body, whatever follows; the same when asked again. */
  readStart(limit: number): Promise<Uint8Array>;
  /** The body as it comes; the caller reads it to its end or closes it. */
  source(): ByteSource;
  /** Hides the secrets of this run in what the server says. */
  redact(text: string): string;
  /** Frees the connection when the body is of no interest. */
  discard(): Promise<void>;
}

export interface AnswerParts {
  readonly method: string;
  readonly url: URL;
  readonly response: Response;
  readonly fromRegistry: boolean;
  readonly sent?: Authorization | undefined;
  readonly deadline: Deadline;
  /** Called when the body outlives the exchange; the deadline is closed with the body then. */
  readonly keep: () => void;
  readonly redact: (text: string) => string;
}

export function createAnswer({
  method,
  url,
  response,
  fromRegistry,
  sent,
  deadline,
  keep,
  redact,
}: AnswerParts): Answer {
  const { status, headers } = response;
  let start: Promise<Uint8Array> | undefined;
  const collect = async (limit: number, beyond: 'refuse' | 'cut'): Promise<Uint8Array> => {
    const declared = declaredLength(headers);
    const subject = { method, url: redactUrl(url), status };
    if (beyond === 'refuse' && declared !== undefined && declared > limit) {
      await discard(response);
      throw tooLarge(subject, limit);
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    const reader = response.body?.getReader();
    while (reader) {
      const { done, value } = await deadline.within(idleBodyMs, reader.read());
      if (done) break;
      chunks.push(value);
      size += value.byteLength;
      if (size <= limit) continue;
      await reader.cancel().catch(() => undefined);
      if (beyond === 'refuse') throw tooLarge(subject, limit);
      break;
    }
    if (
      beyond === 'refuse' &&
      declared !== undefined &&
      size !== declared &&
      !headers.has('content-encoding')
    ) {
      throw new RegistryError(
        'REGISTRY_UNREACHABLE',
        `Reading ${JSON.stringify(subject.url)}: ${size} bytes came, wanted ${declared}`,
        { ...subject, reason: 'reset', retryable: true },
      );
    }
    return Buffer.concat(chunks).subarray(0, limit);
  };

  return {
    method,
    url,
    status,
    headers,
    fromRegistry,
    sent,
    redact,
    read: (limit) => collect(limit, 'refuse'),
    readStart: (limit) => (start ??= collect(limit, 'cut')),
    source() {
      keep();
      return sourceOf(response, deadline);
    },
    discard: () => discard(response),
  };
}

function sourceOf(response: Response, deadline: Deadline): ByteSource {
  const reader = response.body?.getReader();
  return {
    async next() {
      if (!reader) return undefined;
      const { done, value } = await deadline.within(idleBodyMs, reader.read());
      return done ? undefined : value;
    },
    async close() {
      deadline.close();
      await reader?.cancel().catch(() => undefined);
    },
  };
}

function declaredLength(headers: Headers): number | undefined {
  const text = headers.get('content-length');
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

function tooLarge(subject: { method: string; url: string; status: number }, limit: number): RegistryError {
  return new RegistryError(
    'TOO_LARGE',
    `Reading ${JSON.stringify(subject.url)}: more than ${limit} bytes, wanted no more`,
    { ...subject, reason: 'too-large' },
  );
}
