import type { Command } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import type { Session } from '../../session.js';
import type { DiffOptions } from './run-diff.js';

/** `bundles diff`: what differs between two bundles, object by object. */
export function addDiff(program: Command, session: Session): void {
  const command = program
    .command('diff')
    .summary('compare two bundles object by object')
    .description(
      'Compare two bundles by what their objects mean, whatever the order, formatting and compression. Each side is a reference, a layout, an archive, a file, a directory of files, or the name of a declared bundle. A declared bundle alone is compared with its registry.',
    )
    .argument('<left>', 'the old side')
    .argument('[right]', 'the new side; only behind a declared bundle it may be left out')
    .option('-c, --config <file>', 'bundles.yaml that declares the bundles (BUNDLES_CONFIG)');
  addCommonOptions(addNetworkOptions(command)).action(
    async (left: string, right: string | undefined, options: DiffOptions) => {
      const { runDiff } = await import('./run-diff.js');
      await runDiff(session, { words: [left, right], options });
    },
  );
}
