import { BundlesError } from '../errors.js';
import type { Credential } from './credential.js';

/**
 * The value of an Authorization header for a user and a password.
 *
 * @throws CREDENTIALS_INVALID when a line break or NUL is in them
 */
export function basicValue(
  username: string,
  password: string,
  { source }: Pick<Credential, 'source'>,
): string {
  refuseBreaks(username + password, source);
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

/**
 * The value of an Authorization header for a token that was given to us as it is.
 *
 * @throws CREDENTIALS_INVALID when it holds what no header may hold
 */
export function bearerValue(token: string, { source }: Pick<Credential, 'source'>): string {
  if (!isToken(token)) throw invalid(source, 'its token holds characters that no header may hold');
  return `Bearer ${token}`;
}

/** Visible ASCII of at most 16 KiB: nothing else may reach a header, and error messages of Node quote header values. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 16 * 1024 && /^[\x21-\x7e]+$/.test(value);
}

function refuseBreaks(text: string, source: string): void {
  if (/[\r\n\0]/.test(text)) throw invalid(source, 'it holds a line break or a NUL character');
}

function invalid(source: string, why: string): BundlesError {
  return new BundlesError('CREDENTIALS_INVALID', `Cannot use the credential of ${source}: ${why}`, {
    hint: 'Write it again, without line breaks',
    details: { source },
  });
}
