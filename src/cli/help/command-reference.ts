import {
  type AnyCommand,
  type CommandRow,
  type OptionGroup,
  type OptionRow,
  optionGroups,
  optionsOf,
} from '../command.js';
import { projectOptions } from '../options/common-options.js';
import { connectionOptions } from '../options/network-options.js';
import { usageOf } from './command-page.js';

/** Options that many commands take, each set described once, in docs/reference/options.md. */
interface SharedOptions {
  readonly heading: string;
  readonly rows: readonly OptionRow[];
}

const everyCommand: CommandRow = { name: '', group: 'job', summary: '', description: '', examples: [] };

const sharedOptions: readonly SharedOptions[] = [
  { heading: 'Options of every command', rows: optionsOf(everyCommand) },
  { heading: 'Project options', rows: projectOptions },
  { heading: 'Connection options', rows: connectionOptions },
];

/** Where the page of a command lies, from the root of the repository. */
export function commandFile({ name }: Pick<CommandRow, 'name'>): string {
  return `docs/reference/commands/${name.replaceAll(' ', '-')}.md`;
}

/** The page of a command, its synopsis, options and examples taken from the table of commands. */
export function fillCommandPage(page: string, command: AnyCommand): string {
  const filled = withPart(page, 'synopsis', synopsisOf(command));
  return withPart(withPart(filled, 'options', optionsPart(command)), 'examples', examplesOf(command));
}

/** docs/reference/options.md, with the tables of the options that many commands take. */
export function fillOptionsPage(page: string): string {
  return sharedOptions.reduce(
    (text, { heading, rows }) => withPart(text, heading.toLowerCase(), optionTable('Option', rows)),
    page,
  );
}

function synopsisOf(command: AnyCommand): string {
  const { aliases = [] } = command;
  const also = aliases.length === 0 ? [] : [`Also: ${aliases.map(code).join(', ')}`];
  return [
    `\`\`\`text not-run="the synopsis"\n${usageOf(command, 'npx tekton-bundles')}\n\`\`\``,
    ...also,
  ].join('\n\n');
}

function optionsPart(command: AnyCommand): string {
  const { arguments: words = [] } = command;
  const rows = optionsOf(command);
  const shared = sharedOptions.filter((set) => takesAllOf(rows, set));
  const own = rows.filter((row) => !shared.some((set) => set.rows.some((other) => sameRow(row, other))));
  const groups = Object.keys(optionGroups) as OptionGroup[];
  return [
    ...(words.length === 0 ? [] : [table('Argument', words.map(argumentCells))]),
    ...groups.flatMap((group) => {
      const listed = own.filter((row) => (row.group ?? 'command') === group);
      const heading = group === 'command' ? 'Option' : `${optionGroups[group]} option`;
      return listed.length === 0 ? [] : [optionTable(heading, listed)];
    }),
    `See also: ${shared.map(linkTo).join(' · ')}`,
  ].join('\n\n');
}

function examplesOf({ examples }: AnyCommand): string {
  const lines = examples.flatMap(({ words, does }) => [`# ${does}`, `npx tekton-bundles ${words}`]);
  return ['```sh', ...lines, '```'].join('\n');
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
    ...(preset === undefined ? [] : [`default: ${preset}`]),
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
  return `[${heading.toLowerCase()}](../options.md#${anchorOf(heading)})`;
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

/**
 * A page with another text in the part between `<!-- NAME: written by npm run reference -->` and `<!-- end -->`.
 * @throws Error where the page does not have this part, or has it twice
 */
export function withPart(page: string, name: string, text: string): string {
  const head = `<!-- ${name}: written by npm run reference -->\n`;
  const [before, inside, ...more] = page.split(head);
  const end = inside?.indexOf('<!-- end -->') ?? -1;
  if (inside === undefined || more.length > 0 || end < 0)
    throw new Error(`The page has no part for ${name}, or more than one`);
  return `${before}${head}\n${text}\n\n${inside.slice(end)}`;
}
