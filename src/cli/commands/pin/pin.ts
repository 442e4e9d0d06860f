import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { connectionOptions } from '../../options/network-options.js';
import type { PinOptions } from './run-pin.js';

/** `bundles pin`: step images by digest. */
export const pinCommand: Command<PinOptions> = {
  name: 'pin',
  group: 'job',
  summary: 'pin the images of steps by digest',
  description:
    'Resolve the tags of step images and pin them by digest: in the sources, or with pin: true only in the built bundle.',
  arguments: [{ name: '[names...]', summary: 'bundles to work on; default: all', complete: 'bundle' }],
  options: [
    { flags: '--update', summary: 'resolve every tag again, even if it is pinned' },
    { flags: '-n, --dry-run', summary: 'print what would change, and exit with 3 if anything would' },
    { flags: '--offline', summary: 'make no network requests; pin what the lock has' },
    ...connectionOptions,
    ...projectOptions,
  ],
  examples: [
    { words: 'pin --dry-run', does: 'show which step images would be pinned' },
    { words: 'pin hello-world --update', does: 'resolve every tag again' },
  ],
  async run(session, names, options) {
    const { runPin } = await import('./run-pin.js');
    await runPin(session, { names, options });
  },
};
