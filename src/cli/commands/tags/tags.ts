import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { TagsOptions } from './run-tags.js';

/** `bundles tags`: what a repository holds. */
export const tagsCommand: Command<TagsOptions, readonly [repository: string]> = {
  name: 'tags',
  group: 'look',
  summary: 'list the tags of a repository, as crane ls does',
  description: 'List the tags of a repository, sorted, one per line.',
  arguments: [{ name: '<repository>', summary: 'registry/repository, without a tag', complete: 'nothing' }],
  options: [
    { flags: '--full-ref', summary: 'print registry/repository:tag' },
    {
      flags: '--omit-digest-tags',
      summary: 'leave out tags such as sha256-….sig, and anchors of moved tags',
    },
    ...connectionOptions,
  ],
  examples: [
    { words: 'tags quay.io/acme/hello', does: 'list the tags' },
    {
      words: 'tags quay.io/acme/hello --full-ref --omit-digest-tags',
      does: 'as references, without signatures',
    },
  ],
  async run(session, [repository], options) {
    const { runTags } = await import('./run-tags.js');
    await runTags(session, { repository, options });
  },
};
