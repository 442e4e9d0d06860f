import type { Command } from '../../command.js';
import { allowHostOption, stateDirOption } from '../../options/common-options.js';
import { connectionOptions } from '../../options/network-options.js';
import { parseDuration, parsePort } from '../../options/option-values.js';
import type { CatalogServeOptions } from './run-catalog-serve.js';

/** `bundles catalog serve`: the embedded workflow catalog on a socket. */
export const catalogServeCommand: Command<CatalogServeOptions> = {
  name: 'catalog serve',
  group: 'workflows',
  summary: 'serve the workflow catalog, its audit trail and a web page',
  description: 'Serve the embedded workflow catalog of a state directory until it is interrupted.',
  options: [
    stateDirOption,
    {
      flags: '--database <url>',
      summary: 'PostgreSQL server to use instead',
      variable: 'BUNDLES_CATALOG_DATABASE',
    },
    { flags: '--host <address>', summary: 'address to listen on', default: '127.0.0.1' },
    {
      flags: '--port <number>',
      summary: 'port to listen on; 0 takes a free one',
      default: 8081,
      parse: parsePort,
    },
    { flags: '--strict', summary: 'also check hashes, digests and parameters, unlike the service' },
    {
      flags: '--token-file <file>',
      summary: 'file with the token that clients have to send',
      variable: 'BUNDLES_CATALOG_TOKEN',
    },
    { flags: '--offline', summary: 'do not check whether registries still serve the bundles' },
    {
      flags: '--drain <time>',
      summary: 'keep responding for this time after reporting that it is not ready',
      default: 0,
      parse: parseDuration,
    },
    allowHostOption,
    ...connectionOptions,
  ],
  examples: [
    { words: 'catalog serve', does: 'serve the catalog of this machine, on port 8081' },
    {
      words: 'catalog serve --port 0 --strict',
      does: 'take a free port and check more than the service does',
    },
  ],
  async run(session, _, options) {
    const { runCatalogServe } = await import('./run-catalog-serve.js');
    await runCatalogServe(session, options);
  },
};
