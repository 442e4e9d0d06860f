import type { VersionPart } from '../../../project/bump-tag.js';
import type { Command } from '../../command.js';
import type { BumpOptions } from './run-bump.js';

/** `bundles bump`: the next tag of a bundle. */
export const bumpCommand: Command<BumpOptions, readonly [name: string, part: VersionPart]> = {
  name: 'bump',
  group: 'job',
  summary: 'raise the tag of a bundle in bundles.yaml',
  description:
    'Raise the tag of a bundle whose published tag holds other content. Only the tag changes in the file; comments and layout stay.',
  arguments: [
    { name: '<name>', summary: 'the bundle', complete: 'bundle' },
    { name: '[part]', summary: 'what to raise', choices: ['patch', 'minor', 'major'], default: 'patch' },
  ],
  options: [
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml to edit',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    { flags: '--rename', summary: 'rename the path that discover takes the tag from' },
    { flags: '-n, --dry-run', summary: 'print the next tag and change nothing' },
  ],
  examples: [
    { words: 'bump hello-world', does: 'raise v1.0.0 to v1.0.1' },
    { words: 'bump hello-world minor --dry-run', does: 'print the next minor version and change nothing' },
  ],
  async run(session, [name, part], options) {
    const { runBump } = await import('./run-bump.js');
    await runBump(session, { name, part, options });
  },
};
