import type { Clock } from '../async/clock.js';
import type { Send } from '../http/message.js';
import { type CheckOutcome, fine, notConfigured, warning } from './check-result.js';

/** How far servers and this machine disagree about the time. */
export interface ClockWatch {
  /** Sends by the one given and notes the date of every answer. */
  readonly around: (inner: Send) => Send;
  look(): CheckOutcome;
}

const tolerableMs = 5 * 60_000;

/** Compares the Date header of answers with the middle of the request's time. */
export function watchClock(clock: Clock): ClockWatch {
  const offsets = new Map<string, number>();
  return {
    around: (inner) => async (request) => {
      const sent = clock.now();
      const response = await inner(request);
      const date = Date.parse(response.headers.date ?? '');
      // An answer out of a cache has the date at which it was made.
      if (!Number.isNaN(date) && response.headers.age === undefined)
        offsets.set(request.url.host, (sent + clock.now()) / 2 - date);
      return response;
    },
    look() {
      const [worst] = [...offsets].sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
      if (!worst) return notConfigured('no server told the time');
      const [host, offset] = worst;
      const seconds = Math.round(offset / 1000);
      const details = { host, seconds };
      if (Math.abs(offset) <= tolerableMs) return fine(`within ${Math.abs(seconds)} s of ${host}`, details);
      const away = `${Math.round(Math.abs(offset) / 60_000)} min ${offset > 0 ? 'ahead of' : 'behind'}`;
      const remedy =
        "Set this machine's clock (timedatectl set-ntp true): tokens and certificates are refused for it";
      return warning(`this machine's clock is ${away} that of ${host}`, remedy, details);
    },
  };
}
