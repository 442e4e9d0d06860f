import { serve } from '../../../src/http/serve/serve.js';
import { type DataStorageStandIn, dataStorageStandIn, type StandInOptions } from './data-storage.js';

export interface ServedDataStorage extends DataStorageStandIn, AsyncDisposable {
  readonly url: string;
}

/** The stand-in on a port of its own; a lost reply is a broken connection there. */
export async function serveDataStorage(options: StandInOptions = {}): Promise<ServedDataStorage> {
  const service = dataStorageStandIn(options);
  const answer = (request: Request) => service.fetch(request).catch(() => Response.error());
  const server = await serve(answer, { closeWithinMs: 0 });
  return { ...service, url: server.url, [Symbol.asyncDispose]: () => server.close() };
}
