import { type Command, Option } from 'commander';
import type { ExportFormat } from '../../../bundle/export-image.js';
import { addCommonOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import type { Session } from '../../session.js';
import type { ExportOptions } from './run-export.js';

// Not a value of that module: it would be loaded with every command.
const formats = ['oci-archive', 'docker-archive', 'layout'] satisfies ExportFormat[];

/** `bundles export`: bundles as files that other tools read. */
export function addExport(program: Command, session: Session): void {
  const command = program
    .command('export')
    .summary('write bundles as archives or layouts')
    .description(
      'Write bundles as files that podman, docker, containerd and skopeo read, one bundle in each: DIRECTORY/NAME.tar, or DIRECTORY/NAME for a layout.',
    )
    .argument(
      '[subjects...]',
      'declared bundles, built from their sources, or places; all declared bundles without one',
    )
    .addOption(new Option('--format <format>', 'kind of file').choices(formats).makeOptionMandatory())
    .requiredOption('--to <directory>', 'where the files go')
    .addOption(
      new Option('--media-types <dialect>', 'docker as tkn writes them, or oci, which changes the digest')
        .choices(['docker', 'oci'])
        .default('docker'),
    )
    .option('-c, --config <file>', 'bundles.yaml that declares the bundles (BUNDLES_CONFIG)');
  addCommonOptions(addNetworkOptions(command)).action(async (words: string[], options: ExportOptions) => {
    const { runExport } = await import('./run-export.js');
    await runExport(session, { words, options });
  });
}
