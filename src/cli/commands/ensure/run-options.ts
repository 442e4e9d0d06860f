import type { EnsureOptions } from '../../../ensure/ensure.js';
import { profileNames } from '../../../ensure/profiles.js';
import { onDifferentChoices } from '../../../publish/policy.js';
import type { ArgumentRow, OptionRow } from '../../command.js';
import {
  type CommonOptions,
  catalogOption,
  catalogTokenOption,
  repositoryOption,
  stateDirOption,
  tagOption,
} from '../../options/common-options.js';
import { connectionOptions } from '../../options/network-options.js';
import { parsePairs } from '../../options/tkn-values.js';
import type { ReportForm } from '../../output/ci/report-form.js';

/** What `ensure` and `check` take: the settings of the library by their names. */
export interface RunOptions extends Omit<CommonOptions, 'output'>, Omit<EnsureOptions, 'verbose' | 'quiet'> {
  readonly output: 'text' | 'json' | ReportForm;
  /** Where the outputs go as variables for later jobs. */
  readonly dotenv?: string;
  /** Where the results of a Task of Tekton go. */
  readonly tektonResults?: string;
  /** Publish without a question. */
  readonly yes?: boolean;
}

/** Forms of the result for CI services. */
export const runForms: readonly ReportForm[] = ['junit', 'codequality'];

export const runArguments: readonly ArgumentRow[] = [
  { name: '[names...]', summary: 'bundles to work on; default: all', complete: 'bundle' },
];

/** The options of a run over a project. */
export const runOptions: readonly OptionRow[] = [
  {
    flags: '--profile <name>',
    summary: 'set the flags of a recipe; other flags take precedence',
    choices: profileNames,
  },
  { flags: '--push', summary: 'also publish bundles with publish: ci outside a CI job' },
  { flags: '--no-push', summary: 'never publish' },
  {
    flags: '--fallback <where>',
    summary: 'embedded, none, or a registry with a path',
    variable: 'BUNDLES_FALLBACK',
  },
  { flags: '--no-fallback', summary: 'fail if the registry cannot serve a bundle' },
  {
    flags: '--on-different <choice>',
    summary: 'what to do if the tag holds other content',
    choices: onDifferentChoices,
    usually: 'fail',
  },
  {
    flags: '--no-keep-old',
    summary: 'do not keep the old digest of an overwritten or moved tag under another tag',
  },
  { flags: '--frozen', summary: 'refuse to change the lock or a schema' },
  { flags: '--require-clean', summary: 'refuse to publish from files that are not committed in git' },
  {
    flags: '--label <key=value>',
    summary: 'label of every config, with --repository or --tag',
    repeat: true,
    parse: pairs('--label'),
  },
  {
    flags: '--annotate <key=value>',
    summary: 'annotation of every manifest, with --repository or --tag',
    repeat: true,
    parse: pairs('--annotate'),
  },
  { flags: '--offline', summary: 'make no network requests; build, pin and fall back' },
  {
    flags: '--ctime <time>',
    summary: "the bundle's created time: YYYY-MM-DD, YYYY-MM-DDTHH:MM:SS or RFC 3339",
    variable: 'SOURCE_DATE_EPOCH',
  },
  {
    flags: '-c, --config <file>',
    summary: 'bundles.yaml to work on',
    group: 'project',
    variable: 'BUNDLES_CONFIG',
    repeat: true,
  },
  repositoryOption,
  tagOption,
  catalogOption,
  catalogTokenOption,
  stateDirOption,
  { flags: '--lock <file>', summary: 'lock to read and write instead of bundles.lock', group: 'project' },
  {
    flags: '--dotenv <file>',
    summary: 'write the result as variables for later jobs of GitLab',
    group: 'output',
  },
  ...connectionOptions,
];

/** Reads pairs as tkn does. */
function pairs(flag: string) {
  return (text: string, previous: unknown): Readonly<Record<string, string>> => ({
    ...(previous as Readonly<Record<string, string>> | undefined),
    ...parsePairs(flag, [text]),
  });
}
