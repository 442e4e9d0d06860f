import type { Send } from '../../../src/http/message.js';
import { collectGarbage } from './collect-garbage.js';

/** Aborts a request while its body is read and nothing references the request any more; returns the outcome of the read. */
export async function abortUnheldRequest(send: Send, url: string, reason: Error): Promise<unknown> {
  const reading = new AbortController();
  const answer = await send({ method: 'GET', url: new URL(url), headers: {}, signal: reading.signal });
  const read = (async () => {
    while ((await answer.body?.next()) !== undefined);
  })();
  await collectGarbage();
  reading.abort(reason);
  return read;
}
