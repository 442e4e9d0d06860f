import { version } from '../../../version.js';
import type { Command } from '../../command.js';
import type { CommonOptions } from '../../options/common-options.js';
import type { Session } from '../../session.js';

/** `bundles version`: the versions that a bug report needs. */
export const versionCommand: Command<CommonOptions, readonly []> = {
  name: 'version',
  group: 'setup',
  summary: 'print the version',
  description: 'Print the version of this program; with --output json also those of Node and the system.',
  examples: [
    { words: 'version', does: 'the version alone, as --version does' },
    { words: 'version --output json', does: 'with the versions of Node and the system' },
  ],
  async run(session, _, options) {
    runVersion(session, options);
  },
};

/** Prints the version, or a document with everything that has one. */
function runVersion({ context }: Session, { output }: CommonOptions): void {
  const { node, openssl } = process.versions;
  const document = {
    version: 1,
    program: version,
    node,
    openssl: openssl ?? null,
    platform: `${context.platform} ${process.arch}`,
    error: null,
  };
  if (output === 'json') context.stdout.json(document);
  else context.stdout.line(version);
}
