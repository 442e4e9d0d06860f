import type { AnyCommand } from './command.js';

export interface FoundCommand {
  readonly command: AnyCommand;
  /** The words after its name. */
  readonly rest: readonly string[];
}

/** The command that the words name; `unknownCommand` is the error where there is none. */
export function findCommand(
  words: readonly string[],
  commands: readonly AnyCommand[],
): FoundCommand | undefined {
  const version = commands.find(({ name }) => name === 'version');
  if (version !== undefined && /^(?:--version|-V)$/.test(words[0] ?? ''))
    return { command: version, rest: words.slice(1) };
  for (const length of [1, 2]) {
    const given = words.slice(0, length).join(' ');
    const command = commands.find(({ name, aliases = [] }) => name === given || aliases.includes(given));
    if (command !== undefined) return { command, rest: words.slice(length) };
  }
  return undefined;
}
