import { version } from '../../version.js';
import { type AnyCommand, type CommandGroup, commandGroups, type OptionRow, optionsOf } from '../command.js';
import { connectionOptions } from '../options/network-options.js';
import { describeOption } from './command-page.js';
import { exitStatuses } from './topics.js';
import { variables } from './variables.js';

/** The man page bundles(1) in roff, from the table of commands. */
export function manPage(commands: readonly AnyCommand[]): string {
  const groups = Object.keys(commandGroups) as CommandGroup[];
  return [
    `.TH BUNDLES 1 "" "tekton-bundles ${version}" "User Commands"`,
    '.SH NAME',
    'bundles \\- make sure that Tekton bundles exist, match their sources, and are pinned by digest',
    '.SH SYNOPSIS',
    '.B bundles',
    '.RI [ \\-C\\ directory ]\\  COMMAND \\ [ options ]\\ [ arguments ]',
    '.br',
    '.B bundles help',
    '.RI [ COMMAND | SUBJECT ]',
    '.SH DESCRIPTION',
    roff(
      'bundles ensure makes sure that every Tekton bundle a project declares exists on its registry, matches its sources exactly, is pinned by digest and is described by a workflow schema.',
    ),
    '.SH COMMANDS',
    ...groups.flatMap((group) => {
      const own = commands.filter((command) => command.group === group);
      return own.length === 0 ? [] : [`.SS ${quoted(commandGroups[group])}`, ...own.flatMap(commandLines)];
    }),
    '.SH OPTIONS OF EVERY COMMAND',
    ...optionsOf({ ...blank, outputs: [] }).flatMap(optionLines),
    '.SH CONNECTION OPTIONS',
    roff('Every command that queries a registry takes these.'),
    ...connectionOptions.flatMap(optionLines),
    '.SH EXIT STATUS',
    ...exitStatuses.flatMap(([status, meaning]) => [
      '.TP',
      `.B ${status}`,
      roff(meaning.replaceAll('`', '')),
    ]),
    '.SH ENVIRONMENT',
    ...variables.flatMap(({ name, does }) => ['.TP', `.B ${quoted(name)}`, roff(does)]),
    '.SH FILES',
    ...[
      ['bundles.yaml', 'what a project declares'],
      ['bundles.lock', 'the pinned digests; committed'],
      ['.bundles/', 'state of this machine: embedded registry and catalog'],
    ].flatMap(([name = '', does = '']) => ['.TP', `.I ${quoted(name)}`, roff(does)]),
    '',
  ].join('\n');
}

const blank = { name: '', group: 'job', summary: '', description: '', examples: [] } as const;

function commandLines(command: AnyCommand): string[] {
  const words = (command.arguments ?? []).map(({ name }) => name);
  return [
    '.TP',
    `.B ${quoted([command.name, ...words].join(' '))}`,
    roff(command.description),
    '.RS',
    ...(command.options ?? []).filter(({ group }) => group !== 'connection').flatMap(optionLines),
    ...command.examples.flatMap(({ words: line, does }) => [
      '.PP',
      roff(`${does}:`),
      '.nf',
      roff(`  bundles ${line}`),
      '.fi',
    ]),
    '.RE',
  ];
}

function optionLines(row: OptionRow): string[] {
  return ['.TP', `.B ${quoted(row.flags)}`, roff(describeOption(row))];
}

/** An argument of a macro. */
function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\(dq')}"`;
}

/** A line of text: not a request, whatever it begins with. */
function roff(text: string): string {
  const line = escaped(text);
  return /^[.']/.test(line) ? `\\&${line}` : line;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...');
}
