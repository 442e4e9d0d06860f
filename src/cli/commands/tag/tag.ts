import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { TagOptions } from './run-tag.js';

/** `bundles tag`: one more name for what is there. */
export const tagCommand: Command<TagOptions, readonly [reference: string, tag: string]> = {
  name: 'tag',
  group: 'publish',
  summary: 'give a bundle on a registry another tag, as crane tag does',
  description:
    'Put another tag on a bundle, in the same repository. If the tag already names another digest, that digest gets the tag TAG-<12 hex> first.',
  arguments: [
    { name: '<reference>', summary: 'registry/repository with a tag or a digest', complete: 'nothing' },
    { name: '<tag>', summary: 'the new tag', complete: 'nothing' },
  ],
  options: [
    { flags: '--force', summary: 'move a tag that looks like a fixed version' },
    { flags: '--no-keep-old', summary: 'do not keep the old digest of a moved tag under another tag' },
    ...connectionOptions,
  ],
  examples: [
    { words: 'tag quay.io/acme/hello:v1.0.0 latest', does: 'put a moving tag' },
    { words: 'tag quay.io/acme/hello:latest v1.0.1', does: 'give a tested bundle its version' },
  ],
  async run(session, [reference, tag], options) {
    const { runTag } = await import('./run-tag.js');
    await runTag(session, { reference, tag, options });
  },
};
