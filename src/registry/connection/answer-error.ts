import { parseChallenges, refusalIn } from '../../auth/challenge.js';
import { type Diagnostic, inWords, parseDiagnostics } from '../../http/diagnostics.js';
import { type FailureReason, failureRow } from '../../http/failure.js';
import { mediaTypeOf } from '../../http/message.js';
import { redactUrl } from '../../http/redact.js';
import { isStorageQuota, parseRetryAfter } from '../../http/send/retry.js';
import { shorten } from '../../http/shorten.js';
import { RegistryError } from '../registry-error.js';
import type { RegistryAnswer, RegistryConnection } from './connection.js';
import { sizeLimitOf } from './size-limit.js';

/** What an answer that was not hoped for means. */
export interface Refusal {
  readonly doing: string;
  /** Absence is believed only when the registry states so in its own code. */
  readonly absent?: 'tag-missing' | 'content-missing' | undefined;
  readonly hint?: string | undefined;
}

/** Error codes of a registry for content that does not exist. */
const absentCodes: ReadonlySet<string> = new Set([
  'MANIFEST_UNKNOWN',
  'NAME_UNKNOWN',
  'TAG_EXPIRED',
  'TAG_UNKNOWN',
  'BLOB_UNKNOWN',
  'NOT_FOUND',
]);

/** The error of a final answer, by its status and by what its body states. */
export function answerError(
  { registry, redact, clock, learned }: Pick<RegistryConnection, 'registry' | 'redact' | 'clock' | 'learned'>,
  answer: RegistryAnswer,
  { doing, absent = 'content-missing', hint }: Refusal,
): RegistryError {
  const { method, status, headers, sent, proxy } = answer;
  const diagnostics = diagnosticsOf(answer, redact);
  const meant = meaning(answer, diagnostics, absent);
  const isWrite = method !== 'GET' && method !== 'HEAD';
  const reason = meant === 'denied' && isWrite && learned.readable ? 'write-denied' : meant;
  const { code } = failureRow(reason);
  const wait = status === 429 ? parseRetryAfter(headers['retry-after'], clock.now()) : undefined;
  const diagnosis = inWords(diagnostics);
  const found = [`${method} ${JSON.stringify(redactUrl(answer.url))} answered ${status}`];
  if (diagnosis !== '') found.push(diagnosis);
  if (diagnosis === '' && reason === 'not-a-registry') found.push(redact(contentOf(answer)));
  const source = code === 'REGISTRY_DENIED' ? sent?.credentialSource : undefined;
  const limit = status === 413 ? sizeLimitOf(answer, diagnostics) : undefined;
  if (limit) found.push(limit.found);
  if (source !== undefined) found.push(`to the credential of ${source}`);
  if (proxy !== undefined) found.push(`${status === 407 ? 'from' : 'through'} the proxy ${proxy}`);
  if (wait !== undefined) found.push(`it requests a wait of ${Math.ceil(wait / 1000)} s`);
  return new RegistryError(code, `${doing}: ${found.join(', ')}`, {
    reason,
    method,
    url: redactUrl(answer.url),
    status,
    diagnostics,
    facts: { registry, proxy },
    hint: hint ?? limit?.hint,
    retryable: code === 'RATE_LIMITED' || reason === 'server-error',
    details: wait === undefined ? undefined : { retryAfterMs: wait },
  });
}

/** What the body states, and what the challenge of a 401 states beside it. */
function diagnosticsOf(
  { body, status, headers }: RegistryAnswer,
  redact: (text: string) => string,
): Diagnostic[] {
  const diagnostics = parseDiagnostics(body, redact);
  const refusal = status === 401 ? refusalIn(parseChallenges(headers['www-authenticate'] ?? '')) : undefined;
  if (refusal === undefined) return diagnostics;
  const code = shorten(redact(refusal.code));
  return [...diagnostics, { code, message: shorten(redact(refusal.message)) }];
}

function meaning(
  answer: RegistryAnswer,
  diagnostics: readonly Diagnostic[],
  absent: FailureReason,
): FailureReason {
  const { status, fromOrigin } = answer;
  const codes = new Set(diagnostics.map(({ code }) => code.toUpperCase()));
  if (status === 429) return isStorageQuota(answer) ? 'quota' : 'rate-limited';
  if (status === 407) return 'proxy';
  if (status >= 500) return status === 501 ? 'unsupported' : 'server-error';
  // No conditional request was sent.
  if (status === 304) return 'protocol';
  if (status >= 300 && status < 400) return 'redirect-refused';
  if (!fromOrigin) return 'server-error';
  const denied = codes.has('DENIED') || codes.has('UNAUTHORIZED');
  if ((status === 403 || status === 405) && denied) {
    const messages = diagnostics.map(({ message }) => message).join(' ');
    if (/quota/i.test(messages)) return 'quota';
    if (/read[- ]?only/i.test(messages)) return 'read-only';
  }
  if (status === 401 || status === 403) return denial(answer, diagnostics);
  if (status === 404) {
    const missing = [...codes].find((code) => absentCodes.has(code));
    if (missing === undefined) return 'not-a-registry';
    // Something is there, and what is between took our Accept away or changed it.
    if (diagnostics.some(({ message }) => /accept header/i.test(message))) return 'protocol';
    return missing === 'NAME_UNKNOWN' ? 'repository-missing' : absent;
  }
  if (status === 405 && codes.has('DENIED')) return 'denied';
  if (status === 413) return 'too-large';
  const identified = codes.size > 0 || answer.headers['docker-distribution-api-version'] !== undefined;
  if (status < 300 || (!identified && status !== 405)) return 'not-a-registry';
  const { method, url } = answer;
  const reads = (method === 'GET' || method === 'HEAD') && url.pathname.includes('/manifests/');
  if (reads || !ofRequest.has(status)) return 'policy';
  if (status === 405 || status === 415) return 'unsupported';
  return codes.size > 0 ? 'rejected' : 'not-a-registry';
}

/**
 * Statuses about the form of a request, which another form may avoid. All others of an identified registry mean a
 * payment, a policy, a state or a law: a retry would not change the response.
 */
const ofRequest: ReadonlySet<number> = new Set([400, 405, 411, 415, 416]);

/** Whether a registry calls the credential expired, as ECR does by a 403 without a challenge. */
export function isExpired(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ message }) => /token has expired/i.test(message));
}

/** A password that is refused as such is distinguished from an account without the right. */
function denial({ status, sent }: RegistryAnswer, diagnostics: readonly Diagnostic[]): FailureReason {
  if (sent?.credentialSource === undefined) return 'no-credential';
  if (isExpired(diagnostics)) return 'bad-credential';
  return status === 401 && sent.value?.startsWith('Basic ') ? 'bad-credential' : 'denied';
}

function contentOf({ headers }: RegistryAnswer): string {
  const type = headers['content-type'];
  if (type === undefined) return 'without any content of a registry';
  return `with ${shorten(mediaTypeOf(headers) || type)} that is not a registry's`;
}
