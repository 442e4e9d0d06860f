import { randomBytes } from 'node:crypto';
import { hrtime } from 'node:process';
import { formatIdentity, type ProcessIdentity, parseIdentity } from '../../fs/process-identity.js';

/**
 * Why a process has a file in the directory of the slots: it `wait`s in the queue, `hold`s a slot, `keep`s a build
 * alive no longer than its holder, is a part of the `build` itself, or has a build done by a `service` that may outlive it.
 */
export type SlotRole = 'wait' | 'hold' | 'keep' | 'build' | 'service';

/** A file of the directory. All that decisions are made by is in its name, but for builds in a service. */
export interface SlotClaim {
  /** What is counted: `build`, or what only one may work on. */
  readonly queue: string;
  /** One for each claim; sorts by the time of asking. */
  readonly ticket: string;
  /** How many may hold a slot at once, in the view of the claimant. */
  readonly limit: number;
  readonly owner: ProcessIdentity;
  readonly role: SlotRole;
}

const mark =
  /^([a-z0-9-]{1,60})\.([0-9a-z]{21})-(\d{1,4})\.([0-9a-f-]{1,60})\.(wait|hold|keep|build|service)$/;

export function parseSlotClaim(name: string): SlotClaim | undefined {
  const [, queue, ticket, limit, identity = '', role] = mark.exec(name) ?? [];
  const owner = parseIdentity(identity);
  if (queue === undefined || ticket === undefined || owner === undefined || Number(limit) < 1)
    return undefined;
  return { queue, ticket, limit: Number(limit), owner, role: role as SlotRole };
}

export function formatSlotClaim({ owner, role, ...claim }: SlotClaim): string {
  return `${claimPrefix(claim)}.${formatIdentity(owner)}.${role}`;
}

/** Sorts by the time since this machine started, so that setting the clock does not change the order. */
export function newSlotTicket(): string {
  const time = (hrtime.bigint() / 1_000_000n).toString(36).padStart(9, '0');
  return time + randomBytes(6).toString('hex');
}

/** What the names of all marks of one claim begin with. */
export function claimPrefix({ queue, ticket, limit }: Pick<SlotClaim, 'queue' | 'ticket' | 'limit'>): string {
  return `${queue}.${ticket}-${limit}`;
}
