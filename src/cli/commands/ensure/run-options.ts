import { type Command, Option } from 'commander';
import type { EnsureOptions } from '../../../ensure/ensure.js';
import { profileNames } from '../../../ensure/profiles.js';
import { onDifferentChoices } from '../../../publish/policy.js';
import { type CommonOptions, collect } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import { parsePairs } from '../../options/tkn-values.js';

/** What `ensure` and `check` take: the settings of the library by their names. */
export interface RunOptions extends CommonOptions, Omit<EnsureOptions, 'verbose'> {
  /** Publish without a question. */
  readonly yes?: boolean;
}

/** Adds the options of a run over a project. */
export function addRunOptions(command: Command): Command {
  const named = command
    .argument('[names...]', 'bundles to narrow the work to; all without a name')
    .option('-c, --config <file>', 'bundles.yaml to work on; may be repeated (BUNDLES_CONFIG)', collect)
    .option('--repository <repository>', 'instead of the declared repository (BUNDLES_REPOSITORY)')
    .option('--tag <tag>', 'instead of the declared tag (BUNDLES_TAG)')
    .option('--fallback <where>', 'embedded, none, or a registry with a path (BUNDLES_FALLBACK)')
    .option('--no-fallback', 'fail where the registry cannot serve a bundle')
    .option('--catalog <catalog>', 'instead of the declared catalog (BUNDLES_CATALOG)')
    .option('--catalog-token-file <file>', 'holds the bearer token of the catalog (DATASTORAGE_TOKEN)')
    .option('--state-dir <directory>', 'state of this machine (BUNDLES_STATE_DIR; default .bundles)')
    .option('--lock <file>', 'lock to read and write instead of bundles.lock')
    .addOption(
      new Option('--profile <name>', 'the flags of a recipe; flags given beside it win').choices(
        profileNames,
      ),
    )
    .option('--push', 'publish also where bundles.yaml says publish: ci and this is not a CI job')
    .option('--no-push', 'never publish')
    .addOption(
      new Option('--on-different <choice>', 'when the tag holds other content (default fail)').choices(
        onDifferentChoices,
      ),
    )
    .option('--no-keep-old', 'let an overwritten or moved tag leave its digest without an anchor')
    .option('--frozen', 'refuse to change the lock or a schema')
    .option('--require-clean', 'refuse to publish from files that are not committed in git')
    .addOption(
      pairs('--label <key=value>', 'label of every config, with --repository or --tag; may be repeated'),
    )
    .addOption(
      pairs(
        '--annotate <key=value>',
        'annotation of every manifest, with --repository or --tag; may be repeated',
      ),
    )
    .option('--offline', 'make no network requests; build, pin and fall back')
    .option(
      '--ctime <time>',
      "the bundle's created time: YYYY-MM-DD, YYYY-MM-DDTHH:MM:SS or RFC 3339 (SOURCE_DATE_EPOCH)",
    );
  return addNetworkOptions(named);
}

/** An option for pairs, read as tkn reads them. */
function pairs(flags: string, description: string): Option {
  const [flag = flags] = flags.split(' ');
  return new Option(flags, description).argParser(
    (text: string, previous: Readonly<Record<string, string>> | undefined) => ({
      ...previous,
      ...parsePairs(flag, [text]),
    }),
  );
}
