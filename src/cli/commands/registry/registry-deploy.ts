import type { Command } from 'commander';
import { addCommonOptions } from '../../options/common-options.js';
import { parseDuration } from '../../options/duration.js';
import type { Session } from '../../session.js';
import type { DeployOptions } from './run-registry-deploy.js';

/** `bundles registry deploy`: a registry inside a cluster that has none it can read. */
export function addRegistryDeploy(registry: Command, session: Session): void {
  const deploy = registry
    .command('deploy')
    .summary('put a registry into a cluster that reaches none')
    .description('Apply a registry to a cluster, for its bundles resolver to read from.')
    .option('--context <name>', 'context of the kubeconfig (default its current one)')
    .option('--namespace <name>', 'namespace to put it in', 'bundles-registry')
    .option('--image <image>', 'registry image, e.g. one that was loaded onto the nodes')
    .option('--timeout <time>', 'how long its pod may take to be ready', parseDuration, 120_000)
    .option('--print', 'print the objects as YAML and apply nothing');
  addCommonOptions(deploy).action(async (options: DeployOptions) => {
    const { runRegistryDeploy } = await import('./run-registry-deploy.js');
    await runRegistryDeploy(session, options);
  });
}
