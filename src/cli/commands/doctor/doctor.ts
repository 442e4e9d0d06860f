import { type Command, Option } from 'commander';
import { addCommonOptions, addProjectOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import { parseByteSize } from '../../options/option-values.js';
import type { Session } from '../../session.js';
import type { DoctorOptions } from './run-doctor.js';

/** `bundles doctor`: whether it will work here. */
export function addDoctor(program: Command, session: Session): void {
  const command = program
    .command('doctor')
    .summary('will it work here? the whole chain, link by link, with what to do')
    .description(
      'Look at everything that ensure rests on: configuration, sources, credentials, registry, clock, state, fallback, cluster, catalog, engine, disk, memory. Nothing is changed, and no right to push is asked for.',
    )
    .addOption(
      new Option(
        '--cluster <kind>',
        'kind: look also for a registry that the cluster of the kubeconfig reads',
      )
        .choices(['none', 'kind'])
        .default('none'),
    )
    .option('--context <name>', 'context of the kubeconfig; alone it means --cluster kind')
    .option('--catalog <catalog>', 'instead of the declared catalog (BUNDLES_CATALOG)')
    .option('--catalog-token-file <file>', 'file with the bearer token for the catalog')
    .option('--engine <program>', 'podman, buildah or docker, or the path of one')
    .option(
      '--min-disk <size>',
      'disk that must be free (default 2GiB where images are built, else 64MiB)',
      parseByteSize,
    )
    .option(
      '--min-memory <size>',
      'memory that must be available (default 1GiB where images are built, else 128MiB)',
      parseByteSize,
    );
  addCommonOptions(addNetworkOptions(addProjectOptions(command))).action(async (options: DoctorOptions) => {
    const { runDoctor } = await import('./run-doctor.js');
    await runDoctor(session, options);
  });
}
