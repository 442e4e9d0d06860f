import type { Command } from '../../command.js';
import { projectOptions } from '../../options/common-options.js';
import { connectionOptions } from '../../options/network-options.js';
import type { ListOptions } from './run-list.js';

/** `bundles list`: what a bundle holds, by tkn's own arguments. */
export const listCommand: Command<ListOptions, readonly [place?: string, kind?: string, name?: string]> = {
  name: 'list',
  group: 'look',
  aliases: ['ls'],
  summary: 'list the objects of a bundle, as tkn bundle list does, or the declared bundles',
  description:
    'List the objects of a bundle, or print them. Without a location, list the declared bundles and workflows with their digests, and which have changed since the lock was written.',
  arguments: [
    {
      name: '[place]',
      summary:
        'registry/repository with a tag or a digest, oci:DIRECTORY[:tag], oci-archive:FILE[:tag] or docker-archive:FILE[:tag]; default: list the declared bundles',
    },
    { name: '[kind]', summary: 'only objects of this kind' },
    { name: '[name]', summary: 'only the object of this name' },
  ],
  options: [...connectionOptions, ...projectOptions.filter(({ flags }) => !flags.startsWith('--state-dir'))],
  outputs: ['yaml', 'name'],
  examples: [
    { words: 'list', does: 'list the declared bundles, and what has changed' },
    { words: 'list quay.io/acme/hello:v1.0.0', does: 'list the objects of a bundle' },
    { words: 'list quay.io/acme/hello:v1.0.0 pipelines workflow -o yaml', does: 'print one of them' },
    { words: 'list oci-archive:hello.tar', does: 'list the objects in an archive' },
  ],
  async run(session, [place, kind, name], options) {
    if (place === undefined) {
      const { listDeclared } = await import('./list-declared.js');
      return listDeclared(session, options);
    }
    const { runList } = await import('./run-list.js');
    await runList(session, { place, kind, name, options });
  },
};
