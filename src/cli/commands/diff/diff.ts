import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { DiffOptions } from './run-diff.js';

/** `bundles diff`: what differs between two bundles, object by object. */
export const diffCommand: Command<DiffOptions, readonly [left: string, right?: string]> = {
  name: 'diff',
  group: 'look',
  summary: 'compare two bundles object by object',
  description:
    'Compare two bundles by the meaning of their objects; order, formatting and compression do not matter. Each side is a reference, a layout, an archive, a file, a directory of files, or the name of a declared bundle. A declared bundle alone is compared with its registry.',
  arguments: [
    { name: '<left>', complete: 'source', summary: 'the old side' },
    {
      name: '[right]',
      complete: 'source',
      summary: 'the new side; may be left out after a declared bundle',
    },
  ],
  options: [
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml that declares the bundles',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    ...connectionOptions,
  ],
  examples: [
    { words: 'diff hello-world', does: 'compare the sources with the registry' },
    {
      words: 'diff quay.io/acme/hello:v1.0.0 quay.io/acme/hello:v1.1.0',
      does: 'compare two published bundles',
    },
  ],
  async run(session, [left, right], options) {
    const { runDiff } = await import('./run-diff.js');
    await runDiff(session, { words: [left, right], options });
  },
};
