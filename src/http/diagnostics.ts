import { shorten } from './shorten.js';

/** A message of a registry or its token service, made safe to show. */
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
}

const shownDiagnostics = 5;

/**
 * What an error body states, leniently: the specification's `errors`, one error alone, `{error}`, `{message}`.
 * HTML and everything else is ignored. `redact` hides secrets that the server repeats, before anything is cut off.
 */
export function parseDiagnostics(
  body: Uint8Array,
  redact: (text: string) => string = (text) => text,
): Diagnostic[] {
  const value = parseJson(body);
  if (!isRecord(value)) return [];
  const list = Array.isArray(value.errors) ? value.errors : [value];
  return list.slice(0, shownDiagnostics).flatMap((entry) => toDiagnostic(entry, redact));
}

/** Their words on one line; empty where there are none. */
export function inWords(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((one) => [one.code, one.message].filter(Boolean).join(' ')).join('; ');
}

function toDiagnostic(entry: unknown, redact: (text: string) => string): Diagnostic[] {
  if (!isRecord(entry)) return [];
  const nested = isRecord(entry.error) ? entry.error : undefined;
  const code = firstText(entry.code, nested?.code);
  const summary = firstText(entry.message, nested?.message, entry.error, entry.detail);
  const detail = typeof entry.detail === 'string' ? entry.detail : detailText(entry.detail);
  const message = detail && !summary.includes(detail) ? `${summary} (${detail})` : summary;
  if (code === '' && message === '') return [];
  return [{ code: shorten(redact(code)), message: shorten(redact(message)) }];
}

function detailText(detail: unknown): string {
  return isRecord(detail) ? firstText(detail.message, detail.error) : '';
}

function firstText(...values: unknown[]): string {
  return values.find((value): value is string => typeof value === 'string' && value !== '') ?? '';
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
