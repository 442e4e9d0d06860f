import type { Command } from 'commander';
import type { Project } from '../../project/project.js';
import { readProject } from '../../project/read-project.js';
import type { Context } from '../context.js';
import { type CommonOptions, optionOr } from './common-options.js';

/** What a command takes that works on one project as it is declared. */
export interface ProjectOptions extends CommonOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly lock?: string;
  readonly catalog?: string;
}

export function addProjectOptions(command: Command): Command {
  return command
    .option('-c, --config <file>', 'bundles.yaml to work on (BUNDLES_CONFIG)')
    .option('--state-dir <directory>', 'state of this machine (BUNDLES_STATE_DIR; default .bundles)')
    .option('--lock <file>', 'lock to read instead of bundles.lock');
}

/** The project that the options name, and where its state and its lock lie. @throws CONFIG_NOT_FOUND, CONFIG_INVALID */
export async function openProject(
  context: Context,
  options: ProjectOptions,
): Promise<{ project: Project; stateDirectory: string | undefined; lockFile: string | undefined }> {
  const catalog = optionOr(options.catalog, context, 'BUNDLES_CATALOG');
  const file = optionOr(options.config, context, 'BUNDLES_CONFIG') ?? 'bundles.yaml';
  return {
    project: await readProject(file, { catalog }, { signal: context.signal }),
    stateDirectory: optionOr(options.stateDir, context, 'BUNDLES_STATE_DIR'),
    lockFile: options.lock,
  };
}
