import type { Command } from 'commander';
import { addCommonOptions, collect } from '../../options/common-options.js';
import { addNetworkOptions } from '../../options/network-options.js';
import type { Session } from '../../session.js';
import type { PushOptions } from './run-push.js';

/** `bundles push`: a drop-in for `tkn bundle push`. */
export function addPush(program: Command, session: Session): void {
  const command = program
    .command('push')
    .summary('push files as one bundle, as tkn bundle push does')
    .description('Build one bundle from the files and push it to REFERENCE, overwriting what the tag holds.')
    .argument('<reference>', 'registry/repository:tag, or registry/repository@digest to refuse other bytes')
    .option('-f, --file <file>', 'YAML or JSON file; may be repeated, - is standard input', collect)
    .option('--annotate <key=value>', 'annotation of the manifest; may be repeated', collect)
    .option('--label <key=value>', 'label of the config; may be repeated', collect)
    .option('--ctime <time>', 'created time: YYYY-MM-DD, YYYY-MM-DDTHH:MM:SS or RFC 3339 (SOURCE_DATE_EPOCH)')
    .option('--keep-old', 'give the digest that the tag leaves a tag of its own first, TAG-<12 hex>')
    .option('--no-overwrite', 'fail where the tag holds other content')
    .option(
      '--tkn-compat',
      'allow what tkn allows: duplicates, more than 20 objects, its copy of an object before a null document',
    );
  addCommonOptions(addNetworkOptions(command)).action(async (reference: string, options: PushOptions) => {
    const { runPush } = await import('./run-push.js');
    await runPush(session, { reference, options });
  });
}
