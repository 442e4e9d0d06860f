import {
  type CommandRow,
  type OptionGroup,
  type OptionRow,
  optionGroups,
  optionsOf,
  parseFlags,
} from '../command.js';
import { plainName } from '../parse-arguments.js';
import { joinParts, type Page, twoColumns, wrapText } from './lay-out.js';

/** The page of one command; the connection options only with `all`. */
export function commandPage(command: CommandRow, page: Page & { readonly all: boolean }): string {
  const { program, width, all } = page;
  const rows = optionsOf(command);
  const connects = rows.some(({ group }) => group === 'connection');
  const groups = (Object.keys(optionGroups) as OptionGroup[]).filter(
    (group) => all || group !== 'connection',
  );
  const more =
    connects && !all
      ? [`Connection options: ${program} help connection, or ${program} ${command.name} --help --all`]
      : [];
  return joinParts([
    [usageLine(command, program), ...(command.aliases ?? []).map((alias) => `Also:  ${program} ${alias}`)],
    wrapText(command.description, width),
    argumentLines(command, width),
    ...groups.map((group) => groupLines(group, rows, width)),
    more.flatMap((line) => wrapText(line, width)),
    exampleLines(command, page),
  ]);
}

function usageLine(command: CommandRow, program: string): string {
  return `Usage: ${usageOf(command, program)}`;
}

/** `bundles bump [options] <name> [part]`. */
export function usageOf({ name, arguments: rows = [] }: CommandRow, program: string): string {
  return [program, name, '[options]', ...rows.map((row) => row.name)].join(' ');
}

/** What an option means, with its choices, its default and its variable. */
export function describeOption({
  summary,
  choices,
  default: value,
  usually,
  variable,
  required,
  repeat,
}: OptionRow): string {
  const usual = usually ?? (value === undefined ? undefined : String(value));
  const notes = [
    ...(choices === undefined ? [] : [choices.join(' | ')]),
    ...(required ? ['required'] : []),
    ...(repeat ? ['may be repeated'] : []),
    ...(usual === undefined ? [] : [`default: ${usual}`]),
    ...(variable === undefined ? [] : [variable]),
  ];
  return notes.length === 0 ? summary : `${summary} (${notes.join('; ')})`;
}

/** One group of options, in two columns; none for a group without options. */
export function groupLines(group: OptionGroup, rows: readonly OptionRow[], width: number): string[] {
  const own = rows.filter((row) => (row.group ?? 'command') === group);
  if (own.length === 0) return [];
  // Options without a letter are indented below those with one.
  const shown = own.map((row): [string, string] => [
    parseFlags(row).short === undefined ? `    ${row.flags}` : row.flags,
    describeOption(row),
  ]);
  return [`${optionGroups[group]}:`, ...twoColumns(shown, width)];
}

function argumentLines({ arguments: rows = [] }: CommandRow, width: number): string[] {
  if (rows.length === 0) return [];
  const shown = rows.map((row): [string, string] => {
    const notes = [
      ...(row.choices === undefined ? [] : [row.choices.join(' | ')]),
      ...(row.default === undefined ? [] : [`default: ${row.default}`]),
    ];
    return [plainName(row), notes.length === 0 ? row.summary : `${row.summary} (${notes.join('; ')})`];
  });
  return ['Arguments:', ...twoColumns(shown, width)];
}

/** Examples are to be copied: a long one goes on behind a backslash. */
function exampleLines({ examples }: CommandRow, { program, width }: Page): string[] {
  if (examples.length === 0) return [];
  return [
    'Examples:',
    ...examples.flatMap(({ words, does }) => [
      ...wrapText(does, width - 4).map((line) => `  # ${line}`),
      ...wrapCommand(`${program} ${words}`, width - 2).map((line) => `  ${line}`),
    ]),
  ];
}

/** Breaks a command line at blanks outside of quotes. */
function wrapCommand(text: string, width: number): string[] {
  const words = text.match(/(?:"[^"]*"|\S)+/g) ?? [];
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + word.length + 3 > width) {
      lines.push(`${line} \\`);
      line = `  ${word}`;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
