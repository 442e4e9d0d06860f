import { type Command, Option } from 'commander';
import { optionOr } from '../../open/machine.js';
import type { Project } from '../../project/project.js';
import { readProject } from '../../project/read-project.js';
import type { Context } from '../context.js';

/** What every command takes. */
export interface CommonOptions {
  readonly output: 'text' | 'json';
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
}

/** Adds the options that every command takes; `outputs` names more forms than text and json. */
export function addCommonOptions(
  command: Command,
  { outputs = [] }: { outputs?: readonly string[] } = {},
): Command {
  return command
    .addOption(
      new Option('-o, --output <form>', 'form of the result on standard output')
        .choices(['text', 'json', ...outputs])
        .default('text'),
    )
    .option('-q, --quiet', 'print nothing but the result and errors')
    .option('-v, --verbose', 'tell more on standard error: credential sources, requests, causes')
    .option('--no-color', 'no colours (also by the variable NO_COLOR)');
}

/** The option of every command that serves. */
export function addAllowHost(command: Command): Command {
  return command.option(
    '--allow-host <host>',
    'also answer to clients that know the server by this name (may repeat)',
    collect,
  );
}

/** Adds a value to an option that may be given several times. */
export function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

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
