import type { Command } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import { locationArgument } from '../../options/option-values.js';
import type { Session } from '../../session.js';
import type { CopyOptions } from './run-copy.js';

/** `bundles copy`: a bundle from one place to another. */
export function addCopy(program: Command, session: Session): void {
  const command = program
    .command('copy')
    .summary('copy a bundle between registries, layouts and archives, with what belongs to it')
    .description(
      'Copy a bundle by its digest, with referrers and signatures: mounted within a registry, and nothing that is there is sent again.',
    )
    .argument('<source>', locationArgument)
    .argument('<target>', 'the same; its tag is that of the source where it names none')
    .option('--force', 'move a tag that looks like a fixed version, and replace signatures')
    .option('--no-keep-old', 'let a tag that moves leave its digest without an anchor')
    .option('--no-referrers', 'leave referrers and signatures behind');
  addCommonOptions(addNetworkOptions(command)).action(
    async (source: string, target: string, options: CopyOptions) => {
      const { runCopy } = await import('./run-copy.js');
      await runCopy(session, { source, target, options });
    },
  );
}
