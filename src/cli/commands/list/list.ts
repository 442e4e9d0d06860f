import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { ListOptions } from './run-list.js';

/** `bundles list`: what a bundle holds, by tkn's own arguments. */
export const listCommand: Command<ListOptions, readonly [place: string, kind?: string, name?: string]> = {
  name: 'list',
  group: 'look',
  summary: 'list the objects of a bundle, as tkn bundle list does',
  description: 'List the objects of a bundle, or print them.',
  arguments: [
    {
      name: '<place>',
      summary:
        'registry/repository with a tag or a digest, oci:DIRECTORY[:tag], oci-archive:FILE[:tag] or docker-archive:FILE[:tag]',
    },
    { name: '[kind]', summary: 'only objects of this kind' },
    { name: '[name]', summary: 'only the object of this name' },
  ],
  options: [...connectionOptions],
  outputs: ['yaml', 'name'],
  examples: [
    { words: 'list quay.io/acme/hello:v1.0.0', does: 'list the objects of a bundle' },
    { words: 'list quay.io/acme/hello:v1.0.0 pipelines workflow -o yaml', does: 'print one of them' },
    { words: 'list oci-archive:hello.tar', does: 'list the objects in an archive' },
  ],
  async run(session, [place, kind, name], options) {
    const { runList } = await import('./run-list.js');
    await runList(session, { place, kind, name, options });
  },
};
