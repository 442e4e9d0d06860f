import type { Command } from '../../command.js';
import { allowHostOption, stateDirOption } from '../../options/common-options.js';
import { InvalidValue } from '../../options/invalid-value.js';
import { parseByteSize, parseDuration, parsePort } from '../../options/option-values.js';
import type { DeployOptions } from './run-registry-deploy.js';
import type { CollectOptions } from './run-registry-gc.js';
import type { ServeOptions } from './run-registry-serve.js';

/** `bundles registry serve`: the embedded registry on a socket. */
export const registryServeCommand: Command<ServeOptions> = {
  name: 'registry serve',
  group: 'serve',
  summary: 'serve the embedded registry, which stores fallbacks',
  description: 'Serve the embedded registry of a state directory until it is interrupted.',
  options: [
    stateDirOption,
    {
      flags: '--root <directory>',
      summary: 'directory of the layouts, instead of registry in the state directory',
    },
    {
      flags: '-c, --config <file>',
      summary: 'bundles.yaml whose fallback.clusterReference it answers to',
      group: 'project',
      variable: 'BUNDLES_CONFIG',
    },
    { flags: '--host <address>', summary: 'address to listen on', default: '127.0.0.1' },
    {
      flags: '--port <number>',
      summary: 'port to listen on; 0 takes a free one',
      default: 5055,
      parse: parsePort,
    },
    { flags: '--htpasswd <file>', summary: 'file of users who may log in, written by htpasswd -B' },
    {
      flags: '--allow-anonymous',
      summary: 'allow other machines to connect without a password',
    },
    { flags: '--read-only', summary: 'refuse every change' },
    {
      flags: '--max-size <size>',
      summary: 'bytes to store in all',
      usually: '10GiB',
      parse: parseByteSize,
    },
    { flags: '--max-blob-size <size>', summary: 'bytes of one blob', usually: '1GiB', parse: parseByteSize },
    { flags: '--max-uploads <number>', summary: 'uploads open at once', usually: '1000', parse: positive },
    allowHostOption,
  ],
  examples: [
    { words: 'registry serve', does: 'serve what fallbacks stored, on port 5055' },
    { words: 'registry serve --port 0 --read-only', does: 'take a free port and refuse changes' },
  ],
  async run(session, _, options) {
    const { runRegistryServe } = await import('./run-registry-serve.js');
    await runRegistryServe(session, options);
  },
};

/** `bundles registry gc`: list unused content of the embedded registry; remove it with --yes. */
export const registryGcCommand: Command<CollectOptions> = {
  name: 'registry gc',
  group: 'serve',
  summary: 'list unused content of the embedded registry; remove it with --yes',
  description:
    'Show content that no manifest of the embedded registry names; --yes removes it. The registry may be running.',
  options: [
    stateDirOption,
    {
      flags: '--root <directory>',
      summary: 'directory of the layouts, instead of registry in the state directory',
    },
    { flags: '--untagged', summary: 'also manifests without a tag that no other one needs' },
    {
      flags: '--grace <time>',
      summary: 'keep what was written or used within this time',
      default: 3_600_000,
      usually: '1h',
      parse: parseDuration,
    },
    { flags: '-y, --yes', summary: 'remove what is shown, without asking at a terminal' },
    { flags: '-n, --dry-run', summary: 'show what would be removed, and ask nothing' },
  ],
  examples: [
    { words: 'registry gc', does: 'show what would be removed' },
    {
      words: 'registry gc --yes --untagged --grace 7d',
      does: 'remove manifests without a tag too, but nothing younger than a week',
    },
  ],
  async run(session, _, options) {
    const { runRegistryGc } = await import('./run-registry-gc.js');
    await runRegistryGc(session, options);
  },
};

/** `bundles registry deploy`: put a registry into a cluster that reaches none. */
export const registryDeployCommand: Command<DeployOptions> = {
  name: 'registry deploy',
  group: 'serve',
  summary: 'deploy a registry into a cluster',
  description: 'Apply a registry to a cluster, for its bundles resolver to read from.',
  options: [
    { flags: '--context <name>', summary: 'context of the kubeconfig', usually: 'its current one' },
    { flags: '--namespace <name>', summary: 'namespace to put it in', default: 'bundles-registry' },
    { flags: '--image <image>', summary: 'registry image, e.g. one that was loaded onto the nodes' },
    {
      flags: '--timeout <time>',
      summary: 'how long its pod may take to be ready',
      default: 120_000,
      usually: '2m',
      parse: parseDuration,
    },
    { flags: '--print', summary: 'print the objects as YAML and apply nothing' },
  ],
  examples: [
    { words: 'registry deploy --context kind-kind', does: 'apply a registry to a cluster' },
    { words: 'registry deploy --print', does: 'print its objects as YAML' },
  ],
  async run(session, _, options) {
    const { runRegistryDeploy } = await import('./run-registry-deploy.js');
    await runRegistryDeploy(session, options);
  },
};

function positive(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidValue('a number, 1 to 9999999');
}
