import { Argument, type Command } from 'commander';
import type { VersionPart } from '../../../project/bump-tag.js';
import { addCommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import type { BumpOptions } from './run-bump.js';

/** `bundles bump`: the next tag of a bundle. */
export function addBump(program: Command, session: Session): void {
  const command = program
    .command('bump')
    .summary('raise the tag of a bundle in bundles.yaml')
    .description(
      'Raise the tag of a bundle whose published tag holds other content. Only the tag changes in the file; comments and layout stay.',
    )
    .argument('<name>', 'the bundle')
    .addArgument(
      new Argument('[part]', 'what to raise').choices(['patch', 'minor', 'major']).default('patch'),
    )
    .option('-c, --config <file>', 'bundles.yaml to edit (BUNDLES_CONFIG)')
    .option('--rename', 'rename the path that discover takes the tag from')
    .option('-n, --dry-run', 'print the next tag and change nothing');
  addCommonOptions(command).action(async (name: string, part: VersionPart, options: BumpOptions) => {
    const { runBump } = await import('./run-bump.js');
    await runBump(session, { name, part, options });
  });
}
