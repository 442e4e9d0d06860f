import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInside } from '../fs/is-inside.js';
import { readFileCapped } from '../fs/read-file-capped.js';
import { keyError } from '../signing/keys/key-error.js';
import { readSigningKey, type SigningKey } from '../signing/keys/private-key.js';
import { readPublicKey } from '../signing/keys/public-key.js';
import type { TrustedKey } from '../signing/verify-signatures.js';
import type { RunContext } from './machine.js';

/** Asks a person for a line that is not shown. */
export type AskHidden = (prompt: string) => Promise<string>;

const longestKey = 64 * 1024;
export const passwordVariable = 'COSIGN_PASSWORD';

/**
 * The private key of a file. The password of an encrypted one is in `COSIGN_PASSWORD`, which may be empty, or is asked
 * for.
 *
 * @throws KEY_INVALID; what `ask` throws
 */
export async function openSigningKey(
  { environment, signal, hide }: Pick<RunContext, 'environment' | 'signal' | 'hide'>,
  file: string,
  { ask }: { readonly ask?: AskHidden | undefined } = {},
): Promise<SigningKey> {
  const content = await readKeyFile(file, signal);
  const password = async () => {
    const given = environment[passwordVariable] ?? (await ask?.(`Password of ${JSON.stringify(file)}: `));
    if (given !== undefined) {
      hide?.(() => [given]);
      return given;
    }
    throw keyError(file, 'it is encrypted, and there is no password', {
      hint: `Set ${passwordVariable}, or run this at a terminal`,
    });
  };
  return readSigningKey(content, file, { password });
}

export interface TrustedKeysOptions {
  readonly signal: AbortSignal;
  /** The directory of the verified content: its authors must not also choose the key. */
  readonly judged?: string | undefined;
}

/** The public keys of files. @throws KEY_INVALID, also for a file within the checkout that is judged */
export async function openTrustedKeys(
  files: readonly string[],
  { signal, judged }: TrustedKeysOptions,
): Promise<TrustedKey[]> {
  const keys: TrustedKey[] = [];
  for (const file of files) {
    const content = await readKeyFile(file, signal);
    if (judged !== undefined) refuseOwnKey(file, checkoutOf(judged));
    keys.push({ file, key: readPublicKey(content, file) });
  }
  return keys;
}

function readKeyFile(file: string, signal: AbortSignal): Promise<Uint8Array> {
  return readFileCapped(file, {
    limit: longestKey,
    missing: 'KEY_INVALID',
    missingHint: 'Name a key file that exists; npx tekton-bundles generate-key-pair writes a pair',
    tooLarge: 'KEY_INVALID',
    signal,
  });
}

/** @throws KEY_INVALID for a file within the checkout of the directory that is judged */
export function refuseJudged(file: string, directory: string): void {
  refuseOwnKey(file, checkoutOf(directory));
}

/** The nearest directory above that git keeps, else the directory itself. */
function checkoutOf(directory: string): string {
  const start = realpathSync.native(directory);
  for (let at = start; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return start;
  }
}

/** Symbolic links count for where they are and for where they lead. */
function refuseOwnKey(file: string, checkout: string): void {
  const places = [realpathSync.native(file), join(realpathSync.native(dirname(file)), 'key')];
  if (!places.some((place) => isInside(checkout, place))) return;
  throw keyError(file, `it is within the checkout that it is to judge, ${JSON.stringify(checkout)}`, {
    hint: 'Anybody who can change the checkout could change the key too: keep it elsewhere, such as in a protected file of the CI service',
  });
}
