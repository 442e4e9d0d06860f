import type { OptionRow } from '../command.js';
import { allowHostOption, type CommonOptions, catalogTokenOption } from './common-options.js';
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
  readonly catalogTokenFile?: string;
  readonly debug?: boolean;
}

export const suiteOptions: readonly OptionRow[] = [
  allowHostOption,
  {
    flags: '-c, --config <file>',
    summary: 'bundles.yaml to work on',
    group: 'project',
    variable: 'BUNDLES_CONFIG',
  },
  {
    flags: '--cluster <kind>',
    summary: 'kind: find a registry that the cluster in the kubeconfig can read',
    choices: ['none', 'kind'],
    default: 'none',
  },
  {
    flags: '--context <name>',
    summary: 'context of the kubeconfig for --cluster',
    usually: 'its current one',
  },
  { flags: '--registry <registry>', summary: 'push to this registry instead of starting one' },
  { flags: '--catalog <url>', summary: 'register in this workflow catalog instead of starting one' },
  { flags: '--no-catalog', summary: 'register nowhere' },
  catalogTokenOption,
  debugOption,
];
