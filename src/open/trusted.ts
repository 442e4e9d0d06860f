import type { Trusted } from '../signing/verify-signatures.js';
import { type IdentityOptions, openTrustedIdentity } from './keyless.js';
import type { RunContext } from './machine.js';
import { openTrustedKeys } from './signing-keys.js';

/** Of everything that demands a signature, by a key or by an identity. */
export interface TrustedOptions extends IdentityOptions {
  /** Files of public keys. */
  readonly key?: readonly string[];
}

/**
 * The keys and the identity that options name; any of them will do.
 *
 * @throws USAGE, KEY_INVALID, also for a file within the checkout that is judged
 */
export async function openTrusted(
  context: RunContext,
  options: TrustedOptions,
  { judged }: { readonly judged?: string | undefined } = {},
): Promise<readonly Trusted[]> {
  const keys = await openTrustedKeys(options.key ?? [], { signal: context.signal, judged });
  const identity = await openTrustedIdentity(context, options, { judged });
  return identity ? [...keys, identity] : keys;
}
