import type { Command } from 'commander';
import { addCommonOptions, collect } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import type { Session } from '../../session.js';
import type { RunOptions } from '../ensure/run-options.js';

/** `bundles register`: workflows of bundles that are published already. */
export function addRegister(program: Command, session: Session): void {
  const command = program
    .command('register')
    .summary('register the workflows of published bundles in their catalog')
    .description(
      'Make sure that the bundles are on their registry as the lock says, then register their workflows. Publishes nothing and writes no committed file.',
    )
    .argument('[names...]', 'bundles to narrow the work to; all without a name')
    .option('-c, --config <file>', 'bundles.yaml to work on; may be repeated (BUNDLES_CONFIG)', collect)
    .option('--catalog <catalog>', 'instead of the declared catalog (BUNDLES_CATALOG)')
    .option('--catalog-token-file <file>', 'holds the bearer token of the catalog (DATASTORAGE_TOKEN)')
    .option('--repository <repository>', 'instead of the declared repository (BUNDLES_REPOSITORY)')
    .option('--tag <tag>', 'instead of the declared tag (BUNDLES_TAG)')
    .option('--state-dir <directory>', 'state of this machine (BUNDLES_STATE_DIR; default .bundles)')
    .option('--lock <file>', 'lock to read instead of bundles.lock');
  addCommonOptions(addNetworkOptions(command)).action(async (names: string[], given: RunOptions) => {
    const { runProjects } = await import('../ensure/run-projects.js');
    const options = { ...given, push: false, fallback: false, onDifferent: 'fail', frozen: true } as const;
    await runProjects(session, { mode: 'ensure', names, options, purpose: 'register' });
  });
}
