import type { ExportFormat } from '../../../bundle/export-image.js';
import type { Command } from '../../command.js';
import { connectionOptions } from '../../options/network-options.js';
import type { ExportOptions } from './run-export.js';

// Not a value of that module: it would be loaded with every command.
const formats = ['oci-archive', 'docker-archive', 'layout'] satisfies ExportFormat[];

/** `bundles export`: bundles as files that other tools read. */
export const exportCommand: Command<ExportOptions> = {
  name: 'export',
  group: 'publish',
  summary: 'write bundles as archives or layouts',
  description:
    'Write bundles as files that podman, docker, containerd and skopeo read, one bundle in each: DIRECTORY/NAME.tar, or DIRECTORY/NAME for a layout.',
  arguments: [
    {
      name: '[subjects...]',
      complete: 'source',
      summary: 'declared bundles, built from their sources, or locations; default: all declared bundles',
    },
  ],
  options: [
    {
      flags: '--format <format>',
      summary: 'file format',
      choices: formats,
      required: true,
    },
    { flags: '--to <directory>', summary: 'where the files go', required: true },
    {
      flags: '--media-types <dialect>',
      summary: 'docker, as tkn writes them, or oci, which changes the digest',
      choices: ['docker', 'oci'],
      default: 'docker',
    },
    {
      flags: '--referrers',
      summary:
        'write signatures, bills of materials and other referrers too, which some readers do not expect',
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
    { words: 'export --format oci-archive --to out', does: 'write every declared bundle to out/NAME.tar' },
    {
      words: 'export quay.io/acme/hello:v1.0.0 --format layout --to out',
      does: 'write a published bundle as a layout',
    },
  ],
  async run(session, words, options) {
    const { runExport } = await import('./run-export.js');
    await runExport(session, { words, options });
  },
};
