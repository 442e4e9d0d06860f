import { readCapped } from '../../bytes/read-capped.js';
import { isBundlesError } from '../../errors.js';
import { badRequest, ProblemError, validationProblem } from '../problem.js';

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
    throw validationProblem(`header Content-Type has unexpected value ${JSON.stringify(type.slice(0, 100))}`);
  }
  if (Number(request.headers.get('content-length') ?? '0') > limit) throw tooLarge(limit);
  const bytes = request.body === null ? new Uint8Array() : await readBytes(request.body, limit);
  if (bytes.length === 0) throw badRequest('Invalid request body: EOF');
  const value = parse(bytes);
  requireStorable(value);
  return value;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw validationProblem('request body has an error: it is not JSON in UTF-8');
  }
}

/** Deeper values overflow the stack of anyone who reads them, the database included. */
const mostLevels = 200;

/** No column holds a NUL character. Walks without recursion, since the depth is unknown. */
function requireStorable(value: unknown): void {
  const waiting: [unknown, number][] = [[value, 1]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [item, level] = next;
    if (typeof item === 'string' && item.includes('\u0000')) {
      throw validationProblem('request body has an error: a text holds a NUL character');
    }
    if (typeof item !== 'object' || item === null) continue;
    if (level > mostLevels) {
      throw validationProblem(`request body has an error: it is nested deeper than ${mostLevels} levels`);
    }
    if (!Array.isArray(item)) for (const key of Object.keys(item)) waiting.push([key, level]);
    for (const member of Object.values(item)) waiting.push([member, level + 1]);
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

function tooLarge(limit: number): ProblemError {
  const detail = `The request is longer than the ${limit} bytes that are read`;
  return new ProblemError(413, 'payload-too-large', 'Payload Too Large', detail);
}
