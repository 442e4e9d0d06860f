import type { Command } from 'commander';
import { addCommonOptions, addProjectOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import type { Session } from '../../session.js';
import type { VerifyOptions } from './run-verify.js';

/** `bundles verify`: whether everything is still true. */
export function addVerify(program: Command, session: Session): void {
  const command = program
    .command('verify')
    .summary('is everything still true? sources, lock, registry and schemas, link by link')
    .description(
      'Derive and ask again what each declared bundle rests on: sources, lock, registry, schema. Every link that has drifted is named; nothing is written.',
    )
    .argument('[names...]', 'bundles to narrow the work to; all without a name')
    .option('--frozen', 'what ensure --frozen would refuse is drift too')
    .option('--deep', 'read every blob, and ask for every pinned image')
    .option('--catalog <catalog>', 'instead of the declared catalog (BUNDLES_CATALOG)')
    .option('--catalog-token-file <file>', 'file with the bearer token for the catalog')
    .option('--offline', 'ask nobody: only sources, lock and schemas');
  addCommonOptions(addNetworkOptions(addProjectOptions(command))).action(
    async (names: string[], options: VerifyOptions) => {
      const { runVerify } = await import('./run-verify.js');
      await runVerify(session, { names, options });
    },
  );
}
