import type { Command } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import type { Session } from '../../session.js';
import type { ReportOptions } from './run-report.js';

/** `bundles report`: what a catalog holds, as a page in one file. */
export function addReport(program: Command, session: Session): void {
  const command = program
    .command('report')
    .summary('write what a workflow catalog holds as a page in one file')
    .description('Write the workflows and the audit trail of a catalog as one page that needs nothing else.')
    .requiredOption('--html <file>', 'the file to write')
    .option('--catalog <where>', 'embedded, or the address of a DataStorage service (BUNDLES_CATALOG)')
    .option('--config <file>', 'project whose catalog it is (BUNDLES_CONFIG; default bundles.yaml)')
    .option('--state-dir <directory>', 'state of this machine (BUNDLES_STATE_DIR; default .bundles)')
    .option('--catalog-token-file <file>', 'holds the bearer token of the catalog (DATASTORAGE_TOKEN)')
    .option('--offline', 'ask no registry whether it still serves a bundle');
  addCommonOptions(addNetworkOptions(command)).action(async (options: ReportOptions) => {
    const { runReport } = await import('./run-report.js');
    await runReport(session, options);
  });
}
