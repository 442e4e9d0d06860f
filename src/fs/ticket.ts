import { randomBytes } from 'node:crypto';
import type { Clock } from '../async/clock.js';

/** 21 letters and digits that nobody else has, and that sort by the time of asking. */
export function newTicket(clock: Clock): string {
  const time = Math.max(0, Math.floor(clock.now())).toString(36).padStart(9, '0');
  return time + randomBytes(6).toString('hex');
}
