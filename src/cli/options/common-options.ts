import { optionOr } from '../../open/machine.js';
import { keepProject } from '../../open/own-values.js';
import type { Project } from '../../project/project.js';
import { readProject } from '../../project/read-project.js';
import type { OptionRow } from '../command.js';
import type { Context } from '../context.js';

/** What every command takes. */
export interface CommonOptions {
  readonly output: 'text' | 'json';
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
}

/** The option of every command that serves. */
export const allowHostOption: OptionRow = {
  flags: '--allow-host <host>',
  summary: 'also accept clients that use this name for the server',
  repeat: true,
};

/** Options that several commands take with one meaning. */
export const stateDirOption: OptionRow = {
  flags: '--state-dir <directory>',
  summary: 'state of this machine',
  group: 'project',
  usually: '.bundles',
  variable: 'BUNDLES_STATE_DIR',
};
export const repositoryOption: OptionRow = {
  flags: '--repository <repository>',
  summary: 'instead of the declared repository',
  group: 'project',
  variable: 'BUNDLES_REPOSITORY',
};
export const tagOption: OptionRow = {
  flags: '--tag <tag>',
  summary: 'instead of the declared tag',
  group: 'project',
  variable: 'BUNDLES_TAG',
};
export const catalogOption: OptionRow = {
  flags: '--catalog <catalog>',
  summary: 'instead of the declared catalog',
  group: 'project',
  variable: 'BUNDLES_CATALOG',
};
export const catalogTokenOption: OptionRow = {
  flags: '--catalog-token-file <file>',
  summary: 'file with the bearer token of the catalog; the variable has the token itself',
  group: 'project',
  variable: 'DATASTORAGE_TOKEN',
};
export const readLockOption: OptionRow = {
  flags: '--lock <file>',
  summary: 'lock to read instead of bundles.lock',
  group: 'project',
};

/** What a command takes that works on one project as it is declared. */
export interface ProjectOptions extends CommonOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly lock?: string;
  readonly catalog?: string;
}

export const projectOptions: readonly OptionRow[] = [
  {
    flags: '-c, --config <file>',
    summary: 'bundles.yaml to work on',
    group: 'project',
    variable: 'BUNDLES_CONFIG',
  },
  stateDirOption,
  readLockOption,
];

/** The project that the options name, and where its state and its lock lie. @throws CONFIG_NOT_FOUND, CONFIG_INVALID */
export async function openProject(
  context: Context,
  options: Omit<ProjectOptions, 'output'>,
): Promise<{ project: Project; stateDirectory: string | undefined; lockFile: string | undefined }> {
  const catalog = optionOr(options.catalog, context, 'BUNDLES_CATALOG');
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  return {
    project: keepProject(context, await readProject(file, { catalog }, { signal: context.signal })),
    stateDirectory: optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR'),
    lockFile: options.lock,
  };
}
