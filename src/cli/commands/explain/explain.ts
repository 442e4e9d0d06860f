import { BundlesError, errorCodes, isBundlesError, isErrorCode } from '../../../errors.js';
import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { ExplainOptions } from './run-explain.js';

/** `bundles explain`: why a bundle has its digest, and why another one has another. */
export const explainCommand: Command<ExplainOptions, readonly [subject: string]> = {
  name: 'explain',
  group: 'look',
  summary: 'show why a bundle has its digest, or what an error code means',
  description:
    'Show how a digest is computed: files, documents, JSON, diffIds, layers, config, manifest. Compared with another bundle or the lock, show which step differs first and why. For an error code (in capitals), print what it means, an example and what to do; this needs no network.',
  arguments: [
    {
      name: '<subject>',
      complete: 'source',
      summary:
        'a declared bundle, a reference, a layout, an archive, a file, a directory of files, or an error code',
    },
  ],
  options: [
    {
      flags: '--against <subject>',
      summary: 'what to compare with; default for a declared bundle: its entry in the lock',
    },
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml that declares the bundles',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    ...connectionOptions,
  ],
  examples: [
    { words: 'explain TAG_DIFFERS', does: 'what an error code means and what to do' },
    {
      words: 'explain hello-world',
      does: 'show how the digest is computed, and what changed since the lock',
    },
    {
      words: 'explain hello-world --against quay.io/acme/test-workflows/hello-world:v1.0.0',
      does: 'find the first difference from the published bundle',
    },
  ],
  async run(session, [subject], options) {
    if (isErrorCode(subject)) {
      const { runExplainCode } = await import('./run-explain-code.js');
      return runExplainCode(session, { word: subject, options });
    }
    const { runExplain } = await import('./run-explain.js');
    try {
      await runExplain(session, { word: subject, options });
    } catch (error) {
      throw asMisspeltCode(error, subject);
    }
  },
};

/** `explain tag_differs`, where no bundle has that name. */
function asMisspeltCode(error: unknown, word: string): unknown {
  const code = errorCodes.find((known) => known === word.toUpperCase().replaceAll('-', '_'));
  const isMissing = isBundlesError(error, 'CONFIG_NOT_FOUND') || isBundlesError(error, 'USAGE');
  if (code === undefined || !isMissing) return error;
  const { message, details } = error;
  return new BundlesError(error.code, message, { hint: `Did you mean ${code}?`, details, cause: error });
}
