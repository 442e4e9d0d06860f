import { type Command, InvalidArgumentError } from 'commander';
import { addAllowHost, addCommonOptions } from '../../options/common-options.js';
import { parseByteSize, parseDuration, parsePort } from '../../options/option-values.js';
import type { Session } from '../../session.js';
import type { DeployOptions } from './run-registry-deploy.js';
import type { CollectOptions } from './run-registry-gc.js';
import type { ServeOptions } from './run-registry-serve.js';

/** `bundles registry serve`: the embedded registry on a socket. */
export function addRegistry(program: Command, session: Session): void {
  const registry = program
    .command('registry')
    .summary('the embedded registry')
    .description('The embedded registry.');
  const serve = registry
    .command('serve')
    .summary('serve what fallbacks stored, and take pushes')
    .description('Serve the embedded registry of a state directory until it is interrupted.')
    .option('--state-dir <directory>', 'state of this machine (BUNDLES_STATE_DIR; default .bundles)')
    .option('--root <directory>', 'directory of the layouts, instead of registry in the state directory')
    .option(
      '-c, --config <file>',
      'bundles.yaml whose fallback.clusterReference it answers to (BUNDLES_CONFIG)',
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', parsePort, 5055)
    .option('--htpasswd <file>', 'let in who stands in this file, written by htpasswd -B')
    .option('--allow-anonymous', 'let other machines in without a password where --host reaches them')
    .option('--read-only', 'refuse every change')
    .option('--max-size <size>', 'bytes to store in all, e.g. 10GiB (default no limit)', parseByteSize)
    .option('--max-blob-size <size>', 'bytes of one blob (default 1GiB)', parseByteSize)
    .option('--max-uploads <number>', 'uploads open at once (default 1000)', positive);
  addCommonOptions(addAllowHost(serve)).action(async (options: ServeOptions) => {
    const { runRegistryServe } = await import('./run-registry-serve.js');
    await runRegistryServe(session, options);
  });
  const collect = registry
    .command('gc')
    .summary('free what no tag needs')
    .description('Remove what no manifest of the embedded registry names; it may be running meanwhile.')
    .option('--state-dir <directory>', 'state of this machine (BUNDLES_STATE_DIR; default .bundles)')
    .option('--root <directory>', 'directory of the layouts, instead of registry in the state directory')
    .option('--untagged', 'also manifests without a tag that no other one needs')
    .option('--grace <time>', 'leave what was written or used within this time', parseDuration, 3_600_000)
    .option('-n, --dry-run', 'say what would be removed');
  addCommonOptions(collect).action(async (options: CollectOptions) => {
    const { runRegistryGc } = await import('./run-registry-gc.js');
    await runRegistryGc(session, options);
  });
  addRegistryDeploy(registry, session);
}

function positive(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('wanted a number, 1 to 9999999.');
}

/** `bundles registry deploy`: a registry inside a cluster that has none it can read. */
function addRegistryDeploy(registry: Command, session: Session): void {
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
