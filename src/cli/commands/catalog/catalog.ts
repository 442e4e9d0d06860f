import type { Command } from 'commander';
import { addAllowHost, addCommonOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import { parseDuration, parsePort } from '../../options/option-values.js';
import type { Session } from '../../session.js';
import type { CatalogServeOptions } from './run-catalog-serve.js';

/** `bundles catalog serve`: the embedded workflow catalog on a socket. */
export function addCatalog(program: Command, session: Session): void {
  const catalog = program
    .command('catalog')
    .summary('the embedded workflow catalog')
    .description('The embedded workflow catalog.');
  const serve = catalog
    .command('serve')
    .summary('serve the workflow catalog, its audit trail and a page to look at them')
    .description('Serve the embedded workflow catalog of a state directory until it is interrupted.')
    .option('--state-dir <directory>', 'state of this machine (BUNDLES_STATE_DIR; default .bundles)')
    .option('--database <url>', 'PostgreSQL server to use instead (BUNDLES_CATALOG_DATABASE)')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', parsePort, 8081)
    .option('--strict', 'also check hashes, digests and parameters, which the service does not')
    .option('--token-file <file>', 'holds the token that clients have to know (BUNDLES_CATALOG_TOKEN)')
    .option('--offline', 'ask no registry whether it still serves a bundle')
    .option('--drain <time>', 'answer for this time after saying that it is not ready', parseDuration, 0);
  addCommonOptions(addNetworkOptions(addAllowHost(serve))).action(async (options: CatalogServeOptions) => {
    const { runCatalogServe } = await import('./run-catalog-serve.js');
    await runCatalogServe(session, options);
  });
}
