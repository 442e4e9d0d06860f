import {
  type AnyCommand,
  type CommandGroup,
  type CommandRow,
  commandGroups,
  type OptionGroup,
  type OptionRow,
  optionGroups,
  optionsOf,
} from '../command.js';
import { projectOptions } from '../options/common-options.js';
import { connectionOptions } from '../options/network-options.js';
import { usageOf } from './command-page.js';
import { wrapText } from './lay-out.js';

const head = `# Options

<!-- Written by npm run reference from the table of commands (src/cli/commands.ts). -->

The arguments and options of every command, as \`npx tekton-bundles COMMAND --help\` lists them.
[Commands](commands.md) describes what each command does, its exit statuses and its JSON. An option takes precedence over its
environment variable.`;

/** Options that many commands take, each set described once. */
interface SharedOptions {
  readonly heading: string;
  readonly intro: string;
  readonly rows: readonly OptionRow[];
}

const everyCommand: CommandRow = { name: '', group: 'job', summary: '', description: '', examples: [] };

const sharedOptions: readonly SharedOptions[] = [
  {
    heading: 'Options of every command',
    intro:
      'Every command takes these. Where a command prints more forms than `text` and `json`, its own table lists them.',
    rows: optionsOf(everyCommand),
  },
  {
    heading: 'Project options',
    intro: 'Most commands that work on one project take these.',
    rows: projectOptions,
  },
  {
    heading: 'Connection options',
    intro: 'Commands that ask a registry take these. `npx tekton-bundles help connection` lists them too.',
    rows: connectionOptions,
  },
];

/** docs/options.md, in the width of a page of docs/. */
export function optionsPage(commands: readonly AnyCommand[], { width }: { readonly width: number }): string {
  const groups = (Object.keys(commandGroups) as CommandGroup[]).map((group) => ({
    heading: commandGroups[group],
    own: commands.filter((command) => command.group === group),
  }));
  const index = groups.map(({ heading, own }) => {
    const links = own.map(({ name }) => `[${name}](#${anchorOf(name)})`);
    return `- ${heading}: ${links.join(' · ')}`;
  });
  return [
    head,
    [...index, `- Shared: ${sharedOptions.map(linkTo).join(' · ')}`].join('\n'),
    ...groups.flatMap(({ own }) => own.map((command) => commandSection(command, width))),
    ...sharedOptions.map(({ heading, intro, rows }) =>
      [`## ${heading}`, intro, optionTable('Options', rows)].join('\n\n'),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function commandSection(command: AnyCommand, width: number): string {
  const { name, description, aliases = [], arguments: words = [] } = command;
  const rows = optionsOf(command);
  const shared = sharedOptions.filter((set) => takesAllOf(rows, set));
  const own = rows.filter((row) => !shared.some((set) => set.rows.some((other) => sameRow(row, other))));
  const groups = Object.keys(optionGroups) as OptionGroup[];
  return [
    `## ${name}`,
    paragraph(description, width),
    `\`\`\`\n${usageOf(command, 'npx tekton-bundles')}\n\`\`\``,
    ...(aliases.length === 0 ? [] : [`Also known as ${aliases.map(code).join(', ')}.`]),
    ...(words.length === 0 ? [] : [table('Arguments', words.map(argumentCells))]),
    ...groups.flatMap((group) => {
      const listed = own.filter((row) => (row.group ?? 'command') === group);
      return listed.length === 0 ? [] : [optionTable(optionGroups[group], listed)];
    }),
    [...shared.map(linkTo), `[description of ${name}](commands.md#${anchorOf(name)})`].join(' · '),
  ].join('\n\n');
}

/** Whether a command takes the whole set; its `--output` may have more forms than that of others. */
function takesAllOf(rows: readonly OptionRow[], set: SharedOptions): boolean {
  return set.rows.every((row) =>
    rows.some((other) => (row.group === 'output' ? row.flags === other.flags : sameRow(row, other))),
  );
}

/** Whether two rows read the same. */
function sameRow(left: OptionRow, right: OptionRow): boolean {
  return left.flags === right.flags && left.group === right.group && meaningOf(left) === meaningOf(right);
}

function optionTable(heading: string, rows: readonly OptionRow[]): string {
  return table(
    heading,
    rows.map((row): [string, string] => [code(row.flags), meaningOf(row)]),
  );
}

function argumentCells(row: NonNullable<CommandRow['arguments']>[number]): [string, string] {
  return [code(row.name), meaningOf(row)];
}

/** The summary, with what else the row holds: choices, default, variable. */
function meaningOf(row: Omit<OptionRow, 'flags' | 'parse'>): string {
  const { summary, choices, required, repeat, variable } = row;
  const preset = defaultOf(row);
  const notes = [
    ...(choices === undefined ? [] : [`one of ${choices.map(code).join(', ')}`]),
    ...(required === true ? ['required'] : []),
    ...(repeat === true ? ['may be repeated'] : []),
    ...(preset === undefined ? [] : [`default ${preset}`]),
    ...(variable === undefined ? [] : [`variable ${code(variable)}`]),
  ];
  return [escaped(summary), ...(notes.length === 0 ? [] : [`(${notes.join('; ')})`])].join(' ');
}

function defaultOf({ choices = [], default: value, usually }: Omit<OptionRow, 'flags' | 'parse'>) {
  if (usually !== undefined) return choices.includes(usually) ? code(usually) : escaped(usually);
  return value === undefined ? undefined : code(String(value));
}

function table(heading: string, rows: readonly (readonly [string, string])[]): string {
  return [
    `| ${heading} | Meaning |`,
    '|---|---|',
    ...rows.map(([left, right]) => `| ${left} | ${right} |`),
  ].join('\n');
}

function linkTo({ heading }: SharedOptions): string {
  return `[${heading.toLowerCase()}](#${anchorOf(heading)})`;
}

function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}

/** A cell of a table ends at a bar, also within code. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

/** Plain text that Markdown shows as it is. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, '\\$&');
}

/** Text broken into lines, none of which begins a list or a heading. */
function paragraph(text: string, width: number): string {
  return wrapText(escaped(text), width)
    .map((line) => line.replace(/^(\d*)([-+#.)]+)(?= |$)/, '$1\\$2'))
    .join('\n');
}
