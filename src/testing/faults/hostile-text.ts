import type { Fault } from '../fault.js';
import { refusal } from '../refusal.js';

/** What must never reach a terminal or a CI log as it is: line breaks, colours, titles, directions, workflow commands. */
export const hostileWords =
  'no\r\n::error::injected\n##[set-output]x\u001b[31mred\u001b]0;title\u0007 \u202egnp.exe\u200b \u009b2J\u0000end';

/** A refusal whose code, message and detail hold hostile text, and a warning header besides. */
export function hostileText(status: number, code = 'DENIED'): Fault {
  return async (request) => {
    await request.body?.cancel();
    const headers = { warning: '299 - "::warning::\u009b31m hostile"' };
    return refusal(status, [code, hostileWords], { detail: hostileWords, headers });
  };
}
