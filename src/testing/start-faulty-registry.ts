import type { Fetch } from '../http/fetch.js';
import { serve } from '../http/serve.js';
import { createFaultyRegistry, type FaultyRegistryOptions } from './faulty-registry.js';
import type { SeenRequest } from './seen-request.js';

/** A registry that goes wrong as its script says, with `await using` or `stop()`. */
export interface StartedFaultyRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, as references name it. */
  readonly host: string;
  readonly url: string;
  /** Its second origin, where token services and storage of some registries live. */
  readonly elsewhere: string;
  /** All that arrived so far at both origins, in order; yours to empty. */
  readonly requests: SeenRequest[];
  /** The content alone, to fill it and to look into it: no profile, no fault, nothing is written down. */
  readonly content: Fetch;
  stop(): Promise<void>;
}

export interface StartFaultyRegistryOptions extends FaultyRegistryOptions {
  /** Default: any free port. */
  readonly port?: number;
}

/**
 * Starts a registry on 127.0.0.1 with the manners of a well-known one and the faults of a script.
 *
 * @throws ADDRESS_IN_USE
 */
export async function startFaultyRegistry(
  options: StartFaultyRegistryOptions = {},
): Promise<StartedFaultyRegistry> {
  const places = { origin: '', elsewhere: '' };
  const registry = await createFaultyRegistry(options, () => places);
  const { port = 0 } = options;
  // A hanging request ends with its test.
  const main = await serve((request) => registry.answer(request, 'registry'), { port, closeWithinMs: 100 });
  const second = await serve((request) => registry.answer(request, 'elsewhere'), { closeWithinMs: 100 });
  places.origin = main.url;
  places.elsewhere = second.url;
  const stop = async () => {
    await Promise.all([main.close(), second.close()]);
    await registry.remove();
  };
  const { requests, content } = registry;
  const { host } = new URL(main.url);
  return { host, url: main.url, elsewhere: second.url, requests, content, stop, [Symbol.asyncDispose]: stop };
}
