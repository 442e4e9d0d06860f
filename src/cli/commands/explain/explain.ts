import type { Command } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import type { Session } from '../../session.js';
import type { ExplainOptions } from './run-explain.js';

/** `bundles explain`: why a bundle has its digest, and why another one has another. */
export function addExplain(program: Command, session: Session): void {
  const command = program
    .command('explain')
    .summary('tell why a bundle has its digest')
    .description(
      'Show the links that lead to a digest: files, documents, JSON, diffIds, layers, config, manifest; and against another bundle, or the lock, which link differs first and why.',
    )
    .argument(
      '<subject>',
      'a declared bundle, a reference, a layout, an archive, a file or a directory of files',
    )
    .option(
      '--against <subject>',
      'what to compare with; for a declared bundle its entry in the lock is the default',
    )
    .option('-c, --config <file>', 'bundles.yaml that declares the bundles (BUNDLES_CONFIG)');
  addCommonOptions(addNetworkOptions(command)).action(async (subject: string, options: ExplainOptions) => {
    const { runExplain } = await import('./run-explain.js');
    await runExplain(session, { word: subject, options });
  });
}
