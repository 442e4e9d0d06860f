import { type Command, Option } from 'commander';
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

/** An option's value, else the environment variable that stands for it; an empty variable counts as not set. */
export function optionOr(value: string | undefined, context: Context, variable: string): string | undefined {
  if (value !== undefined) return value;
  const text = context.environment[variable];
  return text === '' ? undefined : text;
}

/** Whether this process belongs to a CI job, by the variable that every CI service sets. */
export function isCi({ environment }: Context): boolean {
  const { CI } = environment;
  return CI !== undefined && CI !== '' && CI !== 'false' && CI !== '0';
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
