import type { Command } from 'commander';
import { addCommonOptions, collect } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import type { BuildOptions } from './run-build.js';

/** `bundles build`: bundles into OCI layout directories, without any network. */
export function addBuild(program: Command, session: Session): void {
  const command = program
    .command('build')
    .summary('build bundles into OCI layout directories')
    .description(
      'Build declared bundles, or the files given by -f, into one OCI image layout directory per bundle: DIRECTORY/NAME. No network.',
    )
    .argument('[names...]', 'declared bundles; all without a name. With -f: the one name of the bundle')
    .requiredOption('--to <directory>', 'where the layouts go')
    .option('-c, --config <file>', 'bundles.yaml to read (BUNDLES_CONFIG)')
    .option('--repository <repository>', 'instead of the declared repository (BUNDLES_REPOSITORY)')
    .option('--tag <tag>', 'instead of the declared tag (BUNDLES_TAG)')
    .option(
      '-f, --file <file>',
      'build these files instead of declared bundles; may be repeated, - is standard input',
      collect,
    )
    .option('--annotate <key=value>', 'annotation of the manifest, with -f', collect)
    .option('--label <key=value>', 'label of the config, with -f', collect)
    .option('--ctime <time>', 'created time (SOURCE_DATE_EPOCH)')
    .option('--tkn-compat', "repeat tkn's duplicate of an object before a null document, with -f");
  addCommonOptions(command).action(async (names: string[], options: BuildOptions) => {
    const { runBuild } = await import('./run-build.js');
    await runBuild(session, { names, options });
  });
}
