import { createKeychain } from '../auth/keychain.js';
import type { Fetch } from '../http/fetch.js';
import { createNodeTransport } from '../http/node-transport.js';
import { createRegistryClient, type RegistryClient } from '../registry/client.js';
import { version } from '../version.js';
import type { Context } from './context.js';

export interface Connection {
  readonly fetch: Fetch;
  /** Asks with the credentials that this machine has. */
  readonly registry: RegistryClient;
  /** Asks as a stranger. */
  readonly anonymous: RegistryClient;
  close(): Promise<void>;
}

export interface ConnectionSettings {
  /** `brief` where a fallback is allowed: a host that does not answer is given up after 2.5 s. */
  readonly patience: 'brief' | 'full';
  readonly plainHttp: readonly string[];
  /** Prints what `--verbose` tells. */
  readonly log?: (line: string) => void;
}

/** Registry clients over real sockets with this machine's credentials. */
export function connect(context: Context, { patience, plainHttp, log }: ConnectionSettings): Connection {
  const fetch = createNodeTransport();
  const warn = (line: string) => context.stderr.write(`warning: ${line}\n`);
  const keychain = createKeychain({
    environment: context.environment,
    home: context.home,
    uid: context.uid,
    platform: context.platform,
    warn,
  });
  const common = {
    fetch,
    clock: context.clock,
    userAgent: `tekton-bundles/${version}`,
    plainHttp,
    patience,
    ...(log ? { log } : {}),
  };
  return {
    fetch,
    registry: createRegistryClient({ ...common, keychain }),
    anonymous: createRegistryClient(common),
    close: () => fetch.close(),
  };
}
