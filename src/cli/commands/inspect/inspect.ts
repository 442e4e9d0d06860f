import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { InspectOptions } from './run-inspect.js';

/** `bundles inspect`: all there is to know of one bundle. */
export const inspectCommand: Command<InspectOptions, readonly [place: string]> = {
  name: 'inspect',
  group: 'look',
  summary: 'show everything about a bundle',
  description:
    'Describe a bundle: its objects with params, workspaces, results and images, digests, sizes, annotations, labels, which program built it, and what a cluster would refuse.',
  arguments: [
    {
      name: '<place>',
      summary:
        'registry/repository with a tag or a digest, oci:DIRECTORY[:tag], oci-archive:FILE[:tag] or docker-archive:FILE[:tag]',
    },
  ],
  options: [...connectionOptions],
  examples: [
    { words: 'inspect quay.io/acme/hello:v1.0.0', does: 'describe a published bundle' },
    { words: 'inspect oci:out/hello-world --output json', does: 'describe a layout, for programs' },
  ],
  async run(session, [place], options) {
    const { runInspect } = await import('./run-inspect.js');
    await runInspect(session, { place, options });
  },
};
