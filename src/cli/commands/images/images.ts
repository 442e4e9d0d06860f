import { type Command, InvalidArgumentError, Option } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import { parseByteSize, parseDuration } from '../../options/option-values.js';
import type { Session } from '../../session.js';
import type { ImagesEnsureOptions } from './run-images-ensure.js';
import type { ImagesPruneOptions } from './run-images-prune.js';

/** `bundles images`: service images, built without exhausting the machine. */
export function addImages(program: Command, session: Session): void {
  const images = program
    .command('images')
    .summary('service images')
    .description('Service images that tests need beside the bundles.');
  const ensure = images
    .command('ensure')
    .summary('reuse every declared image, or build it in a slot of this machine')
    .description(
      'Reuse every declared image from its registry or the local store, else build, push or load it.',
    )
    .argument('[names...]', 'images to narrow the work to; all without a name')
    .option('-c, --config <file>', 'bundles.yaml to work on (BUNDLES_CONFIG)')
    .option('--state-dir <directory>', 'where logs are kept (BUNDLES_STATE_DIR; default .bundles)')
    .option('--push', 'push also where bundles.yaml says publish: ci and this is not a CI job')
    .option('--no-push', 'push nothing')
    .option('--offline', 'ask no registry')
    .option('--replace', 'take names in the local store from images that this project did not build')
    .option('--export <directory>', 'write each image there as NAME.tar, a docker archive')
    .option('--kind <cluster>', 'load every image into this kind cluster')
    .option('--no-kind', 'load nothing into kind')
    .addOption(
      new Option('--build-slots <number>', 'builds at once on this machine, over all processes').argParser(
        slots,
      ),
    )
    .option('--sequential', 'one image of this run after the other')
    .option('--build-timeout <time>', 'end a build that takes longer', parseDuration, 3_600_000)
    .option('--recovery-timeout <time>', 'wait so long for an engine that quit (default 60s)', parseDuration)
    .option('--min-disk <size>', 'refuse to build with less disk free (default 2GiB)', parseByteSize)
    .option(
      '--min-memory <size>',
      'refuse to build with less memory available (default 1GiB)',
      parseByteSize,
    );
  addCommonOptions(addNetworkOptions(addEngineOptions(ensure))).action(
    async (names: string[], options: ImagesEnsureOptions) => {
      const { runImagesEnsure } = await import('./run-images-ensure.js');
      await runImagesEnsure(session, { names, options });
    },
  );
  const prune = images
    .command('prune')
    .summary('show, and with --yes free, what no project needs')
    .description(
      'Show images that were built here and that no lock and no project names, and unnamed layers of such builds; --yes frees them.',
    )
    .option('-c, --config <file>', 'bundles.yaml whose images are looked at (BUNDLES_CONFIG)')
    .option('--lock <file>', 'lock that names images too, instead of bundles.lock')
    .option('-y, --yes', 'remove what is shown')
    .option('--to <size>', 'stop when so much is free, e.g. 20GiB; the oldest go first', parseByteSize)
    .option('--grace <time>', 'leave what is younger', parseDuration, 3_600_000)
    .option('--no-dangling', 'leave layers without a name');
  addCommonOptions(addEngineOptions(prune)).action(async (options: ImagesPruneOptions) => {
    const { runImagesPrune } = await import('./run-images-prune.js');
    await runImagesPrune(session, options);
  });
}

function addEngineOptions(command: Command): Command {
  return command
    .option(
      '--engine <program>',
      'podman, buildah or docker, or the path of one (default: the first on the PATH)',
    )
    .option('--slots-dir <directory>', 'build slots that all users of the machine share (BUNDLES_SLOTS_DIR)')
    .option('--wait-timeout <time>', 'give up waiting for a build slot after so long', parseDuration);
}

function slots(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('wanted a number, 1 to 999.');
}
