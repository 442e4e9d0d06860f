import { redactUrl } from '../http/redact.js';
import { safeText } from '../http/safe-text.js';
import type { Answer } from './answer.js';
import { errorBodyLimit, parseDiagnostics } from './diagnostics.js';
import type { RegistryReason } from './reason.js';
import { type Diagnostic, RegistryError } from './registry-error.js';
import { parseRetryAfter } from './retry-after.js';

/** What an answer that was not hoped for means. */
export interface Refusal {
  readonly doing: string;
  /** Absence is believed only when the registry says so in its own code. */
  readonly absent?: 'tag-missing' | 'content-missing';
  readonly hint?: string;
  readonly now: number;
}

/** Codes by which a registry says that what was asked for is not there. */
const absentCodes: ReadonlySet<string> = new Set([
  'MANIFEST_UNKNOWN',
  'NAME_UNKNOWN',
  'TAG_EXPIRED',
  'TAG_UNKNOWN',
  'BLOB_UNKNOWN',
  'NOT_FOUND',
]);

/** Reads the error body (capped) and makes the error of a final answer. */
export async function answerError(answer: Answer, refusal: Refusal): Promise<RegistryError> {
  const diagnostics = await readDiagnostics(answer);
  return refusalError(answer, diagnostics, refusal);
}

/** What the registry says in an error body; nothing when the body cannot be read. */
export async function readDiagnostics(answer: Answer): Promise<Diagnostic[]> {
  if (answer.method === 'HEAD') return [];
  try {
    return parseDiagnostics(await answer.readStart(errorBodyLimit), answer.redact);
  } catch {
    return [];
  }
}

/** The error of a final answer whose body was read already. */
export function refusalError(
  answer: Answer,
  diagnostics: readonly Diagnostic[],
  { doing, absent = 'content-missing', hint, now }: Refusal,
): RegistryError {
  const { method, status, headers } = answer;
  const { code, reason } = meaning(answer, diagnostics, absent);
  const wait = status === 429 ? parseRetryAfter(headers.get('retry-after'), now) : undefined;
  const said = diagnostics.map((one) => [one.code, one.message].filter(Boolean).join(' ')).join('; ');
  const found = [`${method} ${JSON.stringify(redactUrl(answer.url))} answered ${status}`];
  if (said !== '') found.push(said);
  if (said === '' && reason === 'not-a-registry') found.push(answer.redact(contentOf(headers)));
  const source = code === 'REGISTRY_DENIED' ? answer.sent?.credentialSource : undefined;
  if (source !== undefined) found.push(`to the credential of ${source}`);
  if (wait !== undefined) found.push(`it asks to wait ${Math.ceil(wait / 1000)} s`);
  return new RegistryError(code, `${doing}: ${found.join(', ')}`, {
    reason,
    method,
    url: redactUrl(answer.url),
    status,
    diagnostics,
    hint,
    retryable: code === 'RATE_LIMITED' || reason === 'server-error',
    details: wait === undefined ? undefined : { retryAfterMs: wait },
  });
}

interface Meaning {
  readonly code: 'NOT_FOUND' | 'REGISTRY_DENIED' | 'REGISTRY_UNREACHABLE' | 'RATE_LIMITED' | 'TOO_LARGE';
  readonly reason: RegistryReason;
}

function meaning(answer: Answer, diagnostics: readonly Diagnostic[], absent: RegistryReason): Meaning {
  const { status, fromRegistry } = answer;
  const codes = new Set(diagnostics.map(({ code }) => code.toUpperCase()));
  const unreachable = (reason: RegistryReason): Meaning => ({ code: 'REGISTRY_UNREACHABLE', reason });
  if (status === 429) return { code: 'RATE_LIMITED', reason: 'rate-limited' };
  if (status === 407) return unreachable('proxy');
  if (status >= 500) return unreachable(status === 501 ? 'unsupported' : 'server-error');
  if (status >= 300 && status < 400) return unreachable('redirect-refused');
  if (!fromRegistry) return unreachable('server-error');
  if (status === 401 || status === 403)
    return { code: 'REGISTRY_DENIED', reason: denial(answer, diagnostics) };
  if (status === 404) {
    const missing = [...codes].find((code) => absentCodes.has(code));
    if (missing === undefined) return unreachable('not-a-registry');
    return { code: 'NOT_FOUND', reason: missing === 'NAME_UNKNOWN' ? 'repository-missing' : absent };
  }
  if (status === 405) {
    return codes.has('DENIED') ? { code: 'REGISTRY_DENIED', reason: 'denied' } : unreachable('unsupported');
  }
  if (status === 413) return { code: 'TOO_LARGE', reason: 'too-large' };
  if (status === 415 && codes.size > 0) return unreachable('unsupported');
  if (status < 300) return unreachable('not-a-registry');
  return unreachable(codes.size > 0 ? 'rejected' : 'not-a-registry');
}

/** Whether a registry calls the credential expired, as ECR does by a 403 without a challenge. */
export function saysExpired(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ message }) => /token has expired/i.test(message));
}

/** A password that is refused as such is told apart from an account without the right. */
function denial({ status, sent }: Answer, diagnostics: readonly Diagnostic[]): RegistryReason {
  if (sent?.credentialSource === undefined) return 'no-credential';
  if (saysExpired(diagnostics)) return 'bad-credential';
  return status === 401 && sent.value?.startsWith('Basic ') ? 'bad-credential' : 'denied';
}

function contentOf(headers: Headers): string {
  const type = headers.get('content-type');
  return type === null ? 'with no words of a registry' : `with ${safeText(type)} that is no registry's`;
}
