import { readCapped } from '../../bytes/read-capped.js';
import { isBundlesError } from '../../errors.js';
import { badRequest, ProblemError } from '../problem.js';

/** Bytes of a body, by what it holds. */
export const bodyLimits = {
  workflow: 4 * 1024 * 1024,
  change: 64 * 1024,
  search: 256 * 1024,
  event: 1024 * 1024,
  events: 16 * 1024 * 1024,
} as const;

/** A client that sends slower than this is not waited for. */
const readWithinMs = 30_000;

/** The JSON of a request. @throws ProblemError 400, 408, 413 */
export async function readJsonBody(request: Request, limit: number): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json') {
    throw invalid(`header Content-Type has unexpected value ${JSON.stringify(type.slice(0, 100))}`);
  }
  if (Number(request.headers.get('content-length') ?? '0') > limit) throw tooLarge(limit);
  const bytes = request.body === null ? new Uint8Array() : await readBytes(request.body, limit);
  if (bytes.length === 0) throw badRequest('Invalid request body: EOF');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid('request body has an error: it is no JSON in UTF-8');
  }
}

async function readBytes(body: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(readWithinMs);
  try {
    return await readCapped(body, { limit, what: 'the request', signal });
  } catch (cause) {
    if (isBundlesError(cause, 'TOO_LARGE')) throw tooLarge(limit);
    if (signal.aborted) {
      throw new ProblemError(408, 'request-timeout', 'Request Timeout', 'The request took too long', {
        cause,
      });
    }
    throw new ProblemError(400, 'bad-request', 'Bad Request', 'The request broke off', { cause });
  }
}

function invalid(detail: string): ProblemError {
  return new ProblemError(400, 'validation-error', 'Validation Error', detail);
}

function tooLarge(limit: number): ProblemError {
  const detail = `The request is longer than the ${limit} bytes that are read`;
  return new ProblemError(413, 'payload-too-large', 'Payload Too Large', detail);
}
