import type { Command, OptionRow } from '../../command.js';
import { InvalidValue } from '../../options/invalid-value.js';
import { connectionOptions } from '../../options/network-options.js';
import { parseByteSize, parseDuration } from '../../options/option-values.js';
import type { ImagesEnsureOptions } from './run-images-ensure.js';
import type { ImagesPruneOptions } from './run-images-prune.js';
import type { ImagesPsOptions } from './run-images-ps.js';

const slotsDirectory: OptionRow = {
  flags: '--slots-dir <directory>',
  summary: 'build slots that all users of the machine share',
  variable: 'BUNDLES_SLOTS_DIR',
};

const engineOptions: readonly OptionRow[] = [
  {
    flags: '--engine <program>',
    summary: 'podman, buildah or docker, or the path of one',
    usually: 'the first on the PATH',
  },
  slotsDirectory,
  {
    flags: '--wait-timeout <time>',
    summary: 'longest wait for a build slot',
    parse: parseDuration,
  },
];

/** `bundles images ensure`: reuse every declared image, or build it in a slot of this machine. */
export const imagesEnsureCommand: Command<ImagesEnsureOptions> = {
  name: 'images ensure',
  group: 'serve',
  summary: 'reuse each declared image, or build it in one of the build slots of this machine',
  description:
    'Reuse every declared image from its registry or the local store; otherwise build it, push it and load it.',
  arguments: [{ name: '[names...]', summary: 'images to work on; default: all', complete: 'image' }],
  options: [
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml to work on',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    {
      flags: '--state-dir <directory>',
      summary: 'where logs are kept',
      group: 'project',
      usually: '.bundles',
      variable: 'BUNDLES_STATE_DIR',
    },
    { flags: '--push', summary: 'also push images with publish: ci outside a CI job' },
    { flags: '--no-push', summary: 'push nothing' },
    { flags: '--offline', summary: 'do not query registries' },
    {
      flags: '--replace',
      summary: 'take over names in the local store from images that this project did not build',
    },
    { flags: '--export <directory>', summary: 'write each image there as NAME.tar, a docker archive' },
    {
      flags: '--metrics <file>',
      summary: 'write the metrics of the run there, in the text format of Prometheus',
    },
    { flags: '--kind <cluster>', summary: 'load every image into this kind cluster' },
    { flags: '--no-kind', summary: 'load nothing into kind' },
    {
      flags: '--secret <source>',
      summary:
        'give builds a secret that bundles.yaml declares, e.g. id=npm,env=NPM_TOKEN or id=npm,src=FILE',
      repeat: true,
    },
    {
      flags: '--build-slots <number>',
      summary: 'maximum of simultaneous builds on this machine, over all processes',
      parse: slots,
    },
    { flags: '--sequential', summary: 'build the images of this run one after another' },
    {
      flags: '--build-timeout <time>',
      summary: 'longest time for one build',
      default: 3_600_000,
      usually: '1h',
      parse: parseDuration,
    },
    {
      flags: '--recovery-timeout <time>',
      summary: 'longest wait for an engine that crashed',
      usually: '60s',
      parse: parseDuration,
    },
    {
      flags: '--min-disk <size>',
      summary: 'refuse to build with less disk free',
      usually: '2GiB',
      parse: parseByteSize,
    },
    {
      flags: '--min-memory <size>',
      summary: 'refuse to build with less memory available',
      usually: '1GiB',
      parse: parseByteSize,
    },
    ...engineOptions,
    ...connectionOptions,
  ],
  examples: [
    { words: 'images ensure', does: 'reuse or build every declared image' },
    { words: 'images ensure --sequential --no-push', does: 'build one after the other and push nothing' },
  ],
  async run(session, names, options) {
    const { runImagesEnsure } = await import('./run-images-ensure.js');
    await runImagesEnsure(session, { names, options });
  },
};

/** `bundles images ps`: who builds and who waits. */
export const imagesPsCommand: Command<ImagesPsOptions> = {
  name: 'images ps',
  group: 'serve',
  summary: 'show which image builds run on this machine, and which wait',
  description:
    'Show which runs hold build slots or wait for one: state, place in the queue, time, process, engine, project and image.',
  options: [slotsDirectory],
  examples: [
    { words: 'images ps', does: 'show the build slots of this user' },
    {
      words: 'images ps --slots-dir /var/lib/tekton-bundles-slots',
      does: 'show the slots that all users share',
    },
  ],
  async run(session, _names, options) {
    const { runImagesPs } = await import('./run-images-ps.js');
    await runImagesPs(session, options);
  },
};

/** `bundles images prune`: show, and with --yes free, what no project needs. */
export const imagesPruneCommand: Command<ImagesPruneOptions> = {
  name: 'images prune',
  group: 'serve',
  summary: 'list images that no project needs; remove them with --yes',
  description:
    'Show images that were built here and that neither a lock nor a project names, and unnamed layers of such builds. --yes removes them.',
  options: [
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml that declares the images',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    {
      flags: '--lock <file>',
      summary: 'lock that names images too, instead of bundles.lock',
      group: 'project',
    },
    {
      flags: '--host',
      summary:
        'include what any project built on this machine, and containers of killed builds; bundles.yaml is not read',
    },
    { flags: '-y, --yes', summary: 'remove what is shown, without asking at a terminal' },
    {
      flags: '--to <size>',
      summary: 'stop when this much is free, e.g. 20GiB; the oldest are removed first',
      parse: parseByteSize,
    },
    {
      flags: '--grace <time>',
      summary: 'keep what is newer than this',
      default: 3_600_000,
      usually: '1h',
      parse: parseDuration,
    },
    { flags: '--no-dangling', summary: 'keep layers without a name' },
    ...engineOptions,
  ],
  examples: [
    { words: 'images prune', does: 'show what would be removed' },
    { words: 'images prune --host --yes', does: 'remove what no project of this machine needs' },
    { words: 'images prune --yes --to 20GiB', does: 'remove the oldest until 20 GiB are free' },
  ],
  async run(session, _, options) {
    const { runImagesPrune } = await import('./run-images-prune.js');
    await runImagesPrune(session, options);
  },
};

function slots(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new InvalidValue('a number, 1 to 999');
}
