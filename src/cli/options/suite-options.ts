import { type Command, Option } from 'commander';
import { addAllowHost, addCommonOptions, type CommonOptions } from './common-options.js';
import { debugOption } from './network-options.js';

/** What `with` and `up` take. */
export interface SuiteOptions extends CommonOptions {
  readonly config?: string;
  readonly cluster: 'none' | 'kind';
  readonly context?: string;
  readonly registry?: string;
  readonly allowHost?: readonly string[];
  /** False for --no-catalog. */
  readonly catalog?: string | false;
  readonly debug?: boolean;
}

export function addSuiteOptions(command: Command): Command {
  return addCommonOptions(
    addAllowHost(command)
      .option('-c, --config <file>', 'bundles.yaml to work on (BUNDLES_CONFIG)')
      .addOption(
        new Option('--cluster <kind>', 'kind: find a registry that the cluster of the kubeconfig reads')
          .choices(['none', 'kind'])
          .default('none'),
      )
      .option('--context <name>', 'context of the kubeconfig for --cluster (default its current one)')
      .option('--registry <registry>', 'push to this registry instead of starting one')
      .option('--catalog <url>', 'register in this workflow catalog instead of starting one')
      .option('--no-catalog', 'register nowhere')
      .addOption(debugOption()),
  );
}
