import type { Command } from '../../command.js';
import { repositoryOption, tagOption } from '../../options/common-options.js';
import type { BuildOptions } from './run-build.js';

/** `bundles build`: bundles into OCI layout directories, without any network. */
export const buildCommand: Command<BuildOptions> = {
  name: 'build',
  group: 'publish',
  summary: 'build bundles into OCI layout directories',
  description:
    'Build declared bundles, or the files given with -f, into one OCI image layout each: DIRECTORY/NAME. It makes no network requests.',
  arguments: [
    {
      name: '[names...]',
      summary: 'declared bundles; default: all. With -f: the name of the bundle',
      complete: 'bundle',
    },
  ],
  options: [
    { flags: '--to <directory>', summary: 'where the layouts go', required: true },
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml to read',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    repositoryOption,
    tagOption,
    {
      flags: '-f, --file <file>',
      summary: 'build these files instead of declared bundles, - is standard input',
      repeat: true,
    },
    { flags: '--annotate <key=value>', summary: 'annotation of the manifest, with -f', repeat: true },
    { flags: '--label <key=value>', summary: 'label of the config, with -f', repeat: true },
    { flags: '--ctime <time>', summary: 'created time', variable: 'SOURCE_DATE_EPOCH' },
    { flags: '--tkn-compat', summary: "repeat tkn's duplicate of an object before a null document, with -f" },
  ],
  examples: [
    { words: 'build --to out', does: 'write every declared bundle to out/NAME' },
    {
      words: 'build hello -f pipelines/hello-world.yaml --to out',
      does: 'build a bundle from a file that is not declared',
    },
  ],
  async run(session, names, options) {
    const { runBuild } = await import('./run-build.js');
    await runBuild(session, { names, options });
  },
};
