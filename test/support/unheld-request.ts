import type { Fetch } from '../../src/http/fetch.js';
import { collectGarbage } from './collect-garbage.js';

/** Aborts a request while its body is read and nobody holds it any more; gives what the reading comes to. */
export async function abortUnheldRequest(fetch: Fetch, url: string, reason: Error): Promise<string> {
  const reading = new AbortController();
  const answer = await fetch(new Request(url, { signal: reading.signal }));
  const read = answer.text();
  await collectGarbage();
  reading.abort(reason);
  return read;
}
