import type { Digest } from '../../oci/digest.js';
import type { LockEntry } from '../../project/lock/lock.js';
import type { Verdict } from '../../publish/verdict.js';
import type { BuildRecord } from './build-record.js';

/** The part of a lock entry that depends on what the registry holds. */
export interface Pinned {
  readonly digest: Digest;
  readonly created: string;
  readonly objects: LockEntry['objects'];
}

export interface PinSituation {
  readonly built: BuildRecord;
  /** The lock's entry, if it is for the same reference and the same sources. */
  readonly previous: LockEntry | undefined;
  readonly verdict: Verdict | undefined;
  /** The objects of the bundle that is reused as it is, where that is the intent. */
  readonly remote: LockEntry['objects'] | undefined;
  /** `publish`: our bytes go onto the tag; `reuse-remote`: what the tag holds is taken as it is. */
  readonly intent: 'publish' | 'reuse-remote' | 'other';
}

/**
 * The digest to pin. Usually that of our build; for an equivalent bundle the one that is served, with the `created`
 * with which later builds give that digest; for a reused remote bundle its digest; and if the registry did not respond,
 * the digest that the lock already proves, so that committed files never depend on the network.
 */
export function pin({ built, previous, verdict, remote, intent }: PinSituation): Pinned {
  const { digest, created, objects } = built;
  const ours: Pinned = { digest, created, objects };
  if (intent === 'publish' || verdict?.name === 'present') return ours;
  if (verdict?.name === 'equivalent') {
    return { ...ours, digest: verdict.digest, created: verdict.rebuilt?.created ?? created };
  }
  if (verdict?.name === 'different' && intent === 'reuse-remote') {
    return { ...ours, digest: verdict.digest, objects: remote ?? [] };
  }
  return previous ?? ours;
}
