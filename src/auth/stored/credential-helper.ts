import { shorten } from '../../http/shorten.js';
import type { Credential } from '../credential.js';
import {
  type HelperAnswer,
  type HelperCall,
  type HelperOptions,
  helperError,
  runHelper,
} from './run-helper.js';

export interface HelperQuestion {
  /** The part of the program's name behind `docker-credential-`. */
  readonly helper: string;
  /** The key it keeps the credential under. */
  readonly key: string;
  /** Where the helper is named, for messages. */
  readonly source: string;
}

/**
 * Asks a docker credential helper; undefined when it has no credential for the key.
 *
 * @throws CREDENTIALS_INVALID; `details.missing` is set if the program does not exist
 */
export async function askHelper(
  { helper, key, source }: HelperQuestion,
  options: HelperOptions,
): Promise<Credential | undefined> {
  const call: HelperCall = { helper, source, action: 'get', input: key };
  const answer = await runHelper(call, options);
  if (isNotFound(answer)) return undefined;
  if (answer.status !== 0) throw refused(call, answer);
  const { username, secret } = parse(answer.output);
  if (username === undefined || !secret) throw helperError(call, 'its answer has no Username and Secret');
  if (username === '<token>') return { kind: 'identity-token', username, token: secret, source };
  return { kind: 'basic', username, password: secret, source };
}

/** Has a helper keep a user and a password. @throws CREDENTIALS_INVALID */
export async function storeByHelper(
  { helper, key, source }: HelperQuestion,
  { username, password }: { readonly username: string; readonly password: string },
  options: HelperOptions,
): Promise<void> {
  const input = JSON.stringify({ ServerURL: key, Username: username, Secret: password });
  const call: HelperCall = { helper, source, action: 'store', input };
  const answer = await runHelper(call, options);
  if (answer.status !== 0) throw refused(call, answer, [password, JSON.stringify(password).slice(1, -1)]);
}

/** Makes a helper erase a key; false if it had none. @throws CREDENTIALS_INVALID */
export async function eraseByHelper(
  { helper, key, source }: HelperQuestion,
  options: HelperOptions,
): Promise<boolean> {
  const call: HelperCall = { helper, source, action: 'erase', input: key };
  const answer = await runHelper(call, options);
  if (isNotFound(answer)) return false;
  if (answer.status !== 0) throw refused(call, answer);
  return true;
}

function isNotFound({ status, output }: HelperAnswer): boolean {
  return status !== 0 && output.trim() === 'credentials not found in native keychain';
}

function refused(call: HelperCall, { status, output }: HelperAnswer, secrets: readonly string[] = []) {
  const safe = output.includes('Secret') || secrets.some((secret) => output.includes(secret)) ? '' : output;
  const shown = shorten(safe);
  return helperError(
    call,
    `it ends with ${status}${shown === '' ? '' : ` and prints ${JSON.stringify(shown)}`}`,
  );
}

function parse(output: string): {
  readonly username?: string | undefined;
  readonly secret?: string | undefined;
} {
  try {
    const value: unknown = JSON.parse(output);
    if (typeof value !== 'object' || value === null) return {};
    const { Username, Secret } = { Username: undefined, Secret: undefined, ...value };
    return { username: text(Username), secret: text(Secret) };
  } catch {
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
