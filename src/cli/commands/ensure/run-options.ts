import { type Command, Option } from 'commander';
import { type ProfileName, profileNames } from '../../../ensure/profiles.js';
import type { NetworkOptions } from '../../../open/network-options.js';
import { type OnDifferent, onDifferentChoices } from '../../../publish/policy.js';
import { type CommonOptions, collect } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';

/** What `ensure` and `check` take. */
export interface RunOptions extends CommonOptions, NetworkOptions {
  readonly config?: readonly string[];
  readonly repository?: string;
  readonly tag?: string;
  /** False for --no-fallback. */
  readonly fallback?: string | false;
  readonly catalog?: string;
  readonly catalogTokenFile?: string;
  readonly stateDir?: string;
  readonly lock?: string;
  readonly profile?: ProfileName;
  /** True for --push, false for --no-push. */
  readonly push?: boolean;
  readonly onDifferent?: OnDifferent;
  /** False for --no-keep-old. */
  readonly keepOld?: boolean;
  readonly frozen?: boolean;
  readonly offline?: boolean;
  readonly ctime?: string;
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
    .option('--offline', 'ask nobody; build, pin and fall back')
    .option(
      '--ctime <time>',
      "the bundle's created time: YYYY-MM-DD, YYYY-MM-DDTHH:MM:SS or RFC 3339 (SOURCE_DATE_EPOCH)",
    );
  return addNetworkOptions(named);
}
