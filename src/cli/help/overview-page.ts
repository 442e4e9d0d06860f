import { type CommandGroup, type CommandRow, commandGroups } from '../command.js';
import { joinParts, type Page, twoColumns, wrapText } from './lay-out.js';

export interface Overview {
  readonly commands: readonly CommandRow[];
  readonly topics: readonly { readonly name: string; readonly summary: string }[];
}

/** All commands in their groups, and the topics of help. */
export function overviewPage({ commands, topics }: Overview, { program, width }: Page): string {
  const groups = Object.keys(commandGroups) as CommandGroup[];
  return joinParts([
    [`Usage: ${program} [-C directory] COMMAND [options] [arguments]`],
    wrapText('Make sure that Tekton bundles exist, match their sources, and are pinned by digest.', width),
    ...groups.map((group) => {
      const own = commands.filter((command) => command.group === group);
      return own.length === 0 ? [] : [`${commandGroups[group]}:`, ...list(own, width)];
    }),
    [
      `More help (${program} help SUBJECT):`,
      ...twoColumns(
        topics.map(({ name, summary }): [string, string] => [name, summary]),
        width,
      ),
    ],
    twoColumns(
      [
        [`${program} COMMAND --help`, 'arguments, options and examples of a command'],
        [`${program} --version`, 'the version'],
      ],
      width,
    ),
  ]);
}

/** The commands that share a first word. */
export function familyPage(word: string, commands: readonly CommandRow[], { program, width }: Page): string {
  return joinParts([
    [`Usage: ${program} ${word} COMMAND [options] [arguments]`],
    ['Commands:', ...list(commands, width)],
    wrapText(`${program} ${word} COMMAND --help shows arguments, options and examples.`, width),
  ]);
}

function list(commands: readonly CommandRow[], width: number): string[] {
  return twoColumns(
    commands.map(({ name, summary }): [string, string] => [name, summary]),
    width,
  );
}
