import type { Clock } from '../../../src/async/clock.js';
import { systemClock } from '../../../src/async/system-clock.js';
import { sendTo } from '../../../src/http/serve/handler-transport.js';
import { createRegistryClient, type RegistryClient } from '../../../src/registry/client.js';
import { createRegistryHandler } from '../../../src/registry-server/handler.js';
import { tempDir } from '../temp-dir.js';

export interface HandledRegistry extends AsyncDisposable {
  readonly client: RegistryClient;
  /** `METHOD /path` of every request. */
  readonly seen: string[];
  /** Answers instead of the registry while it is set; undefined lets the request through. */
  intercept: ((request: Request) => Response | Promise<Response> | undefined) | undefined;
}

/** Pauses cost little time; deadlines stay what they are. */
const hastyClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms < 2_400 ? ms / 100 : ms, signal),
};

/** The embedded registry behind a client, without a socket between them. */
export function handledRegistry(): HandledRegistry {
  const directory = tempDir();
  const handler = createRegistryHandler({ root: directory.path });
  const registry: HandledRegistry = {
    seen: [],
    intercept: undefined,
    client: createRegistryClient({
      clock: hastyClock,
      send: sendTo(async (request) => {
        registry.seen.push(`${request.method} ${new URL(request.url).pathname}`);
        return (await registry.intercept?.(request)) ?? handler(request);
      }),
    }),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
  return registry;
}
