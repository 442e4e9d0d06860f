import { type Command, InvalidArgumentError, Option } from 'commander';
import { apiFieldChoices, featureChoices } from '../../../tekton/validate/feature-flags.js';
import { addCommonOptions, collect } from '../../options/common-options.js';
import type { Session } from '../../session.js';
import type { LintCommandOptions } from './run-lint.js';

/** `bundles lint`: what a cluster would refuse, and traps, with places. No network. */
export function addLint(program: Command, session: Session): void {
  const command = program
    .command('lint')
    .summary('check sources: what a cluster would refuse, and traps')
    .description(
      'Check the sources of declared bundles, or files and directories, by the rules of Tekton and some of our own. No network.',
    )
    .argument(
      '[what...]',
      'bundles by name, or files and directories (with a / or an extension; - is standard input); all bundles without any',
    )
    .option('-c, --config <file>', 'bundles.yaml to read (BUNDLES_CONFIG)')
    .addOption(
      new Option('--enable-api-fields <stability>', 'fields that the cluster takes').choices(apiFieldChoices),
    )
    .addOption(
      new Option('--feature <flag>', 'a feature flag that the cluster has on; may be repeated').argParser(
        (value: string, previous: readonly string[] | undefined) => {
          const known: readonly string[] = featureChoices;
          if (!known.includes(value))
            throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}.`);
          return collect(value, previous);
        },
      ),
    )
    .option('--ignore <rule>', 'a rule that is not to be reported; may be repeated', collect)
    .option('--rule <name=severity>', 'report a rule as off, warning or error; may be repeated', collect)
    .option('--fix', 'write what can be set right without changing anything else')
    .option('--max-warnings <number>', 'fail where there are more warnings', wholeNumber);
  addCommonOptions(command, { outputs: ['sarif'] }).action(
    async (what: string[], options: LintCommandOptions) => {
      const { runLint } = await import('./run-lint.js');
      await runLint(session, { what, options });
    },
  );
}

function wholeNumber(value: string): number {
  if (/^[0-9]{1,9}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number.');
}
